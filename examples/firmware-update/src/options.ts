import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { signingKey } from "./signature.ts";

export const USAGE = `firmware-update --endpoint <host> [--port <number>] --ca <file> --cert <file> --key <file>
                --thing <name> --signing-key <file> --state-dir <directory> [--human]

A device that does the jobs of its thing: update-firmware, update-config, reboot. --signing-key is the public key (PEM,
ECDSA on P-256) that firmware must be signed by.`;

export interface DeviceOptions {
  host: string;
  port: number;
  ca: string;
  certificate: string;
  privateKey: string;
  thingName: string;
  key: KeyObject;
  stateDir: string;
  human: boolean;
}

/** A mistake in the arguments; the message says which. */
export class UsageError extends Error {}

/** Reads the arguments, and the files that they name. */
export async function readOptions(args: string[]): Promise<DeviceOptions> {
  const values = parse(args);
  const required = (name: Exclude<keyof typeof values, "human" | "port">): string => {
    const value = values[name];
    if (!value) throw new UsageError(`--${name} is missing`);
    return value;
  };
  const file = (name: "ca" | "cert" | "key" | "signing-key"): Promise<string> =>
    readFile(required(name), "utf8").catch((error: Error) => {
      throw new UsageError(`--${name}: ${error.message}`);
    });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError("--port is a number from 1 to 65535");
  return {
    host: required("endpoint"),
    port,
    ca: await file("ca"),
    certificate: await file("cert"),
    privateKey: await file("key"),
    thingName: required("thing"),
    key: keyOf(await file("signing-key")),
    stateDir: required("state-dir"),
    human: values.human,
  };
}

function keyOf(pem: string): KeyObject {
  try {
    return signingKey(pem);
  } catch (error) {
    throw new UsageError(`--signing-key: ${error instanceof Error ? error.message : error}`);
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        endpoint: { type: "string" },
        port: { type: "string", default: "8883" },
        ca: { type: "string" },
        cert: { type: "string" },
        key: { type: "string" },
        thing: { type: "string" },
        "signing-key": { type: "string" },
        "state-dir": { type: "string" },
        human: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
