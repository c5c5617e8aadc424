// The forwarder: tells the platform what the vendor tells, until SIGTERM.
import { connectorEvents } from "@hearth/connector-sdk";
import { forward } from "./forwarder.ts";
import { settingsFrom } from "./vendor.ts";

async function main(): Promise<number> {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stopping.abort());
  const { CONNECTOR_ID: connectorId, CONNECTOR_FUNCTION_ARN: functionArn } = process.env;
  if (!connectorId && !functionArn) {
    process.stderr.write("forwarder: set CONNECTOR_FUNCTION_ARN, or CONNECTOR_ID\n");
    return 2;
  }
  const events = connectorEvents({ ...(connectorId ? { connectorId } : {}), ...(functionArn ? { functionArn } : {}) });
  await forward({
    settings: settingsFrom(process.env),
    events,
    signal: stopping.signal,
    say: (step) => process.stdout.write(`${JSON.stringify(step)}\n`),
  });
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`forwarder: ${error instanceof Error ? error.message : error}\n`);
  return 2;
});
