import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Bus } from "../bus/bus.ts";
import { failed } from "../cdmb/cdmb.ts";
import { asJson } from "../cdmb/cdmb-service.ts";
import type { ResponseEndpoint, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { COMMAND_RECEIVED, type LocalCommand, type LocalResponse, NO_TOKEN } from "./agent-service.ts";
import { createCommandRoom } from "./command-room.ts";

/** How long a local command may take. */
const LIFETIME = 60_000;
const MARGIN = 10_000;

export interface LocalCommands {
  /** Answers at once; the outcome is published as `agent.response`. */
  take(command: LocalCommand): { accepted: boolean; reply: string };
  settled(): Promise<void>;
}

/**
 * Commands from this hub's own programs and routines. The cloud learns what they changed like any other change of the
 * devices, since it knows nothing of their trace.
 */
export function createLocalCommands(deps: {
  bus: Bus;
  clock: Clock;
  tokenIsValid: () => boolean;
  /** Tells the cloud what a command has changed. */
  report: (managedThingId: string, at: number, endpoints: readonly StateEndpoint[]) => void;
  log: Logger;
}): LocalCommands {
  const { bus, clock, tokenIsValid, report, log } = deps;
  const room = createCommandRoom();
  const work = new Set<Promise<void>>();

  async function run({ traceId, managedThingId, nodeId, endpoints }: LocalCommand): Promise<void> {
    const receivedAt = clock.now();
    const body = asJson({ managedThingId, traceId, within: LIFETIME, endpoints, named: true });
    const answered = await bus
      .request("cdmb", "command", body, { timeout: LIFETIME + MARGIN })
      .catch((error: unknown) => {
        const reason = `the bridge to the radios is not there: ${messageOf(error)}`;
        return asJson({ endpoints: failed(endpoints, 503, reason) });
      });
    const { deviceId, endpoints: outcome } = answered as unknown as {
      deviceId?: string;
      endpoints: ResponseEndpoint[];
    };
    const executedAt = clock.now();
    const changed = changesIn(outcome);
    if (changed.length > 0) report(managedThingId, executedAt, changed);
    const response: LocalResponse = {
      ...{ traceId, managedThingId, receivedAt, executedAt, endpoints: outcome },
      nodeId: nodeId ?? deviceId ?? "",
    };
    bus.publish("agent.response", asJson(response));
  }

  return {
    take(command) {
      const { traceId, managedThingId } = command;
      if (!tokenIsValid()) {
        log.warn({ traceId, managedThingId }, NO_TOKEN);
        return { accepted: false, reply: NO_TOKEN };
      }
      const leave = room.enter(command.endpoints);
      if (!leave) return { accepted: false, reply: "Too many local commands wait, try again later." };
      const done = run(command)
        .catch((error: unknown) => log.error({ traceId, error: messageOf(error) }, "a local command failed"))
        .finally(() => {
          leave();
          work.delete(done);
        });
      work.add(done);
      return { accepted: true, reply: COMMAND_RECEIVED };
    },
    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}

/** The properties of a response, where it has any. */
function changesIn(endpoints: readonly ResponseEndpoint[]): StateEndpoint[] {
  return endpoints
    .map(({ endpointId, capabilities }) => ({
      endpointId,
      capabilities: capabilities.flatMap(({ id, properties }) => (properties?.length ? [{ id, properties }] : [])),
    }))
    .filter(({ capabilities }) => capabilities.length > 0);
}
