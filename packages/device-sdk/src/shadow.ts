import { type Clock, randomHex, systemClock } from "@hearth/base";
import { NetworkError, RequestRejectedError } from "./errors.ts";
import { isObject, type JsonObject, member, parseObject, text } from "./json.ts";
import type { MqttAgent } from "./mqtt-agent.ts";

/** What an update asks for; `null` deletes the member or the section (reference 3.1). */
export interface ShadowUpdate {
  desired?: JsonObject | null;
  reported?: JsonObject | null;
}

export interface Shadow {
  /** The whole document: `state`, `metadata`, `version`, `timestamp`. Rejects with code 404 when there is none. */
  get(): Promise<JsonObject>;
  /** Resolves to what was accepted. With `version`, code 409 unless the document still has it. */
  update(state: ShadowUpdate, version?: number): Promise<JsonObject>;
  delete(): Promise<JsonObject>;
  /** Calls `handler` with the whole delta whenever what is desired differs from what is reported. */
  onDelta(handler: (delta: { state: JsonObject; version: number }) => void): Promise<void>;
}

/**
 * A shadow of the thing: the classic one, or the one called `name`. Requests reject with RequestRejectedError when
 * the platform refuses them, NetworkError when it does not answer in `timeout` milliseconds (10,000).
 */
export function createShadow(options: {
  agent: Pick<MqttAgent, "publish" | "subscribe">;
  thingName: string;
  name?: string;
  timeout?: number;
  clock?: Clock;
}): Shadow {
  const { agent, clock = systemClock, timeout = 10_000 } = options;
  const topic = `$aws/things/${options.thingName}/shadow${options.name === undefined ? "" : `/name/${options.name}`}`;
  const requests = new Map<string, (outcome: JsonObject | Error) => void>();
  const listening = new Map<string, Promise<unknown>>();

  /** Answers carry the client token of their request (reference 3.1). */
  function answer(payload: Buffer, accepted: boolean): void {
    const body = parseObject(payload);
    const token = body && text(body, "clientToken");
    if (!body || token === undefined) return;
    requests.get(token)?.(accepted ? body : rejection(body));
  }

  function listen(operation: string): Promise<unknown> {
    const present = listening.get(operation);
    if (present) return present;
    const granted = Promise.all([
      agent.subscribe(`${topic}/${operation}/accepted`, (_topic, payload) => answer(payload, true)),
      agent.subscribe(`${topic}/${operation}/rejected`, (_topic, payload) => answer(payload, false)),
    ]);
    listening.set(operation, granted);
    granted.catch(() => listening.delete(operation));
    return granted;
  }

  async function request(operation: "get" | "update" | "delete", body: JsonObject): Promise<JsonObject> {
    await listen(operation);
    const clientToken = randomHex(8);
    try {
      return await new Promise<JsonObject>((resolve, reject) => {
        const silence = clock.after(timeout, () => reject(new NetworkError(`no answer to ${topic}/${operation}`)));
        requests.set(clientToken, (outcome) => {
          silence();
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        });
        agent.publish(`${topic}/${operation}`, JSON.stringify({ ...body, clientToken })).catch((error: unknown) => {
          silence();
          reject(error);
        });
      });
    } finally {
      requests.delete(clientToken);
    }
  }

  return {
    get: () => request("get", {}),
    update: (state, version) =>
      request("update", { state: { ...state }, ...(version === undefined ? {} : { version }) }),
    delete: () => request("delete", {}),
    onDelta: (handler) =>
      agent.subscribe(`${topic}/update/delta`, (_topic, payload) => {
        const body = parseObject(payload);
        const state = body && member(body, "state");
        const version = body && member(body, "version");
        if (isObject(state) && typeof version === "number") handler({ state, version });
      }),
  };
}

function rejection(body: JsonObject): RequestRejectedError {
  const code = member(body, "code");
  return new RequestRejectedError(typeof code === "number" ? code : 500, text(body, "message") ?? "no reason given");
}
