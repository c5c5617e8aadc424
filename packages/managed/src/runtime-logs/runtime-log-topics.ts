import type { Bus } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { connectionOpened, type Outcome, type ReservedTopic } from "@hearth/iot";
import { rejectionMessage } from "../device/device-messages.ts";
import { isOwnDevice } from "../device/own-device.ts";
import { DEVICE_LOG_GROUP, type LogSink } from "../event-logs/log-sink.ts";
import type { Messaging } from "../iot-room.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { parseUpload } from "./log-upload.ts";
import { configurationMessage, effective } from "./runtime-log-configuration.ts";
import type { RuntimeLogStore } from "./runtime-log-store.ts";

/** `north/{id}/logs`: what devices upload, into one log stream a device. A PUBACK means that it is durable there. */
export function runtimeLogTopics(deps: {
  clock: Clock;
  log: Logger;
  things: Pick<ThingStore, "get">;
  runtimeLogs: RuntimeLogStore;
  logSink: LogSink;
}): ReservedTopic[] {
  const { clock, log, things, runtimeLogs, logSink } = deps;
  return [
    {
      filter: "north/+/logs",
      deliver: false,
      async handle([id = ""], message, publisher): Promise<Outcome> {
        const now = clock.now();
        const refuse = (code: number, why: string): Outcome => {
          log.info({ managedThingId: id, topic: message.topic, why }, "upload of logs refused");
          const device = { accountId: message.accountId, id };
          return { reply: [rejectionMessage(device, { code, message: why }, now)] };
        };
        const thing = await things.get(publisher, id);
        if (!thing || !isOwnDevice(thing, publisher)) return refuse(404, "Managed Thing resource not found.");
        const stored = await runtimeLogs.get(thing, id);
        if (!effective(stored?.configuration).UploadLog) {
          return refuse(409, "UploadLog is off for this device. PutRuntimeLogConfiguration turns it on.");
        }
        const upload = parseUpload(message.payload, now);
        if ("refused" in upload) return refuse(400, upload.refused);
        const { accountId, region } = thing;
        await logSink.put({ accountId, region }, DEVICE_LOG_GROUP, id, upload.entries);
        return {};
      },
    },
  ];
}

/** Tells a device that comes back what it goes by, where that was ever set. */
export function remindOfRuntimeLogs(deps: {
  bus: Bus;
  clock: Clock;
  log: Logger;
  region: string;
  runtimeLogs: RuntimeLogStore;
  messaging: Pick<Messaging, "direct">;
}): () => void {
  const { bus, clock, log, region, runtimeLogs, messaging } = deps;
  return bus.subscribe(connectionOpened, ({ accountId, thingName }) => {
    if (thingName === undefined) return;
    runtimeLogs.get({ accountId, region }, thingName).then(
      (stored) => {
        if (!stored) return;
        const device = { accountId, id: thingName };
        messaging.direct(thingName, configurationMessage(device, stored.configuration, clock.now()));
      },
      (error: unknown) => log.error({ thingName, error: messageOf(error) }, "runtime log configuration not read"),
    );
  });
}
