import { Command } from "commander";
import { CommandError } from "./command-error.ts";
import { ConfigurationError } from "./configuration.ts";

const program = new Command("hearth")
  .description("A self-hosted cloud for connected devices that speaks AWS IoT's protocols")
  .showHelpAfterError();

program
  .command("start")
  .description("start the server (what npm start does)")
  .action(async () => {
    await import("./main.ts");
  });

program
  .command("demo")
  .description("against the running server: a new light is provisioned, switched on, watched and removed")
  .action(async () => {
    const { demo } = await import("./demo/demo.ts");
    await demo();
  });

program
  .command("backup")
  .description("copy the running server's database into its data directory")
  .argument("[name]", "name of the backup; the time of day if left out")
  .action(async (name?: string) => {
    const { backup } = await import("./backup/command.ts");
    await backup(name);
  });

program
  .command("restore")
  .description("put a backup in place of the database; a running server takes it over without being restarted")
  .argument("<name>", "name of a backup in the data directory, or a path")
  .action(async (name: string) => {
    const { restore } = await import("./backup/command.ts");
    await restore(name);
  });

try {
  await program.parseAsync();
} catch (error) {
  const told = error instanceof CommandError || error instanceof ConfigurationError;
  process.stderr.write(`hearth: ${told ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
