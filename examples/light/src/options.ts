import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type CredentialStore, openFileCredentialStore } from "@hearth/device-sdk";

export const USAGE = `usage: light --endpoint <host> --template <name> --serial <SN> --upc <UPC> --state-dir <dir>
             [--port 8883] [--alpn <protocol>] [--ca <file>] [--claim-cert <file> --claim-key <file>]
             [--name <text>] [--csr] [--human]

The certificates are kept in the state directory: --ca, --claim-cert and --claim-key are needed the first time.
Type "flip", or send SIGUSR2, to press the switch.`;

export interface LightOptions {
  host: string;
  port: number;
  alpn: string[] | undefined;
  ca: string;
  /** Needed until the light is provisioned. */
  claim: { certificate: string; privateKey: string } | undefined;
  templateName: string;
  serial: string;
  upc: string;
  name: string;
  csr: boolean;
  human: boolean;
  store: CredentialStore;
}

/** A mistake in the arguments; the message says which. */
export class UsageError extends Error {}

/** Reads the arguments, and the files that they name into the store. */
export async function readOptions(args: string[]): Promise<LightOptions> {
  const values = parse(args);
  const required = (name: "endpoint" | "template" | "serial" | "upc" | "state-dir"): string => {
    const value = values[name];
    if (!value) throw new UsageError(`--${name} is missing`);
    return value;
  };
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError("--port is a number from 1 to 65535");
  const serial = required("serial");
  const rest = {
    host: required("endpoint"),
    port,
    alpn: values.alpn === undefined ? undefined : [values.alpn],
    templateName: required("template"),
    serial,
    upc: required("upc"),
    name: values.name ?? `light-${serial}`,
    csr: values.csr,
    human: values.human,
  };
  const store = await openFileCredentialStore(required("state-dir"));
  if (values.ca) await store.save("Root Cert", { certificate: await file("ca", values.ca) });
  if (values["claim-cert"] && values["claim-key"]) {
    const certificate = await file("claim-cert", values["claim-cert"]);
    await store.save("Claim Cert", { certificate, privateKey: await file("claim-key", values["claim-key"]) });
  }
  const root = await store.load("Root Cert");
  if (!root) throw new UsageError("--ca is missing");
  return { ...rest, store, ca: root.certificate, claim: await store.load("Claim Cert") };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        endpoint: { type: "string" },
        port: { type: "string", default: "8883" },
        alpn: { type: "string" },
        ca: { type: "string" },
        "claim-cert": { type: "string" },
        "claim-key": { type: "string" },
        template: { type: "string" },
        serial: { type: "string" },
        upc: { type: "string" },
        "state-dir": { type: "string" },
        name: { type: "string" },
        csr: { type: "boolean", default: false },
        human: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function file(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--${option}: ${error instanceof Error ? error.message : error}`);
  }
}
