import { isTopicName, parseSharedFilter } from "@hearth/base";
import type { BrokerLimits, LimitName } from "./limits.ts";

type TopicLimits = Pick<BrokerLimits, "topic" | "slashes" | "shareName">;

/** Whether there are more than `most`; it looks no further. */
function moreSlashes(text: string, most: number): boolean {
  let count = 0;
  for (let i = text.indexOf("/"); i >= 0; i = text.indexOf("/", i + 1)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

/** Bytes are at most three times the UTF-16 units, so most texts need no counting. */
const longerThan = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);

export interface TopicFault {
  reason: string;
  /** Set when the topic is valid and too large for this broker. */
  limit?: LimitName;
}

const NO_TOPIC: TopicFault = { reason: "not a topic name" };
const LONG_TOPIC: TopicFault = { reason: "the topic is too long", limit: "topic" };
const DEEP_TOPIC: TopicFault = { reason: "the topic has too many levels", limit: "slashes" };
const NO_FILTER: TopicFault = { reason: "not a topic filter" };
const LONG_FILTER: TopicFault = { reason: "the filter is too long", limit: "topic" };
const LONG_SHARE: TopicFault = { reason: "the share name is too long", limit: "shareName" };
const DEEP_FILTER: TopicFault = { reason: "the filter has too many levels", limit: "slashes" };

const INGEST = "$aws/rules/";

/** The length of Basic Ingest's `$aws/rules/<rule>/`, which does not count against the limits (reference 1.5). */
function ingestPrefix(topic: string): number {
  return topic.startsWith(INGEST) ? topic.indexOf("/", INGEST.length) + 1 : 0;
}

/** What is wrong with a topic to publish to; undefined when nothing is. */
export function topicFault(topic: string, limits: TopicLimits): TopicFault | undefined {
  if (!isTopicName(topic)) return NO_TOPIC;
  const counted = topic.slice(ingestPrefix(topic));
  if (longerThan(counted, limits.topic)) return LONG_TOPIC;
  return moreSlashes(counted, limits.slashes) ? DEEP_TOPIC : undefined;
}

const SHARE = "$share/";

/** The length of `$share/<name>/`, which does not count against the limits. */
function sharePrefix(filter: string): number {
  return filter.startsWith(SHARE) ? filter.indexOf("/", SHARE.length) + 1 : 0;
}

/**
 * What is wrong with a filter to subscribe to; `$share/<name>/` does not count against its limits. The limits come first:
 * looking at the levels costs as much as there are levels, and a packet has room for hundreds of thousands.
 */
export function filterFault(text: string, limits: TopicLimits): TopicFault | undefined {
  const counted = text.slice(sharePrefix(text));
  if (longerThan(counted, limits.topic)) return LONG_FILTER;
  if (moreSlashes(counted, limits.slashes)) return DEEP_FILTER;
  const shared = parseSharedFilter(text);
  if (shared === undefined) return NO_FILTER;
  return shared.share !== undefined && longerThan(shared.share, limits.shareName) ? LONG_SHARE : undefined;
}
