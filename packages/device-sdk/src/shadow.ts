import { type Clock, systemClock } from "@hearth/base";
import { createAnsweredRequests } from "./answered-requests.ts";
import { RequestRejectedError } from "./errors.ts";
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
  const requests = createAnsweredRequests({ agent, clock, timeout, refusal: rejection });

  async function request(operation: "get" | "update" | "delete", body: JsonObject): Promise<JsonObject> {
    await requests.listen(`${topic}/${operation}`);
    return requests.request(`${topic}/${operation}`, body);
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
