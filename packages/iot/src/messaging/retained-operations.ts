import { formatArn, isTopicName } from "@hearth/base";
import { type IotDataOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { decodeToken, encodeToken } from "../storage/page.ts";
import type { RetainedMessages } from "./device-connections.ts";
import type { MessageProperties } from "./message.ts";
import { invalid } from "./message-properties.ts";

/** Retained messages by the API (reference 1.4). */
export interface RetainedOperationsDeps {
  broker: { readonly retained: RetainedMessages };
}

const LONGEST_PAGE = 200;

export function createRetainedOperations({ broker }: RetainedOperationsDeps) {
  return {
    GetRetainedMessage: {
      action: "iot:GetRetainedMessage",
      // Reference 7.
      resources: ({ topic }, request) => [formatArn("iot", request.region, request.accountId, `topic/${topic}`)],
      handle: async ({ topic }, { accountId }) => {
        if (!isTopicName(topic)) throw invalid("topic must be a topic name, without wildcards");
        const found = broker.retained.get(accountId, topic);
        if (found === undefined)
          throw new ServiceError("ResourceNotFoundException", `No message is retained on ${topic}`);
        const { message, storedAt } = found;
        return {
          topic,
          payload: message.payload,
          qos: modelledQos(message.qos),
          lastModifiedTime: storedAt,
          userProperties: userPropertiesOf(message.properties),
        };
      },
    },
    ListRetainedMessages: {
      action: "iot:ListRetainedMessages",
      handle: async ({ nextToken, maxResults = LONGEST_PAGE }, { accountId }) => {
        const [after] = decodeToken(nextToken) ?? [];
        const { messages, next } = await broker.retained.list(accountId, after, maxResults);
        return {
          retainedTopics: messages.map(({ topic, payloadSize, qos, storedAt }) => ({
            topic,
            payloadSize,
            qos: modelledQos(qos),
            lastModifiedTime: storedAt,
          })),
          nextToken: next === undefined ? undefined : encodeToken([next]),
        };
      },
    },
  } satisfies OperationTable<IotDataOperations>;
}

/** AWS knows QoS 0 and 1 only: the answer's member takes no other. */
const modelledQos = (qos: number): number => Math.min(qos, 1);

/** JSON: an array of objects with one member each, as Publish takes it; order and repetition are kept. */
function userPropertiesOf(properties: MessageProperties | undefined): Uint8Array | undefined {
  const pairs = properties?.userProperties;
  if (pairs === undefined || pairs.length === 0) return undefined;
  return Buffer.from(JSON.stringify(pairs.map(([name, value]) => Object.fromEntries([[name, value]]))));
}
