import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import { failed } from "../cdmb/cdmb.ts";
import type { CommandEndpoint, ResponseEndpoint } from "../plugins/protocol-plugin.ts";
import { parseCommandEndpoints, text, traceIdOf } from "./command-endpoints.ts";
import type { CommandJournal, JournalledAnswer } from "./command-journal.ts";
import { createCommandRoom } from "./command-room.ts";

/** How long a command without `expiresAt` may take: what the platform waits unless configured. */
const LIFETIME = 60_000;
/** What the bridge may take on top of the command's own time, to say that the device did not answer. */
const MARGIN = 10_000;

export interface CloudCommands {
  /** A message of `mqtt.south.control`. */
  take(message: JsonObject): void;
  /** Answers what a restart has interrupted. */
  resume(): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/**
 * Commands of the cloud about devices behind this hub (reference 10.1, "Edge agent"): journal, bridge, journal, answer.
 * One that comes again is answered again and not run again, also after a restart.
 */
export function createCloudCommands(deps: {
  bus: Bus;
  journal: CommandJournal;
  /** Resolves when the message is in the queue to the cloud. */
  send: (message: JsonObject) => Promise<void>;
  /** Runs `hand`, which sends an answer with these values, in the order of the device's messages. */
  inOrder: (managedThingId: string, endpoints: readonly ResponseEndpoint[], hand: () => Promise<void>) => Promise<void>;
  clock: Clock;
  log: Logger;
}): CloudCommands {
  const { bus, journal, send, inOrder, clock, log } = deps;
  const room = createCommandRoom();
  const running = new Set<string>();
  const work = new Set<Promise<void>>();

  function begin(traceId: string, run: () => Promise<void>): void {
    running.add(traceId);
    const done = run()
      .catch((error: unknown) => log.error({ traceId, error: messageOf(error) }, "a command could not be answered"))
      .finally(() => {
        running.delete(traceId);
        work.delete(done);
      });
    work.add(done);
  }

  async function respond({ traceId, managedThingId, endpoints }: JournalledAnswer): Promise<void> {
    const message = { messageType: "DEVICE_COMMAND_RESPONSE", managedThingId, traceId, endpoints };
    await send(message as unknown as JsonObject);
  }

  async function answer(given: JournalledAnswer): Promise<void> {
    // Not being able to write it down is no reason not to say it.
    const written = journal.answer(given).catch((error: unknown) => {
      log.error({ traceId: given.traceId, error: messageOf(error) }, "an answer could not be written down");
    });
    await inOrder(given.managedThingId, given.endpoints, async () => {
      await written;
      await respond(given);
    });
    await journal.sent(given.traceId).catch(() => {});
  }

  async function run(traceId: string, managedThingId: string, endpoints: CommandEndpoint[], until: number) {
    try {
      await journal.begin({ traceId, managedThingId, endpoints });
    } catch (error) {
      log.error({ traceId, error: messageOf(error) }, "a command could not be written down and is refused");
      await respond({ traceId, managedThingId, endpoints: failed(endpoints, 503, "the hub cannot write to its disk") });
      return;
    }
    await answer({ traceId, managedThingId, endpoints: await outcome(traceId, managedThingId, endpoints, until) });
  }

  async function outcome(
    traceId: string,
    managedThingId: string,
    endpoints: CommandEndpoint[],
    until: number,
  ): Promise<ResponseEndpoint[]> {
    const within = Math.round(until - clock.monotonic());
    if (within <= 0) return failed(endpoints, 504, "the time of the command was over before it could be run");
    try {
      const body = { managedThingId, traceId, within, endpoints } as unknown as JsonObject;
      const answered = await bus.request("cdmb", "command", body, { timeout: within + MARGIN });
      return answered["endpoints"] as unknown as ResponseEndpoint[];
    } catch (error) {
      return failed(endpoints, 503, `the bridge to the radios is not there: ${messageOf(error)}`);
    }
  }

  return {
    take(message) {
      if (message["messageType"] !== "DEVICE_COMMAND") return;
      const managedThingId = text(message, "managedThingId");
      // Without it, it is about the hub itself.
      if (managedThingId === undefined) return;
      const traceId = traceIdOf(message);
      const endpoints = parseCommandEndpoints(message["endpoints"]);
      if (traceId === undefined || !endpoints) {
        log.warn({ managedThingId }, "a command of the cloud is malformed and left out");
        return;
      }
      if (running.has(traceId)) return;
      const known = journal.find(traceId);
      if (known) {
        const { answer: given } = known;
        if (given) begin(traceId, () => respond(given));
        return;
      }
      const leave = room.enter(endpoints);
      if (!leave) {
        const busy = { traceId, managedThingId, endpoints: failed(endpoints, 503, "too many commands wait") };
        begin(traceId, () => respond(busy));
        return;
      }
      const until = clock.monotonic() + lifetimeOf(message);
      begin(traceId, () => run(traceId, managedThingId, endpoints, until).finally(leave));
    },

    resume() {
      for (const { traceId, managedThingId, endpoints } of journal.interrupted) {
        const stopped = failed(endpoints, 500, "the hub was restarted while the command ran");
        begin(traceId, async () => {
          await answer({ traceId, managedThingId, endpoints: stopped });
          // What became of it, the device knows.
          await bus.request("cdmb", "refresh", { managedThingId }, { timeout: 60_000 }).catch((error: unknown) => {
            log.info(
              { managedThingId, error: messageOf(error) },
              "the device of an interrupted command cannot be read",
            );
          });
        });
      }
      for (const given of journal.unsent) {
        begin(given.traceId, async () => {
          await respond(given);
          await journal.sent(given.traceId);
        });
      }
    },

    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}

/** The clocks of hub and cloud need not agree: what counts is how long the cloud waits, from the arrival. */
function lifetimeOf(message: JsonObject): number {
  const lifetime = Date.parse(text(message, "expiresAt") ?? "") - Date.parse(text(message, "timestamp") ?? "");
  return Number.isNaN(lifetime) ? LIFETIME : Math.min(lifetime, 24 * 3_600_000);
}
