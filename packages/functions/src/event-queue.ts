import type { Database, Outbox } from "@hearth/backplane";
import { BoundedMap, type Logger } from "@hearth/base";
import { functionArn, type Place, type StoredFunction } from "./function.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import type { Invocation } from "./host/deployed-function.ts";
import type { Run } from "./invoke-operation.ts";

const CONSUMER = "function-event";
/** AWS: Lambda retries an asynchronous invocation that fails twice. */
const MOST_FAILURES = 3;
/** Of the consumer's places, for the events of one function. */
const PER_FUNCTION = 8;
const KEPT_FAILURES = 10_000;

export interface EventQueue {
  /** Resolves when it is durable that the function will be invoked. */
  add(stored: StoredFunction, invocation: Invocation): Promise<void>;
}

interface StoredEvent {
  place: Place;
  name: string;
  requestId: string;
  payload: string;
  clientContext?: string;
}

/** Invocations for which nobody waits (InvocationType Event). */
export function createEventQueue(deps: {
  database: Pick<Database, "commit">;
  outbox: Outbox;
  log: Logger;
  registry: FunctionRegistry;
  run: Run;
  stopping(): boolean;
}): EventQueue {
  const { database, outbox, log, registry, run, stopping } = deps;
  /** Failures of the function, by message; that it could not be begun is no failure of its own. */
  const failures = new BoundedMap<string, number>(KEPT_FAILURES);

  outbox.consume(
    CONSUMER,
    async (message, { id }) => {
      const { place, name, requestId, payload, clientContext } = message as StoredEvent;
      const stored = await registry.find(place, name);
      const where = { function: functionArn(place, name), requestId };
      if (!stored) {
        log.info(where, "an event was dropped: its function is gone");
        return;
      }
      const result = await run(stored, { requestId, payload: Buffer.from(payload), clientContext });
      if (result.outcome === "answered") {
        failures.delete(id);
        return;
      }
      if (result.outcome === "throttled" || stopping()) throw new Error("the function could not be run yet");
      const failed = (failures.get(id) ?? 0) + 1;
      failures.set(id, failed);
      if (failed < MOST_FAILURES) throw new Error("the function failed");
      failures.delete(id);
      log.warn({ ...where, attempts: failed }, "an event was given up: its function has failed each time");
    },
    { groupOf: (key) => key.slice(0, key.lastIndexOf(" ")), perGroup: PER_FUNCTION },
  );

  return {
    async add(stored, { requestId, payload, clientContext }) {
      const { accountId, region, name } = stored;
      const event: StoredEvent = {
        place: { accountId, region },
        name,
        requestId,
        payload: Buffer.from(payload).toString("utf8"),
        ...(clientContext === undefined ? {} : { clientContext }),
      };
      await database.commit([outbox.write(CONSUMER, `${functionArn(stored, name)} ${requestId}`, event)]);
      outbox.wake();
    },
  };
}
