import { isTopicFilter, isTopicName, parseSharedFilter } from "@hearth/base";
import type { BrokerLimits } from "./limits.ts";

type TopicLimits = Pick<BrokerLimits, "topic" | "slashes" | "shareName">;

function slashesIn(text: string): number {
  let count = 0;
  for (let i = text.indexOf("/"); i >= 0; i = text.indexOf("/", i + 1)) count += 1;
  return count;
}

/** Bytes are at most three times the UTF-16 units, so most texts need no counting. */
const longerThan = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);

/** What is wrong with a topic to publish to; undefined when nothing is. */
export function topicFault(topic: string, limits: TopicLimits): string | undefined {
  if (!isTopicName(topic)) return "not a topic name";
  if (longerThan(topic, limits.topic)) return "the topic is too long";
  return slashesIn(topic) > limits.slashes ? "the topic has too many levels" : undefined;
}

/** What is wrong with a filter to subscribe to; `$share/<name>/` does not count against its limits. */
export function filterFault(text: string, limits: TopicLimits): string | undefined {
  const shared = parseSharedFilter(text);
  if (shared === undefined || !isTopicFilter(shared.filter)) return "not a topic filter";
  if (longerThan(shared.filter, limits.topic)) return "the filter is too long";
  if (shared.share !== undefined && longerThan(shared.share, limits.shareName)) return "the share name is too long";
  return slashesIn(shared.filter) > limits.slashes ? "the filter has too many levels" : undefined;
}
