import { mkdir, rm } from "node:fs/promises";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { ActionError } from "../plugins/action-error.ts";
import type { CreateProtocolPlugin, PluginWord, ProtocolPlugin } from "../plugins/custom-plugin.ts";
import type { RadioDevice } from "../plugins/protocol-plugin.ts";
import { createTokenBucket } from "../plugins/token-bucket.ts";
import { answerOf, toldBy } from "./plugin-answers.ts";

/** A plug-in has so long to start, to stop, and to answer on top of what a request itself takes. */
const START = 30_000;
const STOP = 5_000;
const MARGIN = 2_000;
const QUICK = 5_000;
const INTERVIEW = 60_000;
/** Calls in a row without an answer, after which it is started anew. */
const MOST_HANGS = 3;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;
/** What it may tell unasked: a home full of devices at once, and then as many as the core takes beside all else. */
const TOLD = { burst: 2_000, perSecond: 200 };
/** What is not passed on has a line in the log this often. */
const COMPLAIN = 10_000;

const PROTOCOL = /^[a-z][a-z0-9]{0,23}$/;
/** Those of the hub's own radios. */
const TAKEN = ["zb", "zw", "zigbee", "zwave"];

type Methods = Exclude<keyof ProtocolPlugin, "protocol" | "stop">;
type Call<M extends Methods> = ProtocolPlugin[M];

export interface PluginHost {
  readonly path: string;
  /** Of the plug-in that runs. */
  protocol(): string | undefined;
  /** Why none runs. */
  problem(): string | undefined;
  /** Rejects with code 503 while none runs and 504 when it does not answer in time. */
  ask<M extends Methods>(method: M, request: Parameters<Call<M>>[0]): ReturnType<Call<M>>;
  /** What it says it has, and may have. */
  devices(): Promise<RadioDevice[]>;
  /** Stopped, its directory emptied, started again. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs one plug-in: one that throws or hangs fails what was asked of it, nothing else. What never yields (a loop without
 * end) takes this process with it, which is why plug-ins have one of their own.
 */
export function createPluginHost(deps: {
  path: string;
  load: (path: string) => Promise<unknown>;
  directory: string;
  clock: Clock;
  log: Logger;
  publish: (word: PluginWord, body: JsonObject) => void;
  /** Whether another plug-in runs for this protocol. */
  isTaken: (protocol: string) => boolean;
  /** It runs, or does not any more. */
  changed: () => void;
}): PluginHost {
  const { path, load, directory, clock, publish, isTaken, changed } = deps;
  const log = deps.log.child({ plugin: path });
  let plugin: ProtocolPlugin | undefined;
  /** As it was when it started: a plug-in may not become another. */
  let protocol: string | undefined;
  let problem: string | undefined = "it has not started yet";
  let failures = 0;
  let hangs = 0;
  let stopped = false;
  let cancelRetry = () => {};
  let current: Promise<void> = Promise.resolve();

  function within<T>(what: string, limit: number, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(limit, () => {
        reject(new ActionError("Timeout", `the plug-in ${path} did not ${what} within ${limit} ms`, 504));
      });
      // What throws before its first await throws in here.
      Promise.resolve().then(work).then(resolve, reject).finally(cancel);
    });
  }

  const mayHave = (deviceId: unknown): boolean =>
    typeof deviceId === "string" && protocol !== undefined && deviceId.startsWith(`${protocol}.`);

  const bucket = createTokenBucket(clock, TOLD);
  let leftOut = 0;
  let cancelComplaint: (() => void) | undefined;

  /** A plug-in that says it again and again must not fill the log: the first reason, and how many came after it. */
  function complain(reason: string): void {
    if (cancelComplaint) {
      leftOut++;
      return;
    }
    log.warn({ reason }, "what the plug-in says is not passed on");
    cancelComplaint = clock.after(COMPLAIN, () => {
      cancelComplaint = undefined;
      if (leftOut > 0) log.warn({ leftOut }, "more of what the plug-in says was not passed on");
      leftOut = 0;
    });
  }

  /** Never throws: whoever calls it may have nobody to catch that. */
  function tell(word: PluginWord, said: unknown): void {
    if (!bucket.take()) {
      complain(`it says more than ${TOLD.perSecond} things a second`);
      return;
    }
    try {
      const body = toldBy(word, said);
      const device = body["device"] as JsonObject | undefined;
      const deviceId = word === "joined" ? device?.["deviceId"] : body["deviceId"];
      if (!mayHave(deviceId) && !(word === "failed" && deviceId === undefined)) {
        throw new Error("it is about none of its devices");
      }
      const at = body["at"];
      const isTime = typeof at === "number" && at >= 0 && at <= clock.now() + COMPLAIN;
      publish(word, word === "changed" && !isTime ? { ...body, at: clock.now() } : body);
    } catch (error) {
      complain(thrown(error).message);
    }
  }

  /** Its protocol, when it may run. */
  function protocolOf(started: ProtocolPlugin): string {
    const word: unknown = started.protocol;
    if (typeof word !== "string" || !PROTOCOL.test(word) || TAKEN.includes(word)) {
      throw new Error(`its protocol has to be lower-case letters and digits, and none of ${TAKEN.join(", ")}`);
    }
    if (isTaken(word)) throw new Error(`another plug-in runs for the protocol ${word}`);
    return word;
  }

  async function finish(ended: ProtocolPlugin): Promise<void> {
    await within("stop", STOP, () => ended.stop()).catch((error: unknown) => {
      log.warn({ error: thrown(error).message }, "the plug-in did not stop in order");
    });
  }

  /** The plug-in as it starts; one that comes too late is stopped when it does. */
  async function create(run: CreateProtocolPlugin): Promise<ProtocolPlugin> {
    const told = (word: PluginWord, body: unknown): void => {
      // Who has not begun, or was ended, has nothing to say.
      if (made !== undefined && plugin === made && !stopped) tell(word, body);
    };
    let made: ProtocolPlugin | undefined;
    let isLate = false;
    const making = Promise.resolve().then(() => run({ clock, log, directory, tell: told }));
    making.then(
      (late) => (isLate ? finish(late) : undefined),
      () => {},
    );
    made = await within("start", START, () => making).catch((error: unknown) => {
      isLate = true;
      throw error;
    });
    return made;
  }

  async function start(): Promise<void> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const module = (await load(path)) as { createProtocolPlugin?: CreateProtocolPlugin };
      const run = module.createProtocolPlugin;
      if (typeof run !== "function") throw new Error("it exports no function createProtocolPlugin");
      const started = await create(run);
      try {
        if (stopped) throw new Error("it was stopped");
        protocol = protocolOf(started);
      } catch (error) {
        await finish(started);
        throw error;
      }
      plugin = started;
      problem = undefined;
      failures = 0;
      hangs = 0;
      log.info({ protocol }, "the plug-in runs");
      changed();
    } catch (error) {
      problem = thrown(error).message;
      const delay = Math.min(FIRST_RETRY * 2 ** failures++, LAST_RETRY);
      log.error({ error: problem, retryInMs: delay }, "the plug-in could not start");
      if (!stopped) cancelRetry = clock.after(delay, again);
    }
  }

  function again(): void {
    if (!stopped) current = current.then(start);
  }

  async function end(): Promise<void> {
    const ended = plugin;
    plugin = undefined;
    protocol = undefined;
    if (!ended) return;
    problem ??= "it was stopped";
    await finish(ended);
  }

  function limitOf(method: Methods, request: JsonObject): number {
    if (method === "command") return Number(request["within"]) + MARGIN;
    if (method === "remove") return Number(request["seconds"]) * 1000 + MARGIN;
    return (method === "describe" || method === "state") && request["refresh"] === true ? INTERVIEW : QUICK;
  }

  async function ask(method: Methods, request: JsonObject): Promise<unknown> {
    const asked = plugin;
    if (!asked) throw new ActionError("NoRadio", `the plug-in ${path} does not run: ${problem}`, 503);
    try {
      const run = asked[method] as ((request: JsonObject) => Promise<unknown>) | undefined;
      if (typeof run !== "function") throw new ActionError("Unsupported", `the plug-in ${path} has no ${method}`, 501);
      const answer = await within(`answer ${method}`, limitOf(method, request), () => run.call(asked, request));
      hangs = 0;
      return answerOf(method, answer);
    } catch (failure) {
      const error = thrown(failure);
      const hung = error instanceof ActionError && error.responseCode === 504;
      hangs = hung ? hangs + 1 : 0;
      if (hangs >= MOST_HANGS && plugin === asked) {
        problem = "it stopped answering";
        log.error("the plug-in does not answer any more: it is started anew");
        current = end().then(start);
        changed();
      }
      throw error;
    }
  }

  again();
  return {
    path,
    protocol: () => protocol,
    problem: () => problem,
    ask: ask as PluginHost["ask"],
    async devices() {
      const { devices } = (await ask("devices", {})) as { devices: RadioDevice[] };
      return devices.filter(({ deviceId }) => mayHave(deviceId));
    },
    async reset() {
      await end();
      await rm(directory, { recursive: true, force: true });
      await start();
    },
    async stop() {
      stopped = true;
      cancelRetry();
      cancelComplaint?.();
      await end();
    },
  };
}

/** What a plug-in throws may be anything, and of any length. */
function thrown(what: unknown): Error {
  try {
    const message = messageOf(what).slice(0, 256);
    if (what instanceof ActionError) return new ActionError(what.code, message, what.responseCode);
    const code = (what as { code?: unknown } | undefined)?.code;
    const isCode = typeof code === "string" && code.length <= 64;
    return Object.assign(new Error(message), isCode ? { code } : {});
  } catch {
    return new Error("it throws what has no message");
  }
}
