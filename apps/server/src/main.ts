import { messageOf } from "@hearth/base";
import { announcement } from "./announcement.ts";
import { ConfigurationError, loadConfiguration } from "./configuration.ts";
import { ListenError } from "./listeners/listeners.ts";
import { type Server, startServer } from "./server.ts";
import { StoreError } from "./store.ts";

/** Starts the server, says where things are, and stops it on SIGTERM or SIGINT, also when that comes meanwhile. */
export async function main(): Promise<void> {
  let server: Server | undefined;
  let stopping = false;
  const stop = () => {
    const started = server;
    if (!stopping && started) void end(started);
    stopping = true;
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  try {
    const configuration = loadConfiguration();
    server = await startServer(configuration, { failed: () => process.exit(1) });
    if (stopping) return await end(server);
    const platform = await server.platform();
    // Only where it means something: without a handler a hangup ends the process, as whoever closes a terminal expects.
    if (configuration.listeners.some(({ policyFile }) => policyFile !== undefined)) {
      process.on("SIGHUP", () => void server?.platform().then(({ reload }) => reload()));
    }
    process.stdout.write(`${announcement(platform.file, platform.dataDir, platform.notes)}\n`);
  } catch (error) {
    // What an operator can put right is one line; anything else is a defect and shows where.
    const known = error instanceof ConfigurationError || error instanceof StoreError || error instanceof ListenError;
    process.stderr.write(`hearth: ${known ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  }
}

async function end(server: Server): Promise<void> {
  try {
    await server.stop();
  } catch (error) {
    process.stderr.write(`hearth: not stopped cleanly: ${messageOf(error)}\n`);
    process.exit(1);
  }
  process.exit(0);
}

await main();
