import { createWriteStream } from "node:fs";
import { chmod, chown, mkdir, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "@hearth/base";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";

/** AWS: Lambda quotas, deployment package. */
export const LARGEST_ZIP = 50 * 1024 * 1024;
const LARGEST_UNZIPPED = 250 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
const LONGEST_NAME = 512;
const DEEPEST = 32;
const LONGEST_LINK = 1_024;

/** A zip that cannot be taken; the message says why. */
export class BadZip extends Error {}

const FILE_KIND = 0o170000;
const SYMLINK = 0o120000;

interface ArchiveEntry {
  entry: Entry;
  kind: "file" | "directory" | "symlink";
  name: string;
  executable: boolean;
}

function opened(zip: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, strictFileNames: true }, (error, file) => {
      if (file) resolve(file);
      else reject(new BadZip(`Could not unzip uploaded file: ${messageOf(error)}`));
    });
  });
}

function classified(entry: Entry): ArchiveEntry {
  const { fileName } = entry;
  const name = fileName.replace(/\/$/, "");
  const parts = name.split("/");
  if (name === "" || Buffer.byteLength(fileName) > LONGEST_NAME || parts.length > DEEPEST || fileName.includes("\0")) {
    throw new BadZip(`The zip has an entry whose name is empty, too long or too deep.`);
  }
  if (parts.some((part) => part === "" || part === "." || part === "..") || fileName.startsWith("/")) {
    throw new BadZip(`The zip has an entry with a name that leads elsewhere: ${fileName}`);
  }
  if (entry.isEncrypted()) throw new BadZip(`The zip's entry ${fileName} is encrypted.`);
  const mode = entry.externalFileAttributes >>> 16;
  const directory = fileName.endsWith("/");
  const symbolic = (mode & FILE_KIND) === SYMLINK;
  const kind = directory ? "directory" : symbolic ? "symlink" : "file";
  // Zips that Windows has made know no modes.
  const unix = entry.versionMadeBy >>> 8 === 3;
  return { entry, kind, name, executable: unix ? (mode & 0o111) !== 0 : true };
}

/** Every entry in turn. Throws `BadZip` past the limits. */
async function walk(file: ZipFile, visit: (entry: ArchiveEntry) => Promise<void>): Promise<void> {
  if (file.entryCount > MOST_ENTRIES) throw new BadZip(`The zip has more than ${MOST_ENTRIES} entries.`);
  const names = new Set<string>();
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    file.on("error", (error) => reject(new BadZip(`Could not unzip uploaded file: ${messageOf(error)}`)));
    file.on("end", () => resolve());
    file.on("entry", (entry: Entry) => {
      Promise.resolve()
        .then(async () => {
          const found = classified(entry);
          size += entry.uncompressedSize;
          if (size > LARGEST_UNZIPPED) {
            throw new BadZip(`Unzipped size must be smaller than ${LARGEST_UNZIPPED} bytes.`);
          }
          if (found.kind !== "directory" && names.has(found.name)) {
            throw new BadZip(`The zip has two entries named ${found.name}.`);
          }
          names.add(found.name);
          await visit(found);
          // A reader that never waits would hold the event loop for all entries.
          if (names.size % 256 === 0) await new Promise((next) => setImmediate(next));
          file.readEntry();
        })
        .catch(reject);
    });
    file.readEntry();
  });
}

/** Looks at the names and sizes that a zip declares. Throws `BadZip`. */
export async function checkZip(zip: Uint8Array): Promise<void> {
  if (zip.byteLength > LARGEST_ZIP) throw new BadZip(`The zip is larger than ${LARGEST_ZIP} bytes.`);
  const file = await opened(zip);
  await walk(file, async () => {});
}

const streamOf = (file: ZipFile, entry: Entry): Promise<Readable> =>
  new Promise((resolve, reject) => {
    // What inflates to more than it declares ends with an error.
    file.openReadStream(entry, (error, stream) => (stream ? resolve(stream) : reject(error)));
  });

/**
 * Unpacks into an existing directory. Owner root and the group `group` may read; modes keep who may execute. Links may
 * lead to places inside only and are made last, so that nothing is written through one. Throws `BadZip`.
 */
export async function unpackZip(zip: Uint8Array, target: string, group: number | undefined): Promise<void> {
  const file = await opened(zip);
  const made = new Set<string>([target]);
  const links: { name: string; to: string }[] = [];
  const owned = async (path: string, mode: number) => {
    if (group !== undefined) await chown(path, 0, group);
    await chmod(path, mode);
  };
  const directory = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await directory(dirname(path));
    await mkdir(path, { recursive: true, mode: 0o750 });
    await owned(path, 0o750);
    made.add(path);
  };
  await walk(file, async ({ entry, kind, name, executable }) => {
    const path = join(target, name);
    if (kind === "directory") return directory(path);
    await directory(dirname(path));
    const stream = await streamOf(file, entry);
    if (kind === "symlink") {
      links.push({ name, to: await linkTarget(stream, entry) });
      return;
    }
    await pipeline(stream, createWriteStream(path, { flags: "wx", mode: 0o640 }));
    await owned(path, executable ? 0o750 : 0o640);
  }).catch((error) => {
    const code = (error as NodeJS.ErrnoException).code;
    // A file where another entry needs a directory.
    if (code === "EEXIST" || code === "ENOTDIR") throw new BadZip("The zip has a file and a directory of one name.");
    if (error instanceof BadZip || (code !== undefined && !code.startsWith("Z_"))) throw error;
    throw new BadZip(`Could not unzip uploaded file: ${messageOf(error)}`);
  });
  for (const { name, to } of links) {
    // Going up behind a name could leave by way of another link.
    const inside = posix.join(posix.dirname(name), to);
    const parts = to.split("/");
    const firstName = parts.findIndex((part) => !["", ".", ".."].includes(part));
    const upBehindName = firstName >= 0 && parts.lastIndexOf("..") > firstName;
    if (to.startsWith("/") || to.includes("\0") || inside.startsWith("..") || upBehindName) {
      throw new BadZip(`The zip has a link that leads out of it: ${name}`);
    }
    await symlink(to, join(target, name));
  }
}

async function linkTarget(stream: Readable, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > LONGEST_LINK) throw new BadZip(`The zip's link ${entry.fileName} is too long.`);
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
