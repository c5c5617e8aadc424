import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { isObject } from "../agent/command-endpoints.ts";
import type { Bus } from "../bus/bus.ts";
import type { RadioDevice } from "../plugins/protocol-plugin.ts";
import { createDeviceSteps } from "./device-steps.ts";
import { createDiscoveries } from "./discovery.ts";
import { createLabelBook } from "./label-book.ts";
import { createRadios, RADIOS, type Radio } from "./radios.ts";
import type { Records } from "./records.ts";
import { createRemoval } from "./removal.ts";
import { createRequestQueue } from "./request-queue.ts";

/** More requests at once than a home has devices. */
const MOST_REQUESTS = 1100;

export interface Provisioner {
  stop(): void;
  /** Resolves when nothing is under way but what waits for a device, a person or the cloud. */
  settled(): Promise<void>;
  /** What runs and waits, in its order. */
  requests(): string[];
}

/** Orchestrates how devices come and go (reference 10.1); what it must not forget is in `records`. */
export function createProvisioner(deps: { bus: Bus; clock: Clock; log: Logger; records: Records }): Provisioner {
  const { bus, clock, log, records } = deps;
  const radios = createRadios(bus);
  const ends: (() => void)[] = [];
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  const tell = async (message: JsonObject): Promise<void> => {
    if (stopped) throw new Error("the provisioner was stopped");
    await bus.request("mqtt", "send", { channel: "setup", message, durable: true });
  };

  const queue = createRequestQueue({ log, most: MOST_REQUESTS });
  const labels = createLabelBook({ radios, records, clock, log });
  const discoveries = createDiscoveries({ radios, records, tell, clock, log });
  const steps = createDeviceSteps({
    ...{ bus, radios, records, tell, clock, log },
    admits: discoveries.admits,
    found: discoveries.found,
    labelsChanged: () => labels.changed(),
  });
  const removal = createRemoval({ radios, records, steps, tell, log });

  function run(work: () => Promise<void>): void {
    if (stopped) return;
    const done = work().catch((error: unknown) => {
      if (!stopped) log.error({ error: messageOf(error) }, "the provisioner could not do what it was asked");
    });
    underWay.add(done);
    void done.then(() => underWay.delete(done));
  }

  /** What a radio has and what we know of it, brought together. */
  async function reconcile(radio: Radio): Promise<void> {
    const { state } = await radios[radio].health({});
    if (state !== "up" || stopped) return;
    labels.forgotBy(radio);
    const { devices } = await radios[radio].devices({});
    for (const device of devices.filter(({ interviewed }) => interviewed)) await steps.arrived(radio, device, false);
    for (const { deviceId, phase } of records.devices().filter((device) => device.radio === radio)) {
      const isHere = devices.some((device) => device.deviceId === deviceId);
      if (!isHere && (phase === "interviewed" || phase === "joined")) await steps.left(deviceId);
      else await steps.advance(deviceId);
    }
  }

  async function connected(): Promise<void> {
    await bus.request("mqtt", "send", {
      channel: "setup",
      message: { messageType: "DEVICE_PROVISIONING_REQUEST" },
      durable: false,
    });
    for (const { deviceId, phase } of records.devices()) if (phase === "joined") await steps.advance(deviceId);
  }

  function discover(message: JsonObject): void {
    const { discoveryId, discoveryType } = message;
    if (typeof discoveryId !== "string" || typeof discoveryType !== "string") return;
    const rediscovers = discoveryType === "CONTROLLER_CAPABILITY_REDISCOVERY";
    const radio = RADIOS.find((one) => one === discoveryType.toLowerCase());
    if (!rediscovers && !radio) {
      run(() => discoveries.failed(discoveryId, `the hub knows no discovery of type ${discoveryType}`));
      return;
    }
    const taken = queue.push({
      key: `discover ${discoveryId}`,
      what: `${discoveryType} discovery ${discoveryId}`,
      run: (turn) =>
        radio ? discoveries.search(radio, message, turn) : discoveries.rediscover(message, steps.describeAgain),
    });
    if (!taken) run(() => discoveries.failed(discoveryId, "too many requests wait on this hub"));
  }

  function remove(managedThingId: string, isForced: boolean): void {
    const key = `${isForced ? "force" : "remove"} ${managedThingId}`;
    const work = isForced ? removal.force : removal.remove;
    const taken = queue.push({
      key,
      what: `removal of ${managedThingId}`,
      run: (turn) => work(managedThingId, turn).then(() => labels.removed(managedThingId)),
    });
    // The cloud says it again whenever the hub connects.
    if (!taken) log.warn({ managedThingId }, "too many requests wait: the removal was not taken");
  }

  const handlers: Readonly<Record<string, (message: JsonObject) => void>> = {
    DEVICE_DISCOVERY: discover,
    DEVICE_REMOVAL({ managedThingId, force }) {
      if (typeof managedThingId === "string") remove(managedThingId, force === true);
    },
    DEVICE_ADDED({ managedThingId, deviceId }) {
      if (typeof managedThingId !== "string" || typeof deviceId !== "string") return;
      run(() => steps.added(deviceId, managedThingId));
    },
    DEVICE_PROVISIONING(message) {
      run(() => labels.take(message));
    },
    HUB_NETWORK_MODE({ mode }) {
      if (mode === "STANDARD" || mode === "NETWORK_WIDE_EXCLUSION") run(() => records.setNetworkMode(mode));
    },
  };

  function fromCloud(message: JsonObject): void {
    const type = message["messageType"];
    if (typeof type === "string" && Object.hasOwn(handlers, type)) handlers[type]?.(message);
  }

  const ofRadio: Readonly<Record<string, (radio: Radio, body: JsonObject, deviceId: string | undefined) => void>> = {
    interviewing(radio, _body, deviceId) {
      if (deviceId !== undefined) discoveries.interviewing(radio, deviceId);
    },
    joined(radio, { device }) {
      if (!isObject(device) || typeof device["deviceId"] !== "string") return;
      const joined = device as unknown as RadioDevice;
      run(async () => {
        await steps.arrived(radio, joined, true);
        discoveries.interviewed(radio, joined.deviceId);
      });
    },
    failed(radio, { reason }, deviceId) {
      log.warn({ radio, deviceId, reason }, "a device could not be admitted");
      discoveries.gaveUp(radio, deviceId, typeof reason === "string" ? reason : "a device could not be admitted");
      if (deviceId === undefined || records.device(deviceId)) return;
      // It may come again, from the start.
      run(async () => {
        await radios[radio].remove({ deviceId, force: true, seconds: 5 });
      });
    },
    left(_radio, _body, deviceId) {
      if (deviceId !== undefined) run(() => steps.left(deviceId));
    },
    health(radio, { state }) {
      if (state === "up") run(() => reconcile(radio));
    },
  };

  function listen(topic: string, handler: (body: JsonObject) => void): void {
    ends.push(bus.subscribe(topic, handler));
  }
  listen("mqtt.south.setup", fromCloud);
  listen("mqtt.south.rejected", ({ managedThingId, code, message, refused }) => {
    if (typeof managedThingId !== "string" || typeof code !== "number") return;
    const said = isObject(refused) && typeof refused["messageType"] === "string" ? refused["messageType"] : undefined;
    run(() => steps.rejected(managedThingId, code, typeof message === "string" ? message : "no reason", said));
  });
  listen("mqtt.connection", (body) => {
    if (body["connected"] === true) run(connected);
  });
  for (const radio of RADIOS) {
    for (const [word, handler] of Object.entries(ofRadio)) {
      listen(`radio.${radio}.${word}`, (body) => {
        handler(radio, body, typeof body["deviceId"] === "string" ? body["deviceId"] : undefined);
      });
    }
  }
  // What was under way when the hub was stopped goes on.
  run(() => discoveries.interrupted());
  for (const { deviceId, phase, managedThingId, refused } of records.devices()) {
    if (phase === "leaving" && managedThingId !== undefined) remove(managedThingId, false);
    else if (refused !== undefined) {
      // A capability report that the cloud has refused is tried again with each start, and not more often.
      run(async () => {
        await records.edit(deviceId, ({ refused: _before, ...one }) => ({ ...one, phase: "bound" }));
        await steps.advance(deviceId);
      });
    }
  }
  ends.push(
    bus.onPresence((service, there) => {
      const radio = RADIOS.find((one) => service === `radio.${one}`);
      if (stopped || !there) return;
      if (radio) run(() => reconcile(radio));
      if (service === "mqtt") {
        run(async () => {
          const status = await bus.request("mqtt", "status", {});
          if (status["connected"] === true) await connected();
        });
      }
    }),
  );

  function stop(): void {
    stopped = true;
    queue.stop();
    discoveries.stop();
    steps.stop();
    labels.stop();
    for (const end of ends.splice(0)) end();
  }

  return {
    stop,
    requests: () => queue.list(),
    async settled() {
      do {
        await Promise.all(underWay);
        await steps.settled();
        await labels.settled();
      } while (underWay.size > 0);
    },
  };
}
