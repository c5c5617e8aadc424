import { formatArn } from "@hearth/base";
import type { IotDataOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { Message } from "./message.ts";
import { checkTopic, invalid, PAYLOAD_BYTES, propertiesOf } from "./message-properties.ts";
import { requestPublisher } from "./publisher.ts";
import { type Router, TopicRefused } from "./router.ts";

/** iot-data Publish: HTTPS into the same router as MQTT (reference 1.4). */
export interface PublishOperationsDeps {
  router: Pick<Router, "publish">;
}

const topicArn = (topic: string, request: RequestContext): string =>
  formatArn("iot", request.region, request.accountId, `topic/${topic}`);

export function createPublishOperations({ router }: PublishOperationsDeps) {
  return {
    Publish: {
      action: "iot:Publish",
      resources: (input, request) => [topicArn(input.topic, request)],
      handle: async (input, request) => {
        checkTopic(input.topic);
        const payload = input.payload ?? new Uint8Array(0);
        if (payload.length > PAYLOAD_BYTES) throw invalid("The payload is larger than 128 KB");
        const retain = input.retain ?? false;
        if (retain) await request.authorize("iot:RetainPublish", topicArn(input.topic, request));
        const message: Message = {
          accountId: request.accountId,
          topic: input.topic,
          payload,
          qos: input.qos === 1 ? 1 : 0,
          retain,
          properties: propertiesOf(input),
        };
        try {
          await router.publish(message, requestPublisher(request));
        } catch (error) {
          if (error instanceof TopicRefused) throw invalid(error.message);
          throw error;
        }
        return {};
      },
    },
  } satisfies OperationTable<IotDataOperations>;
}
