import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus } from "../bus/bus.ts";
import type { ThingChanged } from "../cdmb/cdmb-service.ts";
import type { LocalToken } from "../local-token/local-token.ts";
import type { Routine } from "../routines/routine-file.ts";
import { createRoutines } from "../routines/routines.ts";
import type { AgentService, LocalCommand } from "./agent-service.ts";
import { createCloudCommands } from "./cloud-commands.ts";
import { text } from "./command-endpoints.ts";
import type { CommandJournal } from "./command-journal.ts";
import { createEventSpool } from "./event-spool.ts";
import { createLocalCommands } from "./local-commands.ts";
import { createSender } from "./sender.ts";

/** What is under way has this long to end when the agent is stopped. */
const STOP_TIME = 1_000;

export interface Agent {
  service: AgentService;
  /** A local command; answered at once. */
  command(command: LocalCommand): { accepted: boolean; reply: string };
  /** Resolves when nothing is under way and everything that was reported is in the queue to the cloud. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** The edge agent (reference 10.1): commands of the cloud and of the hub itself, and what devices report. */
export function createAgent(deps: {
  bus: Bus;
  journal: CommandJournal;
  token: LocalToken;
  routines: readonly Routine[];
  clock: Clock;
  log: Logger;
}): Agent {
  const { bus, journal, token, clock, log } = deps;
  const sender = createSender({ bus, clock, log });
  const spool = createEventSpool({ send: sender.send, clock, log });
  const cloud = createCloudCommands({ bus, journal, send: sender.send, inOrder: spool.answer, clock, log });
  const tokenIsValid = () => token.state().valid;
  const local = createLocalCommands({ bus, clock, tokenIsValid, report: spool.add, log });
  const routines = createRoutines({ routines: deps.routines, command: local.take, clock, log });

  async function takeToken(message: JsonObject): Promise<void> {
    const jws = message["token"];
    const key = message["key"];
    if (typeof jws !== "string" || typeof key !== "string") throw new Error("token or key is missing");
    const { rw } = await bus.request("config", "read", {});
    const hubId = text(rw as JsonObject, "managed_thing_id");
    if (hubId === undefined) throw new Error("the hub does not know its own id yet");
    await token.accept({ token: jws, key }, hubId);
  }

  const off = [
    bus.subscribe("mqtt.south.control", cloud.take),
    bus.subscribe("mqtt.south.setup", (message) => {
      if (message["messageType"] !== "LOCAL_TOKEN") return;
      takeToken(message).catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, "a local token is not taken");
      });
    }),
    bus.subscribe("mqtt.connection", ({ connected }) => token.connection(connected === true)),
    bus.subscribe("cdmb.changed", (body) => {
      const report = body as unknown as ThingChanged;
      spool.add(report.managedThingId, report.at, report.endpoints);
      routines.changed(report);
    }),
    bus.onPresence((service, there) => {
      if (service !== "mqtt") return;
      if (!there) token.connection(false);
      else {
        bus.request("mqtt", "status", {}).then(
          ({ connected }) => token.connection(connected === true),
          (error: unknown) => log.info({ error: messageOf(error) }, "whether the cloud is reached is not known"),
        );
      }
    }),
  ];
  cloud.resume();

  const service: AgentService = {
    command: async (request) => local.take(request),
    tokenState: async () => token.state(),
    async erase() {
      await token.erase();
      await journal.erase();
      return {};
    },
  };

  async function settled(): Promise<void> {
    await cloud.settled();
    await local.settled();
    await spool.drain();
  }

  return {
    service,
    command: local.take,
    settled,
    async stop() {
      for (const end of off) end();
      // What cannot be handed over in time is in the journal, or read again from the devices at the next start.
      await Promise.race([settled(), new Promise<void>((resolve) => void clock.after(STOP_TIME, resolve))]);
      sender.stop();
      await token.stop();
    },
  };
}
