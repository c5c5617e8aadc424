import { dirname, join } from "node:path";
import { messageOf } from "@hearth/base";
import type { BusMethod } from "../bus/bus.ts";
import { openIpcServer } from "../ipc/ipc-server.ts";
import { createLocalToken, parseTokenRecord } from "../local-token/local-token.ts";
import type { Part } from "../part.ts";
import { type Routine, readRoutines } from "../routines/routine-file.ts";
import { openAppendLog } from "../state/append-log.ts";
import { openJsonFile } from "../state/json-file.ts";
import { createAgent } from "./agent.ts";
import { openCommandJournal } from "./command-journal.ts";

/** The edge agent: bus service `agent`, the IPC socket `aipc.sock`, the local token and routines. */
export function createAgentPart(): Part {
  return {
    name: "Agent",
    async start({ bus, clock, log, directory, settings }) {
      const journalLog = await openAppendLog(join(directory, "commands"));
      const file = await openJsonFile(join(directory, "local-token.json"), parseTokenRecord, null, {
        recover: (error) => log.error({ error: error.message }, "the local token was damaged; its last state is taken"),
      });
      const token = createLocalToken({ file, clock, log });
      const routines = await readRoutines(join(dirname(settings.configPath), "routines.json")).catch(
        (error: unknown): Routine[] => {
          log.error({ error: messageOf(error) }, "no routine runs until the file is right and the hub restarted");
          return [];
        },
      );
      const journal = await openCommandJournal(journalLog, log);
      const agent = createAgent({ bus, journal, token, routines, clock, log });
      const path = join(settings.runDirectory, "aipc.sock");
      const stopAgent = async () => {
        await agent.stop();
        await journalLog.close();
      };
      const ipc = await openIpcServer({ path, bus, command: agent.command, clock, log }).catch(
        async (error: unknown) => {
          await stopAgent();
          throw error;
        },
      );
      const stop = bus.serve("agent", agent.service as unknown as Record<string, BusMethod>);
      return {
        async stop() {
          stop();
          await ipc.close();
          await stopAgent();
        },
      };
    },
  };
}
