import { type Clock, randomText } from "@hearth/base";
import { ActionError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** What an app has answered: the action, which need not be the one that was asked for, and its parameters. */
export interface Answer {
  name: string;
  parameters: JsonObject;
}

export interface Requests {
  /**
   * Sends one DEVICE_COMMAND_REQUEST and resolves with the app's answer. Rejects with an ActionError (504) when none
   * comes in time, and with what `send` rejects with.
   */
  ask(
    where: { endpointId: string; capabilityId: string; name: string },
    parameters: JsonObject,
    timeout: number,
  ): Promise<Answer>;
  /** Takes an action that quotes an `actionTraceId`; false when it is not that of an open request. */
  answered(actionTraceId: string, answer: Answer): boolean;
}

/** Characters before the `=`: an actionTraceId has 16 to 20 (reference 6). */
const TRACE_LENGTH = 17;
const MAX_OPEN = 100;

/** Commands that the device starts, by the exchange that their answers quote (reference 7.3, `DEVICE_COMMAND_REQUEST`). */
export function createRequests(deps: { send(endpoints: JsonObject[]): Promise<void>; clock: Clock }): Requests {
  const { send, clock } = deps;
  const open = new Map<string, (answer: Answer) => void>();
  return {
    async ask({ endpointId, capabilityId, name }, parameters, timeout) {
      if (open.size >= MAX_OPEN) throw new ActionError("Busy", `${MAX_OPEN} requests wait for their answer`, 503);
      const actionTraceId = `${randomText(TRACE_LENGTH)}=`;
      let cancel = () => {};
      const answer = new Promise<Answer>((resolve, reject) => {
        open.set(actionTraceId, resolve);
        cancel = clock.after(timeout, () => reject(new ActionError("Timeout", `not answered: ${name}`, 504)));
      });
      try {
        const actions = [{ name, actionTraceId, parameters }];
        // When sending fails nobody waits for the answer.
        answer.catch(() => {});
        await send([{ endpointId, capabilities: [{ id: capabilityId, actions }] }]);
        return await answer;
      } finally {
        cancel();
        open.delete(actionTraceId);
      }
    },

    answered(actionTraceId, answer) {
      const resolve = open.get(actionTraceId.slice(0, actionTraceId.indexOf("=") + 1));
      resolve?.(answer);
      return resolve !== undefined;
    },
  };
}
