import { lstat, open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";
import { BadZip, LARGEST_ZIP } from "./zip-archive.ts";

const MOST_FILES = 10_000;
const LARGEST_DIRECTORY = 250 * 1024 * 1024;
/** A day that zips can write: equal directories give equal zips. */
const DATE = 0x0021;
const UNIX = 3;
const VERSION = 20;
const DEFLATED = 8;
const UTF8_NAMES = 0x0800;
const CRC_SLICE = 1024 * 1024;

const deflated = promisify<Buffer, Buffer>(deflateRaw);

/** A zip of all files of a directory, with who may execute them. Links are left out. Throws `BadZip` past the limits. */
export async function zipDirectory(directory: string): Promise<Uint8Array> {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  let size = 0;
  for (const path of await filesOf(directory)) {
    const { content, executable } = await read(path);
    size += content.length;
    if (size > LARGEST_DIRECTORY) throw new BadZip(`${directory} holds more than ${LARGEST_DIRECTORY} bytes.`);
    const packed = await deflated(content);
    const name = Buffer.from(relative(directory, path));
    const sums = Buffer.alloc(12);
    sums.writeUInt32LE(await checksum(content), 0);
    sums.writeUInt32LE(packed.length, 4);
    sums.writeUInt32LE(content.length, 8);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(VERSION, 4);
    local.writeUInt16LE(UTF8_NAMES, 6);
    local.writeUInt16LE(DEFLATED, 8);
    local.writeUInt16LE(DATE, 12);
    sums.copy(local, 14);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((UNIX << 8) | VERSION, 4);
    central.writeUInt16LE(VERSION, 6);
    central.writeUInt16LE(UTF8_NAMES, 8);
    central.writeUInt16LE(DEFLATED, 10);
    central.writeUInt16LE(DATE, 14);
    sums.copy(central, 16);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(((executable ? 0o100755 : 0o100644) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    bodies.push(local, name, packed);
    entries.push(central, name);
    offset += local.length + name.length + packed.length;
    if (offset > LARGEST_ZIP) throw new BadZip(`The zip of ${directory} is larger than ${LARGEST_ZIP} bytes.`);
  }
  const directorySize = entries.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length / 2, 8);
  end.writeUInt16LE(entries.length / 2, 10);
  end.writeUInt32LE(directorySize, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...entries, end]);
}

async function filesOf(directory: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [directory];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) found.push(path);
      if (found.length + waiting.length > MOST_FILES)
        throw new BadZip(`${directory} has more than ${MOST_FILES} files.`);
    }
  }
  return found.sort();
}

async function read(path: string): Promise<{ content: Buffer; executable: boolean }> {
  const { size, mode } = await lstat(path);
  if (size > LARGEST_DIRECTORY) throw new BadZip(`${path} is larger than ${LARGEST_DIRECTORY} bytes.`);
  const file = await open(path, "r");
  try {
    return { content: await file.readFile(), executable: (mode & 0o111) !== 0 };
  } finally {
    await file.close();
  }
}

async function checksum(content: Buffer): Promise<number> {
  let sum = 0;
  for (let start = 0; start < content.length; start += CRC_SLICE) {
    sum = crc32(content.subarray(start, start + CRC_SLICE), sum);
    if (start > 0) await new Promise((next) => setImmediate(next));
  }
  return sum;
}
