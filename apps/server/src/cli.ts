import type { SimulateOptions } from "@hearth/simulator";
import { Command } from "commander";
import { CommandError } from "./command-error.ts";
import { ConfigurationError } from "./configuration.ts";
import type { ConnectorTestOptions } from "./connector-test/command.ts";

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
  .argument(
    "[what]",
    "connectors: a vendor's lamp does the same through connectors; firmware: jobs bring a lamp new firmware; hub: a Zigbee light and a Z-Wave lock through a hub; each with a server of the demo's own",
  )
  .action(async (what?: string) => {
    if (what === undefined) {
      const { demo } = await import("./demo/demo.ts");
      await demo();
    } else if (what === "connectors") {
      const { demoConnectors } = await import("./demo/connectors/connectors.ts");
      await demoConnectors();
    } else if (what === "firmware") {
      const { demoFirmware } = await import("./demo/firmware/firmware.ts");
      await demoFirmware();
    } else if (what === "hub") {
      const { demoHub } = await import("./demo/hub/hub.ts");
      await demoHub();
    } else
      throw new CommandError("there are hearth demo, hearth demo connectors, hearth demo firmware and hearth demo hub");
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

program
  .command("simulate")
  .description("a radio with virtual devices: a hub finds them as it finds real ones")
  .argument("<radio>", "zigbee, zwave or matter")
  .option("--device <type...>", "a device's type, plug:20 for twenty; without it the types are listed")
  .option("--coordinator <kind>", "Zigbee: what the stick is, zstack (as if left out) or ember")
  .option("--port <number>", "where the radio's serial protocol is spoken; a free one if left out")
  .option("--store <file>", "keeps the network over a restart")
  .option("--seed <number>", "the same seed makes the same addresses and labels")
  .option("--sleepy", "devices sleep, and hear what is kept for them when they next ask")
  .option("--secure", "devices join by the key of their label only")
  .action(async (radio: string, options: SimulateOptions) => {
    const { runSimulate } = await import("./simulate.ts");
    await runSimulate(radio, options);
  });

program
  .command("connector")
  .description("what helps to write a connector for a vendor's cloud")
  .command("test")
  .description("play the platform against a connector, and say which clause of the contract it does not keep")
  .argument("<directory>", "the function's code, built")
  .option("--handler <name>", "index.handler, or lambda_function.lambda_handler of Python")
  .option("--runtime <name>", "node, python3, bootstrap or AWS's name; what stands in the directory decides")
  .option("--env <file>", "the function's environment variables, as lines of NAME=value")
  .option("--token <token>", "access token of a user at the vendor; HEARTH_CONNECTOR_TOKEN if left out")
  .option(
    "--vendor-url-env <name>",
    "variable with the vendor's URL, so that the vendor can be made to answer nonsense",
  )
  .option("--ca <file>", "PEM of a CA to be trusted, the vendor's say")
  .option("--keep-user", "leave the last checks out, which revoke the token")
  .option("--json", "print the results as JSON")
  .action(async (directory: string, options: ConnectorTestOptions) => {
    const { connectorTest } = await import("./connector-test/command.ts");
    await connectorTest(directory, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  const told = error instanceof CommandError || error instanceof ConfigurationError;
  process.stderr.write(`hearth: ${told ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
