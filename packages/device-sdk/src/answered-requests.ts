import { type Clock, randomHex } from "@hearth/base";
import { NetworkError } from "./errors.ts";
import { type JsonObject, parseObject, text } from "./json.ts";
import type { MqttAgent } from "./mqtt-agent.ts";

/** Requests on reserved topics, which the platform answers on `…/accepted` or `…/rejected` with their client token. */
export interface AnsweredRequests {
  /** Subscribes to the answers of requests on `filter`, once; rejects with RefusedError. */
  listen(filter: string): Promise<void>;
  /**
   * Resolves to what was accepted. Rejects with what `refusal` makes of a refusal, NetworkError without an answer in time,
   * and the agent's errors. A request that is repeated with its `clientToken` takes the answer to either. `published` is
   * called once the agent has no more to do with it.
   */
  request(
    topic: string,
    body: JsonObject,
    options?: { clientToken?: string | undefined; published?(): void },
  ): Promise<JsonObject>;
}

export function createAnsweredRequests(options: {
  agent: Pick<MqttAgent, "publish" | "subscribe">;
  clock: Clock;
  /** Milliseconds. */
  timeout: number;
  refusal(body: JsonObject): Error;
}): AnsweredRequests {
  const { agent, clock, timeout, refusal } = options;
  const open = new Map<string, (outcome: JsonObject | Error) => void>();
  const listening = new Map<string, Promise<void>>();

  function answer(payload: Buffer, accepted: boolean): void {
    const body = parseObject(payload);
    const token = body && text(body, "clientToken");
    if (!body || token === undefined) return;
    open.get(token)?.(accepted ? body : refusal(body));
  }

  return {
    listen(filter) {
      const present = listening.get(filter);
      if (present) return present;
      const granted = Promise.all([
        agent.subscribe(`${filter}/accepted`, (_topic, payload) => answer(payload, true)),
        agent.subscribe(`${filter}/rejected`, (_topic, payload) => answer(payload, false)),
      ]).then(() => {});
      listening.set(filter, granted);
      granted.catch(() => listening.delete(filter));
      return granted;
    },

    async request(topic, body, { clientToken = randomHex(8), published = () => {} } = {}) {
      let settle: ((outcome: JsonObject | Error) => void) | undefined;
      try {
        return await new Promise<JsonObject>((resolve, reject) => {
          const silence = clock.after(timeout, () => reject(new NetworkError(`no answer to ${topic}`)));
          settle = (outcome) => {
            silence();
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
          };
          open.set(clientToken, settle);
          agent.publish(topic, JSON.stringify({ ...body, clientToken })).then(published, (error: unknown) => {
            silence();
            reject(error);
          });
        });
      } finally {
        if (open.get(clientToken) === settle) open.delete(clientToken);
      }
    },
  };
}
