import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, messageOf, systemClock } from "@hearth/base";
import type { CCAPI, CommandClass, Driver, ZWaveNode } from "zwave-js";
import {
  type DpkEvents,
  type DpkNode,
  NetworkLostError,
  NotReachedError,
  RadioGoneError,
  RefusedError,
  type ZWaveDpk,
} from "./dpk.ts";
import { eraseNetworkKeys, openNetworkKeys } from "./network-keys.ts";
import { sendUntilDecoded } from "./undecoded.ts";
import { createJoining, type Joining, type JoiningTimes } from "./zwave-js-joining.ts";
import { hearNodeInfoFailures } from "./zwave-js-node-info.ts";
import { dskOfKey, endpointOf, jsonOf, nameOf, valueIdOf } from "./zwave-js-values.ts";

type Library = typeof import("zwave-js");

async function loadLibrary(): Promise<Library> {
  const { prepareStackTrace } = Error;
  const loaded = await import("zwave-js");
  // It would show places in its own sources, and for that keeps every file that an error has come through: 5 MB.
  Error.prepareStackTrace = prepareStackTrace;
  return loaded;
}

/** A controller that does not say what it is by then does not at all. */
const STARTED = 30_000;
/** The driver has so long to end each time it is asked to. */
const ENDING = 1_000;
/** A stick that was told to forget its network says so by then. */
const RESET = 10_000;
/** A node that has not said all of itself by then is asleep or gone. */
const INTERVIEW = 110_000;
const JOINING: JoiningTimes = { begun: 5_000, smartStart: 60_000, keyStep: 30_000 };
/** The command class. */
const NOTIFICATION = 0x71;
/** S2's key classes by the bits of a label. */
const KEY_BITS = 3;

const bootstrapFailures: Readonly<Record<number, string>> = {
  0: "it needs its PIN, the first five digits on its label",
  3: "it has fallen silent in the exchange of keys",
  5: "the device has ended the exchange of keys",
  6: "its PIN is wrong",
};

/**
 * Z-Wave by zwave-js. `port`: a serial device or `tcp://host:port`. Its network, keys and cache live in `directory`.
 * The library takes 100 MB: it is loaded by the first `start`.
 */
export function createZWaveJsDpk(options: {
  port: string;
  directory: string;
  log: Logger;
  times?: JoiningTimes;
}): ZWaveDpk {
  const { port, directory, log, times = JOINING } = options;
  const storage = join(directory, "zwave-js");
  const locks = join(storage, "locks");
  let library: Library | undefined;
  let driver: Driver | undefined;
  let joining: Joining | undefined;
  let events: DpkEvents | undefined;
  let failed: string | undefined;
  let abandon = () => {};
  let starts = 0;

  function running(): Driver {
    if (!driver || failed !== undefined) throw new RadioGoneError("the Z-Wave controller is not reachable");
    return driver;
  }

  function modes(): Joining {
    running();
    return joining as Joining;
  }

  /** The stick is gone: nothing is asked of it any more, and the driver ends. */
  function lose(lost: Driver, reason: string): void {
    if (driver !== lost || failed !== undefined) return;
    failed = reason;
    events?.lost(reason);
    lost.destroy().catch((error) => log.debug({ error: messageOf(error) }, "the driver ended badly"));
  }

  function nodeOf(nodeId: number): ZWaveNode {
    const node = running().controller.nodes.get(nodeId);
    if (!node) throw new NotReachedError(`node ${nodeId} is not in the network`);
    return node;
  }

  function watch(node: ZWaveNode): void {
    const nodeId = node.id;
    const told = (args: { commandClass: number; endpoint?: number; property: string | number }) => {
      const id = { ...args, propertyKey: (args as { propertyKey?: string | number }).propertyKey };
      const value = jsonOf(node, { ...id, endpoint: args.endpoint ?? 0 });
      if (value !== undefined) events?.value(nodeId, args.endpoint ?? 0, args.commandClass, nameOf(id), value);
    };
    node.on("ready", () => events?.interviewed(nodeId));
    node.on("interview failed", (_, { isFinal, errorMessage }) => {
      if (isFinal) events?.interviewFailed(nodeId, errorMessage);
    });
    node.on("value added", (_, args) => told(args));
    node.on("value updated", (_, args) => told(args));
    node.on("notification", (endpoint, commandClass, args) => {
      if (commandClass !== NOTIFICATION) return;
      const { type, event, parameters } = args as { type: number; event: number; parameters?: { userId?: unknown } };
      const user = parameters?.userId;
      events?.notification(nodeId, endpoint.index, { type, event, ...(typeof user === "number" ? { user } : {}) });
    });
    // Commands of classes that the library does not know go to the node and nowhere else.
    const receiver = node as unknown as { handleCommand(received: CommandClass): Promise<void> };
    const handle = receiver.handleCommand.bind(node);
    receiver.handleCommand = async (received) => {
      const { endpointIndex, ccId, ccCommand, payload } = received;
      events?.received(nodeId, endpointIndex, ccId, ccCommand ?? 0, payload);
      await handle(received);
    };
    node.on("alive", () => events?.reachable(nodeId, true));
    node.on("wake up", () => events?.reachable(nodeId, true));
    node.on("dead", () => events?.reachable(nodeId, false));
  }

  function watchController(started: Driver): void {
    const { controller } = started;
    controller.on("node added", (node, result) => {
      watch(node);
      const reason = result.lowSecurity
        ? (bootstrapFailures[result.lowSecurityReason] ?? "its keys were not exchanged")
        : undefined;
      events?.added(node.id, reason);
    });
  }

  async function end(): Promise<void> {
    const ending = driver;
    driver = undefined;
    if (!ending) return;
    const ended = ending.destroy().catch((error) => log.debug({ error: messageOf(error) }, "the driver ended badly"));
    if (await within(ENDING, ended)) return;
    // It waits for the interview that is under way, and that for an answer that the ended queues will never bring.
    await ending["destroyTransactionQueues"]("the driver ends", library?.ZWaveErrorCodes.Driver_Destroyed ?? 0);
    if (await within(ENDING, ended)) return;
    // One of its tasks waits without end. The next driver needs the files, which are locked.
    await within(ENDING, ending["closeDatabases"]());
  }

  /** Files of a network: `<home id>.jsonl` and its like. */
  const hasNetwork = async () => (await readdir(storage).catch(() => [])).some((name) => name.endsWith(".jsonl"));

  async function open(): Promise<Driver> {
    if (!library) {
      library = await loadLibrary();
      // Of processes before.
      await rm(locks, { recursive: true, force: true });
    }
    await mkdir(storage, { recursive: true, mode: 0o700 });
    failed = undefined;
    const started = new library.Driver(port, {
      logConfig: { enabled: false },
      // Of its own: a driver whose stick fell silent does not give its locks back, and one process has the directory.
      storage: { cacheDir: storage, lockDir: join(locks, `${++starts}`), throttle: "fast" },
      securityKeys: await openNetworkKeys(directory, await hasNetwork()),
      // Over TCP nothing tells that the stick is back after a reset. Who has it back is the service, here as below.
      features: { softReset: !port.startsWith("tcp://"), unresponsiveControllerRecovery: false },
      // Who opens the port again is the service, and says so meanwhile.
      attempts: { nodeInterview: 2, ...{ openSerialPort: 1 } },
      disableOptimisticValueUpdate: true,
    });
    driver = started;
    const { ZWaveError, ZWaveErrorCodes } = library;
    hearNodeInfoFailures(
      started,
      () => new ZWaveError("the node does not say what it is", ZWaveErrorCodes.Controller_CallbackNOK),
    );
    // The library would wait for the same port itself and say nothing meanwhile; the service does that, and does say.
    started["handleSerialPortClosedUnexpectedly"] = async () => {
      if (ready) lose(started, "the connection to the controller has ended");
      else started.emit("error", new Error("the connection to the controller has ended"));
    };
    let ready = false;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new RadioGoneError(`${port} does not answer`)), STARTED);
      abandon = () => reject(new RadioGoneError("it was stopped"));
      started.on("error", (error) => {
        if (driver !== started) return;
        const reason = messageOf(error);
        if (!ready) reject(new RadioGoneError(reason));
        else if (hasCode(error, "Driver_Failed")) lose(started, reason);
      });
      started.once("driver ready", () => {
        ready = true;
        resolve();
      });
      started
        .start()
        .catch(reject)
        .finally(() => ready && clearTimeout(late));
      started.once("driver ready", () => clearTimeout(late));
    });
    return started;
  }

  /** Runs what a node is asked, and says in our words why it was not done. `run` is told what is left of the time. */
  async function asked<T>(run: (left: number) => Promise<T>, within = Number.POSITIVE_INFINITY): Promise<T> {
    const asking = driver;
    const isUndecoded = (error: unknown) => hasCode(error, "Security2CC_CannotDecode");
    try {
      return await sendUntilDecoded(run, { clock: systemClock, isUndecoded, within });
    } catch (error) {
      if (asking && isSilence(error)) lose(asking, "it does not answer");
      if (failed !== undefined) throw new RadioGoneError("the Z-Wave controller is not reachable");
      if (error instanceof RadioGoneError || error instanceof RefusedError || error instanceof NotReachedError)
        throw error;
      throw new NotReachedError(messageOf(error));
    }
  }

  const hasCode = (error: unknown, name: keyof Library["ZWaveErrorCodes"]): boolean =>
    library !== undefined && error instanceof library.ZWaveError && error.code === library.ZWaveErrorCodes[name];
  /** The stick did not so much as acknowledge, three times. */
  const isSilence = (error: unknown): boolean =>
    hasCode(error, "Controller_Timeout") && (error as { context?: unknown }).context === "ACK";

  /** The commands of a class at an endpoint, which are not sent any more when `within` is over. */
  function api(target: { nodeId: number; endpoint: number; commandClass: number }, within: number) {
    const endpoint = nodeOf(target.nodeId).getEndpoint(target.endpoint);
    if (!endpoint) throw new RefusedError(`node ${target.nodeId} has no endpoint ${target.endpoint}`);
    const commands = endpoint.commandClasses as unknown as Record<number, CCAPI | undefined>;
    const found = commands[target.commandClass];
    if (!found) throw new RefusedError(`the stack has no commands of class ${target.commandClass}`);
    return found.withOptions({ expire: Math.max(1, within) });
  }

  function checkSupervision(result: unknown): void {
    const status = (result as { status?: number } | undefined)?.status;
    // Supervision: 0x00 the class is not supported, 0x02 fail; 0x01 working and 0xff success.
    if (status === 0x00 || status === 0x02) throw new RefusedError("the device has refused");
  }

  return {
    async start(listener) {
      events = listener;
      await end();
      try {
        const started = await open();
        joining = createJoining({
          ...{ driver: started, log, times },
          isCurrent: () => driver === started && failed === undefined,
          events: listener,
        });
        watchController(started);
        for (const node of started.controller.nodes.values()) if (!node.isControllerNode) watch(node);
        return { homeId: started.controller.homeId ?? 0 };
      } catch (error) {
        // The library adds its stack.
        failed = messageOf(error).split("\n", 1)[0] ?? "";
        await end();
        throw error instanceof NetworkLostError ? error : new RadioGoneError(failed);
      }
    },
    async stop() {
      failed ??= "stopped";
      abandon();
      await end();
    },
    ping: () =>
      asked(async () => {
        await running().controller.getSerialApiInitData();
      }),
    nodes() {
      if (!driver || failed !== undefined) return [];
      return [...driver.controller.nodes.values()].filter((node) => !node.isControllerNode).map(describeNode);
    },
    include: (credentials) => modes().include(credentials),
    async provision(entries) {
      const { controller } = running();
      const wanted = new Map(entries.map((entry) => [entry.dsk, entry]));
      for (const { dsk, nodeId } of controller.getProvisioningEntries()) {
        if (nodeId === undefined && !wanted.has(dsk)) controller.unprovisionSmartStartNode(dsk);
      }
      for (const { dsk, requestedKeys } of entries) {
        const securityClasses = Array.from({ length: KEY_BITS }, (_, bit) => bit).filter(
          (bit) => (requestedKeys >> bit) & 1,
        );
        // Whoever was included before and comes again as new is to be taken again.
        const known = controller.getProvisioningEntry(dsk);
        if (known?.nodeId !== undefined) controller.unprovisionSmartStartNode(dsk);
        controller.provisionSmartStartNode({ dsk, securityClasses });
      }
    },
    exclude: () => modes().exclude(),
    stopJoining: () => modes().stop(),
    isFailed: (nodeId) => asked(async () => !(await nodeOf(nodeId).ping())),
    removeFailed: (nodeId) => asked(() => running().controller.removeFailedNode(nodeId)),
    interview: (nodeId) =>
      asked(async () => {
        const node = nodeOf(nodeId);
        // Its description is thrown away first: not for a node that will not give another.
        if (!node.canSleep && !(await node.ping())) throw new NotReachedError("it does not answer");
        const done = new Promise<void>((resolve, reject) => {
          node.once("interview completed", () => resolve());
          node.once("interview failed", (_, { errorMessage }) => reject(new NotReachedError(errorMessage)));
        });
        const interviewed = Promise.all([node.refreshInfo(), done]);
        if (!(await within(INTERVIEW, interviewed))) throw new NotReachedError("it has not answered in time");
      }),
    read: (target, within) =>
      asked(async (left) => {
        const node = nodeOf(target.nodeId);
        const id = valueIdOf(target);
        const { property, propertyKey } = id;
        const pollable = api(target, left);
        if (pollable.pollValue) await pollable.pollValue({ property, propertyKey });
        return jsonOf(node, id);
      }, within),
    write: (target, value, within) =>
      asked(async (left) => {
        const { property, propertyKey } = valueIdOf(target);
        const settable = api(target, left);
        if (!settable.setValue) throw new RefusedError("the value cannot be set");
        checkSupervision(await settable.setValue({ property, propertyKey }, value as never));
      }, within),
    command: ({ command, ...target }, fields, within) =>
      asked(async (left) => {
        const multilevel = api(target, left) as unknown as MultilevelCommands;
        if (command === "set") {
          const { targetValue, seconds } = fields;
          const duration = typeof seconds === "number" ? `${seconds}s` : undefined;
          checkSupervision(await multilevel.set(Number(targetValue), duration));
        } else if (command === "start") {
          const direction = fields["up"] === true ? "up" : "down";
          checkSupervision(await multilevel.startLevelChange({ direction, ignoreStartLevel: true }));
        } else checkSupervision(await multilevel.stopLevelChange());
      }, within),
    send: ({ nodeId, endpoint, commandClass, command }, payload, within) =>
      asked(async (left) => {
        const sender = running();
        const { CommandClass: Raw } = library as Library;
        const raw = new Raw({
          nodeId,
          endpointIndex: endpoint,
          ccId: commandClass,
          ccCommand: command,
          payload: Uint8Array.from(payload),
        });
        await sender.sendCommand(raw, { expire: Math.max(1, left) });
      }, within),
    async reset() {
      if (driver && failed === undefined) {
        const { controller } = driver as unknown as { controller: { hardReset(): Promise<void> } };
        const done = controller
          .hardReset()
          .catch((error) => log.warn({ error: messageOf(error) }, "the Z-Wave controller did not forget its network"));
        await within(RESET, done);
      }
      failed ??= "it was reset";
      await end();
      await rm(storage, { recursive: true, force: true });
      await eraseNetworkKeys(directory);
    },
  };

  function describeNode(node: ZWaveNode): DpkNode {
    const { manufacturer, label } = node.deviceConfig ?? {};
    return {
      nodeId: node.id,
      ...(node.dsk ? { dsk: dskOfKey(node.dsk) } : {}),
      interviewed: node.ready,
      ...(node.getHighestSecurityClass() === undefined ? { unfinished: true } : {}),
      sleepy: node.canSleep === true,
      // Status 3 is dead; a sleeping node is one that will hear.
      reachable: node.status !== 3,
      ...(manufacturer ? { manufacturer } : {}),
      ...(label ? { model: label } : {}),
      endpoints: node.getAllEndpoints().map((endpoint) => endpointOf(node, endpoint)),
    };
  }
}

async function within(time: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), time);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}

/** Of the multilevel switch's commands, those that tables use. */
interface MultilevelCommands {
  set(level: number, duration?: string): Promise<unknown>;
  startLevelChange(options: { direction: "up" | "down"; ignoreStartLevel: true }): Promise<unknown>;
  stopLevelChange(): Promise<unknown>;
}
