import { announcement } from "./announcement.ts";
import { ConfigurationError, loadConfiguration } from "./configuration.ts";
import { ListenError } from "./listeners/listeners.ts";
import { startServer } from "./server.ts";
import { StoreError } from "./store.ts";

/** Starts the server, says where things are, and stops it on SIGTERM or SIGINT. */
export async function main(): Promise<void> {
  try {
    const server = await startServer(loadConfiguration(), { failed: () => process.exit(1) });
    const platform = await server.platform();
    process.stdout.write(`${announcement(platform.file, platform.dataDir, platform.notes)}\n`);
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      server.stop().then(
        () => process.exit(0),
        (error) => {
          process.stderr.write(`hearth: not stopped cleanly: ${error instanceof Error ? error.message : error}\n`);
          process.exit(1);
        },
      );
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  } catch (error) {
    // What an operator can put right is one line; anything else is a defect and shows where.
    const known = error instanceof ConfigurationError || error instanceof StoreError || error instanceof ListenError;
    process.stderr.write(`hearth: ${known ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  }
}

await main();
