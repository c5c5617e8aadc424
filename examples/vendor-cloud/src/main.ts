import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { OptionsError, type VendorCloudOptions } from "./options.ts";
import { startVendorCloud } from "./vendor-cloud.ts";

const USAGE = `usage: vendor-cloud --key <file> --cert <file> --config <file>
                    [--host 127.0.0.1] [--bind 127.0.0.1] [--port 9443] [--admin-port <port>]
                    [--webhook-ca <file>] [--log]

The configuration is JSON: {"users": […], "clients": […], "tokens": {…}}; the README says what is in it.`;

async function main(args: string[]): Promise<number> {
  try {
    const values = parse(args);
    const { key, cert, config, host, bind } = values;
    if (!key || !cert || !config) throw new OptionsError("--key, --cert and --config are needed");
    const configuration = await configurationIn(config);
    const cloud = await startVendorCloud({
      key: await file("key", key),
      certificate: await file("cert", cert),
      host,
      bind,
      port: portOf("port", values.port),
      ...(values["admin-port"] === undefined ? {} : { adminPort: portOf("admin-port", values["admin-port"]) }),
      ...(values["webhook-ca"] ? { webhookCa: await file("webhook-ca", values["webhook-ca"]) } : {}),
      ...configuration,
      ...(values.log ? { log: (line: string) => process.stderr.write(`${line}\n`) } : {}),
    });
    const { url, authorizationUrl, tokenUrl, revocationUrl, introspectionUrl, eventsUrl, adminUrl } = cloud;
    const urls = { url, authorizationUrl, tokenUrl, revocationUrl, introspectionUrl, eventsUrl, adminUrl };
    process.stdout.write(`${JSON.stringify({ event: "ready", ...urls })}\n`);
    await new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
    });
    await cloud.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`vendor-cloud: ${error instanceof Error ? error.message : error}\n`);
    if (!(error instanceof OptionsError)) return 1;
    process.stderr.write(`\n${USAGE}\n`);
    return 2;
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        key: { type: "string" },
        cert: { type: "string" },
        config: { type: "string" },
        host: { type: "string", default: "127.0.0.1" },
        bind: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "9443" },
        "admin-port": { type: "string" },
        "webhook-ca": { type: "string" },
        log: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (text === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new OptionsError(`--${option} is a number from 0 to 65535`);
  return port;
}

async function file(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new OptionsError(`--${option}: ${error instanceof Error ? error.message : error}`);
  }
}

type ConfigurationFile = Pick<VendorCloudOptions, "users" | "clients" | "tokens">;

async function configurationIn(path: string): Promise<ConfigurationFile> {
  const text = await file("config", path);
  let parsed: ConfigurationFile;
  try {
    parsed = JSON.parse(text) ?? {};
  } catch {
    // Not the parser's own words: they quote the file, which has passwords in it.
    throw new OptionsError("--config: the file is not JSON");
  }
  const { users = [], clients = [], tokens = {}, ...rest } = parsed;
  if (!Array.isArray(users) || !Array.isArray(clients)) throw new OptionsError("--config: users and clients are lists");
  if (Object.keys(rest).length > 0) throw new OptionsError("--config: there are users, clients and tokens, no more");
  return { users, clients, tokens };
}

process.exitCode = await main(process.argv.slice(2));
