import { messageOf } from "@hearth/base";
import { type CommandRunner, type EndpointResponse, refreshed, runCommand, toWire } from "./command-runner.ts";
import type { JsonObject } from "./json.ts";
import { type Command, quotedBy } from "./message.ts";

export interface CommandDeskOptions extends CommandRunner {
  /** Sends one DEVICE_COMMAND_RESPONSE. */
  respond(traceId: string, endpoints: JsonObject[]): Promise<void>;
}

export interface CommandDesk {
  /** Accepts a command: it runs after those before it, and is answered once for each time that it was delivered. */
  take(command: Command): void;
}

/** Commands that may wait; the platform's own limit in flight is far below. */
const MAX_WAITING = 100;
/** Commands whose answer is remembered, in case they are delivered again. */
const MAX_REMEMBERED = 200;

/** One command at a time, in the order of arrival; none twice (QoS 1 delivers at least once). */
export function createCommandDesk(options: CommandDeskOptions): CommandDesk {
  const { log } = options;
  const answers = new Map<string, EndpointResponse[]>();
  const accepted = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  function respond({ traceId }: Command, response: EndpointResponse[]): void {
    options.respond(traceId, toWire(response)).catch((error: unknown) => {
      log.error({ traceId, error: messageOf(error) }, "a response could not be sent");
    });
  }

  async function run(command: Command, until: number): Promise<void> {
    const { traceId } = command;
    const known = answers.get(traceId);
    const response = known ? await refreshed(options, known) : await runCommand(options, command, until);
    // From here on a repetition is answered again; before, this answer was still to come.
    accepted.delete(traceId);
    answers.set(traceId, response);
    const oldest = answers.keys().next();
    if (answers.size > MAX_REMEMBERED && !oldest.done) answers.delete(oldest.value);
    respond(command, response);
  }

  return {
    take(command) {
      const { traceId } = command;
      if (accepted.has(traceId)) log.info({ traceId }, "delivered again before it is done");
      else if (accepted.size >= MAX_WAITING) {
        log.warn({ traceId }, "too many commands are waiting");
        respond(command, busy(command));
      } else {
        accepted.add(traceId);
        const until = options.clock.now() + (command.lifetime ?? Number.POSITIVE_INFINITY);
        turn = turn
          .then(() => run(command, until))
          .catch((error: unknown) => {
            accepted.delete(traceId);
            log.error({ traceId, error: messageOf(error) }, "a command failed");
          });
      }
    },
  };
}

function busy({ endpoints }: Command): EndpointResponse[] {
  const errors = [{ code: "Busy", message: "too many commands are waiting" }];
  return endpoints.map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map(({ id, actions }) => ({
      id,
      actions: actions.map((action) => ({ name: action.name, ...quotedBy(action), responseCode: 503, errors })),
      properties: [],
    })),
  }));
}
