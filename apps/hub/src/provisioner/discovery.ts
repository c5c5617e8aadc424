import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { isObject } from "../agent/command-endpoints.ts";
import type { RadioHealth } from "../plugins/protocol-plugin.ts";
import type { Tell } from "./device-steps.ts";
import { NAMES, RADIOS, type Radio, type Radios } from "./radios.ts";
import type { DeviceRecord, Records } from "./records.ts";
import type { Turn } from "./request-queue.ts";

/** A discovery keeps its radio open for so long. */
const SECONDS = 120;
/** With others waiting behind it and nothing found it gives way after this. */
const LEAST = 30_000;
/** A radio that is starting has so long to be up, and is asked so often. */
const STARTING = 60_000;
const LOOK = 250;
/** An interview that has begun may end after the radio was closed. */
const LAST_INTERVIEWS = 30_000;
/** A device whose interview fails gets the radio opened again so often. */
const MOST_REOPENED = 2;
/** Devices in one message. */
const AT_ONCE = 100;

export type Discoveries = ReturnType<typeof createDiscoveries>;

interface Job {
  discoveryId: string;
  radio: Radio;
  interviewing: Set<string>;
  found: number;
  reopened: number;
  /** Why the last device that could not be admitted was not. */
  problem?: string;
  changed: () => void;
  reopen: () => void;
}

/** User-guided setup (reference 10.6): a radio is opened, and the cloud is told what joins. One at a time. */
export function createDiscoveries(deps: { radios: Radios; records: Records; tell: Tell; clock: Clock; log: Logger }) {
  const { radios, records, tell, clock, log } = deps;
  let job: Job | undefined;
  let stopped = false;

  async function report(discoveryId: string, devices: readonly DeviceRecord[], end: JsonObject = {}): Promise<void> {
    const message = { messageType: "DEVICE_DISCOVERED", discoveryId };
    for (let from = 0; from + AT_ONCE < devices.length; from += AT_ONCE) {
      await tell({ ...message, devices: devices.slice(from, from + AT_ONCE).map(described) });
    }
    const last = devices.slice(Math.floor(Math.max(devices.length - 1, 0) / AT_ONCE) * AT_ONCE);
    await tell({ ...message, devices: last.map(described), ...end });
  }

  const failed = (discoveryId: string, reason: string): Promise<void> => {
    log.warn({ discoveryId, reason }, "the discovery failed");
    return report(discoveryId, [], { status: "FAILED", reason: reason.slice(0, 256) });
  };

  const unclaimed = (radio: Radio): DeviceRecord[] =>
    records.devices().filter((device) => device.radio === radio && device.phase === "interviewed");

  /** Until its time is over, or it gives way to what waits behind it. */
  function open(current: Job, turn: Turn): Promise<void> {
    return new Promise((resolve) => {
      const began = clock.monotonic();
      const end = () => {
        for (const cancel of timers) cancel();
        current.changed = () => {};
        resolve();
      };
      const look = () => {
        const busy = current.interviewing.size > 0;
        const patient = current.found > 0 ? 0 : LEAST;
        if (stopped || (turn.waiting() && !busy && clock.monotonic() - began >= patient)) end();
      };
      const timers = [clock.after(SECONDS * 1000, end), clock.after(LEAST, look)];
      current.changed = look;
      turn.onWaiting(look);
      look();
    });
  }

  /** Interviews that are under way, a while longer. */
  function finishInterviews(current: Job): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        current.changed = () => {};
        resolve();
      };
      const cancel = clock.after(LAST_INTERVIEWS, end);
      current.changed = () => (stopped || current.interviewing.size === 0) && end();
      current.changed();
    });
  }

  const pause = (delay: number): Promise<void> => new Promise((resolve) => clock.after(delay, resolve));

  /** Of a hub that has just started the radio takes its time. */
  async function healthOf(radio: Radio): Promise<RadioHealth> {
    const until = clock.monotonic() + STARTING;
    for (;;) {
      const health = await radios[radio].health({});
      if (health.state !== "starting" || stopped || clock.monotonic() >= until) return health;
      await pause(LOOK);
    }
  }

  async function search(radio: Radio, message: JsonObject, turn: Turn): Promise<void> {
    const discoveryId = String(message["discoveryId"]);
    const { installCode, customProtocolDetail } = message;
    let began = clock.monotonic();
    const request = () => ({
      seconds: Math.max(1, SECONDS - Math.floor((clock.monotonic() - began) / 1000)),
      ...(typeof installCode === "string" ? { material: installCode } : {}),
      ...(isObject(customProtocolDetail) ? { custom: customProtocolDetail } : {}),
    });
    let current: Job | undefined;
    try {
      await records.setDiscovery(discoveryId);
      const { state, reason } = await healthOf(radio);
      if (stopped) return;
      if (state !== "up") return await failed(discoveryId, reason ?? `the ${NAMES[radio]} radio is ${state}`);
      began = clock.monotonic();
      const reopen = () => {
        radios[radio].open(request()).catch((error: unknown) => {
          log.warn({ discoveryId, error: messageOf(error) }, "the radio could not be opened again");
        });
      };
      const nothing = { interviewing: new Set<string>(), found: 0, reopened: 0 };
      current = { discoveryId, radio, ...nothing, changed: () => {}, reopen };
      job = current;
      await radios[radio].open(request());
      const known = unclaimed(radio);
      if (known.length > 0) await report(discoveryId, known);
      await open(current, turn);
      await radios[radio].close({});
      await finishInterviews(current);
      if (stopped) return;
      if (current.found === 0 && current.problem !== undefined) await failed(discoveryId, current.problem);
      else await report(discoveryId, [], { status: "SUCCEEDED" });
    } catch (error) {
      if (!stopped) await failed(discoveryId, messageOf(error));
    } finally {
      if (job === current) job = undefined;
      if (!stopped) await records.setDiscovery(undefined);
    }
  }

  return {
    search,
    failed,

    /** CONTROLLER_CAPABILITY_REDISCOVERY: of one device, or of all of a protocol. */
    async rediscover(message: JsonObject, again: (device: DeviceRecord) => Promise<void>): Promise<void> {
      const discoveryId = String(message["discoveryId"]);
      const { managedThingId, protocol } = message;
      const wanted = records
        .devices()
        .filter(
          (device) =>
            ["reported", "active"].includes(device.phase) &&
            (typeof managedThingId === "string"
              ? device.managedThingId === managedThingId
              : typeof protocol !== "string" || device.radio === protocol.toLowerCase()),
        );
      if (typeof managedThingId === "string" && wanted.length === 0) {
        return failed(discoveryId, "the device is not behind this hub");
      }
      const silent: string[] = [];
      for (const device of wanted) {
        await again(device).catch((error: unknown) => {
          log.warn({ deviceId: device.deviceId, error: messageOf(error) }, "the device did not describe itself");
          silent.push(device.deviceId);
        });
      }
      if (silent.length === 0) return report(discoveryId, [], { status: "SUCCEEDED" });
      return failed(discoveryId, `${silent.length} of ${wanted.length} devices did not answer: ${silent.join(", ")}`);
    },

    /** What was running when the hub was stopped. */
    async interrupted(): Promise<void> {
      const discoveryId = records.discovery();
      if (discoveryId === undefined) return;
      for (const radio of RADIOS) await radios[radio].close({}).catch(() => {});
      await failed(discoveryId, "the hub was restarted while it searched");
      await records.setDiscovery(undefined);
    },

    /** Whether what joins this radio now may be found. */
    admits: (radio: Radio): boolean => job?.radio === radio,

    interviewing(radio: Radio, deviceId: string): void {
      if (job?.radio === radio) job.interviewing.add(deviceId);
    },

    /** Its interview is over: whether it is one of the discovery's findings the caller knows. */
    async found(device: DeviceRecord): Promise<void> {
      if (job?.radio !== device.radio) return;
      job.found++;
      await report(job.discoveryId, [device]);
    },

    interviewed(radio: Radio, deviceId: string): void {
      if (job?.radio !== radio || !job.interviewing.delete(deviceId)) return;
      job.changed();
    },

    /** A device could not be admitted: the discovery gives it another chance, though not for ever. */
    gaveUp(radio: Radio, deviceId: string | undefined, reason: string): void {
      if (job?.radio !== radio) return;
      job.problem = reason;
      if (deviceId !== undefined) job.interviewing.delete(deviceId);
      if (job.reopened++ < MOST_REOPENED) job.reopen();
      job.changed();
    },

    stop(): void {
      stopped = true;
      job?.changed();
    },
  };
}

/** As the platform takes it: names within its alphabets, or none. */
function described({ deviceId, name, brand, model, deviceTypes }: DeviceRecord): JsonObject {
  const within = (text: string | undefined, others: RegExp): string | undefined =>
    text?.replace(others, " ").replace(/\s+/g, " ").trim().slice(0, 128) || undefined;
  const names = {
    name: within(name, /[^\p{L}\p{N} ._-]+/gu),
    brand: within(brand, /[^A-Za-z0-9-_ ]+/g),
    model: within(model, /[^A-Za-z0-9-_ ]+/g),
  };
  const types = deviceTypes.slice(0, 50).flatMap((type) => within(type, /[^a-zA-Z0-9=_. ,@+\-/]+/g) ?? []);
  const known = Object.entries(names).filter(([, text]) => text !== undefined);
  return { deviceId, deviceTypes: types, ...(Object.fromEntries(known) as JsonObject) };
}
