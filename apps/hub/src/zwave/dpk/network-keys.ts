import { randomBytes } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { openJsonFile } from "../../state/json-file.ts";

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

/**
 * The network's keys, made once. A damaged file is never replaced: its nodes could not be spoken to any more, and would
 * have to be joined again one by one.
 */
export async function openNetworkKeys(directory: string): Promise<NetworkKeys> {
  const path = join(directory, "zwave-keys.json");
  const none: Record<string, string> = {};
  const file = await openJsonFile(path, parse, none);
  if (file.value === none) {
    await file.replace(Object.fromEntries(names.map((name) => [name, randomBytes(16).toString("hex")])));
  }
  await chmod(path, 0o600);
  const bytes = (name: (typeof names)[number]) => Uint8Array.from(Buffer.from(file.value[name] ?? "", "hex"));
  return Object.fromEntries(names.map((name) => [name, bytes(name)])) as NetworkKeys;
}
