import { mkdir, rm } from "node:fs/promises";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { ActionError } from "../plugins/action-error.ts";
import {
  type CreateProtocolPlugin,
  PLUGIN_WORDS,
  type PluginWord,
  type ProtocolPlugin,
} from "../plugins/custom-plugin.ts";
import type { RadioDevice } from "../plugins/protocol-plugin.ts";

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
/** Of what it says, as much as the bus carries with room to spare. */
const MOST_BYTES = 262_144;

const PROTOCOL = /^[a-z][a-z0-9]{0,23}$/;
const DEVICE_ID = /^[A-Za-z0-9.]{1,64}$/;
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
  /** It runs, or does not any more. */
  changed: () => void;
}): PluginHost {
  const { path, load, directory, clock, publish, changed } = deps;
  const log = deps.log.child({ plugin: path });
  let plugin: ProtocolPlugin | undefined;
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

  const mayHave = (deviceId: unknown): deviceId is string =>
    typeof deviceId === "string" &&
    plugin !== undefined &&
    DEVICE_ID.test(deviceId) &&
    deviceId.startsWith(`${plugin.protocol}.`);

  function tell(word: PluginWord, body: JsonObject): void {
    const device = body["device"] as JsonObject | undefined;
    const deviceId = word === "joined" ? device?.["deviceId"] : body["deviceId"];
    const isWhole = PLUGIN_WORDS.includes(word) && (mayHave(deviceId) || (word === "failed" && deviceId === undefined));
    if (stopped || !isWhole || JSON.stringify(body).length > MOST_BYTES) {
      log.warn({ word }, "what the plug-in says is not passed on: it is none of its devices, or too long");
      return;
    }
    publish(word, body);
  }

  async function start(): Promise<void> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const module = (await load(path)) as { createProtocolPlugin?: CreateProtocolPlugin };
      const create = module.createProtocolPlugin;
      if (typeof create !== "function") throw new Error("it exports no function createProtocolPlugin");
      const started = await within("start", START, () => create({ clock, log, directory, tell }));
      if (!PROTOCOL.test(started.protocol) || TAKEN.includes(started.protocol)) {
        await within("stop", STOP, () => started.stop());
        throw new Error(`its protocol has to be lower-case letters and digits, and none of ${TAKEN.join(", ")}`);
      }
      plugin = started;
      problem = undefined;
      failures = 0;
      hangs = 0;
      log.info({ protocol: started.protocol }, "the plug-in runs");
      changed();
    } catch (error) {
      problem = messageOf(error);
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
    if (!ended) return;
    problem ??= "it was stopped";
    await within("stop", STOP, () => ended.stop()).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, "the plug-in did not stop in order");
    });
  }

  function limitOf(method: Methods, request: JsonObject): number {
    if (method === "command") return Number(request["within"]) + MARGIN;
    if (method === "remove") return Number(request["seconds"]) * 1000 + MARGIN;
    return (method === "describe" || method === "state") && request["refresh"] === true ? INTERVIEW : QUICK;
  }

  async function ask(method: Methods, request: JsonObject): Promise<unknown> {
    const asked = plugin;
    if (!asked) throw new ActionError("NoRadio", `the plug-in ${path} does not run: ${problem}`, 503);
    const run = asked[method] as ((request: JsonObject) => Promise<unknown>) | undefined;
    if (typeof run !== "function") throw new ActionError("Unsupported", `the plug-in ${path} has no ${method}`, 501);
    try {
      const answer = await within(`answer ${method}`, limitOf(method, request), () => run.call(asked, request));
      hangs = 0;
      if (typeof answer !== "object" || answer === null) throw new TypeError(`the plug-in ${path} answers no object`);
      return answer;
    } catch (error) {
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
    protocol: () => plugin?.protocol,
    problem: () => problem,
    ask: ask as PluginHost["ask"],
    async devices() {
      const { devices } = (await ask("devices", {})) as { devices: RadioDevice[] };
      if (!Array.isArray(devices)) throw new Error(`the plug-in ${path} has no list of devices`);
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
      await end();
    },
  };
}
