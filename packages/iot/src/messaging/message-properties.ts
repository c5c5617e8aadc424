import { isTopicName } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { MessageProperties } from "./message.ts";

/** Reference 1.5. */
export const PAYLOAD_BYTES = 128 * 1024;
const TOPIC_BYTES = 256;
/** Reference 1.3, "Supported v5 properties". */
const PROPERTY_BYTES = 8 * 1024;
const CONTENT_TYPE_BYTES = 256;
const LONGEST_EXPIRY = 604_800;

export const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

/** Throws `InvalidRequestException` for what is not a topic to publish to. */
export function checkTopic(topic: string): void {
  if (!isTopicName(topic) || Buffer.byteLength(topic) > TOPIC_BYTES) {
    throw invalid(`Topic must be a topic name of at most ${TOPIC_BYTES} bytes, without wildcards`);
  }
}

interface PropertyInput {
  userProperties?: unknown;
  payloadFormatIndicator?: "UNSPECIFIED_BYTES" | "UTF8_DATA";
  contentType?: string;
  responseTopic?: string;
  correlationData?: string;
  messageExpiry?: number;
}

/** Throws `InvalidRequestException`. Undefined when none is given. */
export function propertiesOf(input: PropertyInput): MessageProperties | undefined {
  const properties: MessageProperties = {};
  if (input.userProperties !== undefined) properties.userProperties = userPropertiesOf(input.userProperties);
  if (input.payloadFormatIndicator !== undefined) {
    properties.payloadFormatIndicator = input.payloadFormatIndicator === "UTF8_DATA" ? 1 : 0;
  }
  if (input.contentType !== undefined) {
    if (Buffer.byteLength(input.contentType) > CONTENT_TYPE_BYTES) throw invalid("contentType is too long");
    properties.contentType = input.contentType;
  }
  if (input.responseTopic !== undefined) {
    if (!isTopicName(input.responseTopic) || Buffer.byteLength(input.responseTopic) > TOPIC_BYTES) {
      throw invalid("responseTopic is not a topic name");
    }
    properties.responseTopic = input.responseTopic;
  }
  if (input.correlationData !== undefined) {
    const data = Buffer.from(input.correlationData, "base64");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(input.correlationData) || data.length > PROPERTY_BYTES) {
      throw invalid("correlationData must be base64 of at most 8 KB");
    }
    properties.correlationData = data;
  }
  // Reference 1.3: 0 becomes 1, more than a week is a week.
  if (input.messageExpiry !== undefined) {
    if (input.messageExpiry < 0) throw invalid("messageExpiry is negative");
    properties.messageExpiryInterval = Math.min(Math.max(input.messageExpiry, 1), LONGEST_EXPIRY);
  }
  return Object.keys(properties).length > 0 ? properties : undefined;
}

/** An array of objects with one member each: order and repetition count. */
function userPropertiesOf(given: unknown): [string, string][] {
  const refused = () =>
    invalid("userProperties must be a JSON array of objects with one text member each, 8 KB in all");
  if (!Array.isArray(given)) throw refused();
  let bytes = 0;
  return given.map((entry) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw refused();
    const pairs = Object.entries(entry as Record<string, unknown>);
    const [name, value] = pairs[0] ?? [];
    if (pairs.length !== 1 || name === undefined || typeof value !== "string") throw refused();
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (bytes > PROPERTY_BYTES) throw refused();
    return [name, value];
  });
}
