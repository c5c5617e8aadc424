import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import yazl from "yazl";
import { zipOf } from "../testing.ts";
import { zipDirectory } from "./directory-zip.ts";
import { BadZip, checkZip, LARGEST_ZIP, unpackZip } from "./zip-archive.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hearth-zip-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));

let count = 0;
async function unpacked(zip: Uint8Array): Promise<string> {
  const target = mkdtempSync(join(directory, `${count++}-`));
  await unpackZip(zip, target, undefined);
  return target;
}

/** A zip in which every `from` reads `to`, of the same length: what no writer of zips writes. */
function altered(zip: Uint8Array, from: string, to: string): Uint8Array {
  expect(Buffer.byteLength(from)).toBe(Buffer.byteLength(to));
  return new Uint8Array(Buffer.from(Buffer.from(zip).toString("latin1").replaceAll(from, to), "latin1"));
}

function linking(name: string, to: string): Promise<Uint8Array> {
  const file = new yazl.ZipFile();
  file.addBuffer(Buffer.from("text"), "lib/real.txt");
  file.addBuffer(Buffer.from(to), name, { mode: 0o120777 });
  file.end();
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    file.outputStream.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts)));
  });
}

describe("a zip", () => {
  test("is unpacked with its modes", async () => {
    const target = await unpacked(await zipOf({ bootstrap: "#!/bin/sh\n", "lib/deep/a.txt": "a" }));
    expect(readFileSync(join(target, "lib/deep/a.txt"), "utf8")).toBe("a");
    expect(statSync(join(target, "bootstrap")).mode & 0o777).toBe(0o750);
    expect(statSync(join(target, "lib/deep/a.txt")).mode & 0o777).toBe(0o640);
  });

  test.each([
    ["../x.txt", "up"],
    ["/xx/.txt", "from the root"],
    ["a/../.tx", "up in between"],
    ["a//b.txt", "an empty part"],
    ["./ab.txt", "a dot"],
    ["a\\b/.txt", "a backslash"],
    ["ab\0c.txt", "a NUL"],
  ])("with the name %j is refused (%s)", async (name) => {
    const zip = altered(await zipOf({ "aa/b.txt": "x" }), "aa/b.txt", name);
    await expect(checkZip(zip)).rejects.toBeInstanceOf(BadZip);
    await expect(unpacked(zip)).rejects.toBeInstanceOf(BadZip);
  });

  test("with links keeps those that stay inside", async () => {
    const target = await unpacked(await linking("lib/link.txt", "../lib/real.txt"));
    expect(readlinkSync(join(target, "lib/link.txt"))).toBe("../lib/real.txt");
    for (const to of [
      "/etc/passwd",
      "../../etc",
      "real.txt/../../..",
      "x/..",
      "../lib/../..",
      ".../..",
      "./..x/./..",
      "",
    ]) {
      await expect(unpacked(await linking("lib/link.txt", to)), to).rejects.toThrow();
    }
  });

  test("that is none, or not whole, or too large, or too many is refused", async () => {
    const good = await zipOf({ "a.txt": "x".repeat(1_000) });
    for (const bad of [new Uint8Array(0), good.slice(0, -5), good.slice(10), new Uint8Array(1_000).fill(80)]) {
      await expect(checkZip(bad)).rejects.toBeInstanceOf(BadZip);
    }
    await expect(checkZip(new Uint8Array(LARGEST_ZIP + 1))).rejects.toThrow("larger than");
    const twice = altered(await zipOf({ "a.txt": "1", "b.txt": "2" }), "b.txt", "a.txt");
    await expect(checkZip(twice)).rejects.toThrow("two entries");
    const both = altered(await zipOf({ aa: "1", "bb/c": "2" }), "bb/c", "aa/c");
    await expect(unpacked(both)).rejects.toThrow("of one name");
    const many = Buffer.from(good);
    // The counts at the zip's end.
    for (const offset of [8, 10]) many.writeUInt16LE(20_001, many.length - 22 + offset);
    await expect(checkZip(many)).rejects.toThrow("more than 20000 entries");
  });

  test("that inflates to more than it says, or than is allowed, ends early", async () => {
    const zeros = await zipOf({ "zeros.bin": Buffer.alloc(10_000_000) });
    // The declared size, at its place in the central directory.
    const lying = Buffer.from(zeros);
    const central = lying.indexOf("PK\x01\x02", 0, "latin1");
    lying.writeUInt32LE(1_000, central + 24);
    await expect(unpacked(lying)).rejects.toBeInstanceOf(BadZip);
    const huge = Buffer.from(zeros);
    huge.writeUInt32LE(300_000_000, central + 24);
    await expect(checkZip(huge)).rejects.toThrow("Unzipped size");
  });

  test("of random damage is refused or unpacked, and leaves nothing outside", async () => {
    const good = Buffer.from(await zipOf({ "a/b.txt": "hello ".repeat(50), bootstrap: "#!/bin/sh" }));
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const before = readdirSync(directory).length;
    for (let round = 0; round < 200; round++) {
      const damaged = Buffer.from(good);
      for (let change = 0; change <= random(4); change++) damaged[random(damaged.length)] = random(256);
      await unpacked(damaged).catch((error) => expect(error).toBeInstanceOf(BadZip));
    }
    expect(readdirSync(directory).length).toBe(before + 200);
  });

  test("is made of a directory, the same each time, links left out", async () => {
    const source = await unpacked(await linking("lib/link.txt", "real.txt"));
    const zip = await zipDirectory(source);
    expect(await zipDirectory(source)).toEqual(zip);
    const again = await unpacked(zip);
    expect(readFileSync(join(again, "lib/real.txt"), "utf8")).toBe("text");
    expect(lstatSync(join(again, "lib/link.txt"), { throwIfNoEntry: false })).toBeUndefined();
  });
});
