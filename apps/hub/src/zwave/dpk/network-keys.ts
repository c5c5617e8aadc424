import { randomBytes } from "node:crypto";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@hearth/base";
import { openJsonFile } from "../../state/json-file.ts";
import { DamagedFileError } from "../../state/state.ts";
import { NetworkLostError } from "./dpk.ts";

const names = ["S2_AccessControl", "S2_Authenticated", "S2_Unauthenticated", "S0_Legacy"] as const;

type Bytes = Uint8Array<ArrayBuffer>;
export type NetworkKeys = Record<(typeof names)[number], Bytes>;

const HEX = /^[0-9a-f]{32}$/;

function parse(json: unknown): Record<string, string> {
  const keys = Object.fromEntries(names.map((name) => [name, (json as Record<string, unknown> | null)?.[name]]));
  const wrong = names.find((name) => !HEX.test(String(keys[name])));
  if (wrong) throw new Error(`it holds no key ${wrong}`);
  return keys as Record<string, string>;
}

const ADVICE = "put it back, or off-board the hub and pair its Z-Wave devices again";
const pathIn = (directory: string) => join(directory, "zwave-keys.json");

/**
 * The network's keys, made once. `had`: there is a network that they belong to. Missing then, or damaged, they are never
 * replaced: its nodes could not be spoken to any more, and would have to be joined again one by one. Throws
 * NetworkLostError.
 */
export async function openNetworkKeys(directory: string, had: boolean): Promise<NetworkKeys> {
  const path = pathIn(directory);
  const none: Record<string, string> = {};
  const file = await openJsonFile(path, parse, none).catch((error) => {
    // What is said of any file, to remove it and start anew, would cost every device.
    const what = error instanceof DamagedFileError ? `${path} is damaged` : messageOf(error);
    throw new NetworkLostError(`${what}, and with it the network's keys are lost: ${ADVICE}`);
  });
  if (file.value === none) {
    if (had) throw new NetworkLostError(`${path} is missing, and with it the network's keys: ${ADVICE}`);
    await file.replace(Object.fromEntries(names.map((name) => [name, randomBytes(16).toString("hex")])));
  }
  await chmod(path, 0o600);
  const bytes = (name: (typeof names)[number]) => Uint8Array.from(Buffer.from(file.value[name] ?? "", "hex"));
  return Object.fromEntries(names.map((name) => [name, bytes(name)])) as NetworkKeys;
}

/** For a network that is not there any more: the next one has keys of its own. */
export async function eraseNetworkKeys(directory: string): Promise<void> {
  for (const suffix of ["", ".previous", ".damaged"]) await rm(`${pathIn(directory)}${suffix}`, { force: true });
}
