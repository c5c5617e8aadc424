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
  .description("a new light is provisioned, switched on, watched and removed, against the running server")
  .argument("[what]", "connectors: a vendor's lamp does the same through connectors, with a server of the demo's own")
  .action(async (what?: string) => {
    if (what === undefined) {
      const { demo } = await import("./demo/demo.ts");
      await demo();
    } else if (what === "connectors") {
      const { demoConnectors } = await import("./demo/connectors/connectors.ts");
      await demoConnectors();
    } else throw new CommandError("there are hearth demo and hearth demo connectors");
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

program
  .command("why")
  .description("say what happened to a client of the running server and why: the last 100 events of its client id")
  .argument("[clientId]", "client id; if left out, who was refused lately")
  .option("--certificate <id>", "find a device by the id (SHA-256) of its certificate, whatever its client id")
  .option("--json", "print the events as JSON")
  .action(async (clientId: string | undefined, options: { certificate?: string; json?: boolean }) => {
    const { why } = await import("./why/command.ts");
    await why(clientId, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  const told = error instanceof CommandError || error instanceof ConfigurationError;
  process.stderr.write(`hearth: ${told ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
