import { type Logger, messageOf } from "@hearth/base";
import type { CommandClass, Driver, ZWaveController } from "zwave-js";
import { BusyError, type DpkEvents } from "./dpk.ts";

/** zwave-js' InclusionState. */
const IDLE = 0;
const INCLUDING = 1;
/** zwave-js' InclusionStrategy. */
const DEFAULT = 0;
const SMART_START = 1;
/** S2 keys; `unauthenticated` is the one that needs no PIN, S0 is for those who have nothing else. */
const UNAUTHENTICATED = 0;
const S0 = 7;
/** The command class Security 2. */
const SECURITY_2 = 0x9f;
/** Between two attempts to go back to SmartStart. */
const PAUSE = 100;

/** Milliseconds. */
export interface JoiningTimes {
  /** A mode of the controller has begun by then, or its stack is busy with something else. */
  begun: number;
  /** A node that has announced itself for SmartStart is in the network by then, or has gone. */
  smartStart: number;
  /** A node that is given its keys takes its next step by then, or has fallen silent. */
  keyStep: number;
}

/** Inclusion, exclusion and SmartStart of one driver, as the porting kit has them. */
export interface Joining {
  include(credentials: { pin?: string; dsk?: string }): Promise<void>;
  exclude(): Promise<void>;
  stop(): Promise<void>;
}

interface Dependencies {
  driver: Driver;
  /** Whether the driver is still the one that runs. */
  isCurrent(): boolean;
  log: Logger;
  events: Pick<DpkEvents, "removed" | "joiningEnded">;
  times: JoiningTimes;
}

/** What the library keeps to itself. */
interface Insides {
  enableSmartStart(): Promise<boolean>;
  stopExclusionNoCallback(): Promise<void>;
  beginInclusionSmartStart(entry: object): Promise<boolean>;
  /** There is one for each exchange of keys, and none otherwise. */
  cancelBootstrapS2Promise?: Promise<unknown>;
}

export function createJoining({ driver, isCurrent, log, events, times }: Dependencies): Joining {
  const { controller } = driver;
  const insides = controller as unknown as Insides;
  calmSmartStart(insides, isCurrent);
  oneAtATime(insides);
  limitSmartStart(controller, times.smartStart, log);
  limitKeyExchange(driver, insides, times.keyStep);
  const ends = watchEnds(controller, insides, events);

  /** The library says false when it is busy, and waits without end when another task is before this one. */
  async function begin(start: () => Promise<boolean>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), times.begun);
    });
    const started = start();
    started.catch(() => {});
    const begun = await Promise.race([started, late]).finally(() => clearTimeout(timer));
    if (!begun) throw new BusyError("the Z-Wave controller is busy with another device");
  }

  return {
    include: ({ pin, dsk }) =>
      begin(() =>
        controller.beginInclusion({
          strategy: DEFAULT,
          userCallbacks: {
            async grantSecurityClasses(asks) {
              // What needs the PIN is not given away without it.
              const securityClasses = asks.securityClasses.filter((one) =>
                pin ? one !== S0 : one === UNAUTHENTICATED,
              );
              return securityClasses.length > 0 ? { ...asks, securityClasses } : false;
            },
            async validateDSKAndEnterPIN(rest) {
              if (!pin || (dsk && !dsk.endsWith(rest))) return false;
              return pin;
            },
            abort() {},
          },
        }),
      ),
    exclude: () => begin(() => controller.beginExclusion()),
    async stop() {
      ends.stopped();
      await controller.stopInclusion();
      await controller.stopExclusion();
    },
  };
}

/**
 * A driver that is gone tries to go back to SmartStart for ever and without a pause, when it was including or
 * excluding at that moment: nothing else in the process would run any more.
 */
function calmSmartStart(controller: Insides, isCurrent: () => boolean): void {
  const enable = controller.enableSmartStart.bind(controller);
  let last = 0;
  let later: NodeJS.Timeout | undefined;
  controller.enableSmartStart = async () => {
    if (!isCurrent()) return false;
    const wait = last + PAUSE - Date.now();
    if (wait <= 0) {
      last = Date.now();
      return await enable();
    }
    later ??= setTimeout(() => {
      later = undefined;
      last = Date.now();
      if (isCurrent()) enable().catch(() => {});
    }, wait);
    later.unref();
    return false;
  };
}

/**
 * SmartStart nodes ask again and again. The library queues each request that comes before the first inclusion has begun, and
 * then waits without end for a node that is in the network already: who comes meanwhile is not heard, and asks again.
 */
function oneAtATime(controller: Insides): void {
  const begin = controller.beginInclusionSmartStart.bind(controller);
  let beginning = false;
  controller.beginInclusionSmartStart = async (entry) => {
    if (beginning) return false;
    beginning = true;
    try {
      return await begin(entry);
    } finally {
      beginning = false;
    }
  };
}

/**
 * The library waits without end for a node that has asked to be let in by SmartStart: one that has lost its power since would
 * keep everybody else out.
 */
function limitSmartStart(controller: ZWaveController, limit: number, log: Logger): void {
  let timer: NodeJS.Timeout | undefined;
  controller.on("inclusion started", (strategy) => {
    clearTimeout(timer);
    if (strategy !== SMART_START) return;
    timer = setTimeout(() => {
      if (controller.inclusionState !== INCLUDING) return;
      log.warn({ seconds: limit / 1000 }, "a Z-Wave device asked to be let in and is silent since: it may ask again");
      controller
        .stopInclusion()
        .catch((error) => log.warn({ error: messageOf(error) }, "the Z-Wave controller did not end the inclusion"));
    }, limit);
    timer.unref();
  });
  controller.on("inclusion state changed", (state) => {
    if (state !== INCLUDING) clearTimeout(timer);
  });
}

/**
 * The library waits for the node's next step for four minutes, which are a person's who looks for the PIN: here it is given
 * before, and nobody else could join meanwhile. It goes on waiting when an exchange of keys has ended early, say for a wrong
 * PIN: the step of whoever joins next would go there, and that exchange wait in vain.
 */
function limitKeyExchange(driver: Driver, controller: Insides, limit: number): void {
  const wait = driver.waitForCommand.bind(driver);
  driver.waitForCommand = ((predicate: (command: CommandClass) => boolean, timeout: number, ...rest: []) => {
    const exchange = controller.cancelBootstrapS2Promise;
    if (!exchange) return wait(predicate as never, timeout, ...rest);
    const current = (command: CommandClass) =>
      (command.ccId !== SECURITY_2 || controller.cancelBootstrapS2Promise === exchange) && predicate(command);
    return wait(current as never, Math.min(timeout, limit), ...rest);
  }) as typeof driver.waitForCommand;
}

/** How an inclusion or exclusion has ended, as far as the library does not tell. */
function watchEnds(controller: ZWaveController, insides: Insides, events: Dependencies["events"]) {
  let running = false;
  let taken = false;
  let told = false;
  const begun = () => {
    running = true;
    taken = false;
    told = false;
  };
  // It is called when a node was taken out, whose ever it was.
  const finish = insides.stopExclusionNoCallback.bind(controller);
  insides.stopExclusionNoCallback = async () => {
    taken = true;
    await finish();
  };
  controller.on("inclusion started", (strategy) => strategy !== SMART_START && begun());
  controller.on("exclusion started", begun);
  controller.on("node added", () => {
    told = true;
  });
  controller.on("node removed", ({ id }) => {
    told = true;
    events.removed(id);
  });
  controller.on("inclusion state changed", (state) => {
    if (state !== IDLE || !running) return;
    running = false;
    // The node that was added is told of next.
    queueMicrotask(() => {
      if (told) return;
      if (taken) events.removed(undefined);
      else events.joiningEnded();
    });
  });
  return {
    stopped() {
      running = false;
    },
  };
}
