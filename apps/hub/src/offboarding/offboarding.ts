import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { createRadios, RADIOS, type Radio, removeFrom } from "../provisioner/radios.ts";
import type { JsonFile } from "../state/state.ts";

/** A device is asked to leave for so many seconds, so many at a time. */
const LEAVE = 5;
const TOGETHER = 8;
/** An uplink has this long to bring the next message of the queue to the cloud; then the hub is erased without. */
const ACKNOWLEDGED = 10_000;
/** One that was never up since the hub has started again: a gateway's network takes its time. */
const FIRST_CONNECTION = 600_000;
const LOOK = 250;
/** A step of the hub's own that fails (a full disk) is tried again. */
const RETRY = 30_000;

/** Written before anything is undone: a hub that is killed goes on with it. */
export interface Marker {
  /** The cloud waits for DEVICE_REMOVAL_RESPONSE; not after a factory reset by hand. */
  answer: boolean;
  /** It is in the queue. */
  answered: boolean;
  traceId?: string;
  /** Who is leaving. Not in markers of before, which are about whoever the hub is. */
  managedThingId?: string;
}

/** @throws TypeError for what this program did not write */
export function parseMarker(json: unknown): Marker | null {
  if (json === null) return null;
  const { answer, answered, managedThingId } = json as Partial<Marker>;
  const isText = managedThingId === undefined || typeof managedThingId === "string";
  if (typeof answer !== "boolean" || typeof answered !== "boolean" || !isText) throw new TypeError("it is no marker");
  return json as Marker;
}

/**
 * The end of the hub in its account (reference 10.13): its devices leave, its radios are reset, the cloud is answered,
 * and HubOnboarding erases what identifies it. Each step may be done again.
 */
export function createOffboarding(deps: {
  bus: Bus;
  clock: Clock;
  log: Logger;
  marker: JsonFile<Marker | null>;
  /** No device comes or goes any more. */
  close: () => void;
  /** What was known of devices and labels goes. */
  forget: () => Promise<void>;
  /** The hub is as it left the factory, and may be onboarded again. */
  done: () => void;
}) {
  const { bus, clock, log, marker, close, forget, done } = deps;
  const radios = createRadios(bus);
  let running: Promise<void> | undefined;
  let wasResumed = false;
  let stopped = false;
  let cancel = () => {};

  const pause = (delay: number): Promise<void> =>
    new Promise((resolve) => {
      const end = clock.after(delay, resolve);
      cancel = () => {
        end();
        resolve();
      };
    });

  const respond = (responseCode: number, traceId?: string, reason?: string): Promise<JsonObject> => {
    const message: JsonObject = { messageType: "DEVICE_REMOVAL_RESPONSE", responseCode };
    if (traceId !== undefined) message["traceId"] = traceId;
    if (reason !== undefined) message["errors"] = [{ code: "Fail", message: reason.slice(0, 256) }];
    return bus.request("mqtt", "send", { channel: "setup", message, durable: true });
  };

  const tried = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!stopped) log.warn({ error: messageOf(error) }, `off-boarding: ${what}`);
    }
  };

  /** Z-Wave nodes would need a person at each: the reset of their controller is the end of their network. */
  async function empty(radio: Radio): Promise<void> {
    const { devices } = await radios[radio].devices({});
    const waiting = radio === "zwave" ? [] : [...devices];
    const ask = async () => {
      for (let next = waiting.pop(); next && !stopped; next = waiting.pop()) {
        const { deviceId } = next;
        await tried(`${deviceId} did not leave, and takes itself for this hub's: reset it by hand`, async () => {
          const { outcome, reason } = await removeFrom(radios[radio], { deviceId, force: false, seconds: LEAVE });
          if (outcome === "failed") throw new Error(reason ?? "the radio does not say why");
        });
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, ask));
    await radios[radio].reset({});
  }

  async function unbindAll(): Promise<void> {
    const { devices } = await bus.request("cdmb", "devices", {});
    for (const { deviceId } of devices as { deviceId: string }[]) await bus.request("cdmb", "unbound", { deviceId });
  }

  /** Until the cloud has the answer, or has ended the connection, or takes nothing any more. */
  async function answerTaken(): Promise<void> {
    // Counted by the looks: the clock on the wall may be set at the very moment when the network is back.
    let patience = wasResumed ? FIRST_CONNECTION : ACKNOWLEDGED;
    let left = Number.POSITIVE_INFINITY;
    let wasConnected = false;
    while (!stopped) {
      const status = await bus.request("mqtt", "status", {});
      const queued = Number(status["queued"]);
      // Whom the cloud dismisses it has deleted, though its acknowledgement may have been lost.
      if (queued === 0 || status["dismissed"] === true) return;
      if (status["connected"] === true) {
        if (!wasConnected || queued < left) patience = ACKNOWLEDGED;
        wasConnected = true;
        left = queued;
        // The record is gone, and with it the right to connect: the acknowledgement may have been lost on the way.
      } else if (wasConnected) return;
      if (patience <= 0) {
        log.warn("the cloud does not say that it knows that the hub is off-boarded: delete its managed thing by force");
        return;
      }
      await pause(LOOK);
      patience -= LOOK;
    }
  }

  /** Who the hub is now; none before it is onboarded. */
  async function whoAmI(): Promise<string | undefined> {
    const { rw } = await bus.request("config", "read", {});
    const { managed_thing_id: managedThingId } = rw as JsonObject;
    return typeof managedThingId === "string" ? managedThingId : undefined;
  }

  /** Whether the hub has been given another identity since, which this off-boarding is not about. */
  async function isAnother(): Promise<boolean> {
    const leaving = marker.value?.managedThingId;
    return leaving !== undefined && leaving !== (await whoAmI());
  }

  async function goOn(): Promise<void> {
    const another = await isAnother();
    close();
    // First: an identity that was given since gets its token when it connects.
    await tried("the agent did not forget its token", () => bus.request("agent", "erase", {}));
    const there = new Set<Radio>();
    bus.onPresence((service, isThere) => {
      for (const radio of RADIOS) if (isThere && service === `radio.${radio}`) there.add(radio);
    })();
    await Promise.all([...there].map((radio) => tried(`the ${radio} radio was not reset`, () => empty(radio))));
    if (stopped) return;
    await tried("the bridge did not forget its devices", unbindAll);
    await forget();
    if (another) {
      await marker.replace(null);
      log.warn("the hub was given another identity while it was off-boarded: what the one before had is gone");
      return done();
    }
    await tried("the log's configuration was not reset", () => bus.request("log", "reset", {}));
    const begun = marker.value;
    if (begun?.answer && !begun.answered) {
      await respond(200, begun.traceId);
      await marker.replace({ ...begun, answered: true });
    }
    if (begun?.answer) await answerTaken();
    if (stopped) return;
    await bus.request("config", "erase", {}, { timeout: 60_000 });
    await marker.replace(null);
    log.info("the hub is off-boarded, and may be onboarded again");
    done();
  }

  function begin(): Promise<void> {
    running ??= (async () => {
      while (!stopped && marker.value) {
        try {
          await goOn();
        } catch (error) {
          if (stopped) return;
          log.error({ error: messageOf(error) }, "off-boarding did not get on; it goes on in half a minute");
          await pause(RETRY);
        }
      }
    })().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function offboard(answer: boolean, traceId?: string): Promise<void> {
    if (marker.value) return void begin();
    try {
      const managedThingId = await whoAmI();
      const who = managedThingId === undefined ? {} : { managedThingId };
      await marker.replace({ answer, answered: false, ...(traceId === undefined ? {} : { traceId }), ...who });
    } catch (error) {
      // Nothing was undone: the hub stays what it is.
      log.error({ error: messageOf(error) }, "the hub cannot be off-boarded");
      if (!answer) throw error;
      await respond(500, traceId, `the hub cannot be off-boarded: ${messageOf(error)}`);
      return;
    }
    wasResumed = false;
    void begin();
  }

  const end = bus.subscribe("mqtt.south.setup", ({ messageType, managedThingId, traceId }) => {
    if (messageType !== "DEVICE_REMOVAL" || managedThingId !== undefined || stopped) return;
    log.info("the cloud has deleted this hub: it is off-boarded");
    offboard(true, typeof traceId === "string" ? traceId : undefined).catch((error: unknown) => {
      log.error({ error: messageOf(error) }, "the cloud was not told that the hub cannot be off-boarded");
    });
  });

  return {
    /** Goes on with what was under way when the hub was stopped. */
    resume(): boolean {
      if (!marker.value) return false;
      wasResumed = true;
      void begin();
      return true;
    },
    /** The same by hand, without the cloud's order: a factory reset. */
    factoryReset: (): Promise<void> => offboard(false),
    /** Resolves when none is under way. */
    settled: async (): Promise<void> => running,
    stop(): void {
      stopped = true;
      end();
      cancel();
    },
  };
}
