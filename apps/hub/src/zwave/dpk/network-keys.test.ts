import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { NetworkLostError } from "./dpk.ts";
import { openNetworkKeys } from "./network-keys.ts";

function ownDirectory() {
  const directory = mkdtempSync(join(tmpdir(), "hearth-hub-keys-"));
  onTestFinished(() => rmSync(directory, { recursive: true, maxRetries: 10 }));
  return { directory, path: join(directory, "zwave-keys.json") };
}

test("keys are made once, for a network that is not there yet, and are nobody else's", async () => {
  const { directory, path } = ownDirectory();
  const made = await openNetworkKeys(directory, false);
  expect(new Set(Object.values(made).map((key) => Buffer.from(key).toString("hex"))).size).toBe(4);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // As somebody has put it back.
  chmodSync(path, 0o644);
  expect(await openNetworkKeys(directory, true)).toEqual(made);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file that is missing while there is a network is not made anew", async () => {
  const { directory } = ownDirectory();
  const lost = openNetworkKeys(directory, true);
  await expect(lost).rejects.toThrow(/zwave-keys\.json is missing.*put it back, or off-board the hub and pair/);
  await expect(lost).rejects.toBeInstanceOf(NetworkLostError);
  expect(readdirSync(directory)).toEqual([]);
});

const whole = async () => {
  const { directory, path } = ownDirectory();
  await openNetworkKeys(directory, false);
  return readFileSync(path, "utf8");
};
const withKey = (text: string, key: unknown) => JSON.stringify({ ...JSON.parse(text), S2_Authenticated: key });

test.each<[string, (text: string) => string | Buffer]>([
  ["cut in half", (text) => text.slice(0, text.length / 2)],
  ["empty", () => ""],
  ["full of zeros, as a disk leaves it", (text) => Buffer.alloc(text.length)],
  ["an empty object", () => "{}"],
  ["null", () => "null"],
  ["a list", () => "[]"],
  ["with a key that is too short", (text) => withKey(text, "00112233445566778899aabbccddee")],
  ["with a key that is too long", (text) => withKey(text, "00112233445566778899aabbccddeeff00")],
  ["with a key that is none", (text) => withKey(text, "zz112233445566778899aabbccddeeff")],
  ["with a key that is a number", (text) => withKey(text, 7)],
])(
  "a file that is %s is left as it is, whether there is a network or not, and no key of it is told",
  async (_, damage) => {
    const text = await whole();
    const { directory, path } = ownDirectory();
    const damaged = Buffer.from(damage(text));
    writeFileSync(path, damaged, { mode: 0o600 });
    for (const had of [true, false]) {
      const error: unknown = await openNetworkKeys(directory, had).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NetworkLostError);
      const { message } = error as Error;
      expect(message).toMatch(/zwave-keys\.json is damaged.*put it back, or off-board the hub and pair/);
      // It would cost every device.
      expect(message).not.toContain("remove it");
      for (const key of Object.values<string>(JSON.parse(text))) expect(message).not.toContain(key.slice(0, 8));
    }
    expect(readFileSync(path)).toEqual(damaged);
    expect(readdirSync(directory)).toEqual(["zwave-keys.json"]);
  },
);
