import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sealer } from "@hearth/backplane";
import { InternalError, messageOf, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";

/** A body in the store: what its row keeps of it. */
export interface StoredBody {
  /** 32 hex digits: the file's name. */
  id: string;
  /** Bytes of the plain text. */
  size: number;
  /** The file's own key, sealed. */
  sealedKey: Uint8Array;
}

/**
 * Bodies as files `<directory>/<two digits>/<id>`. Each is under a key of its own, in pieces of AES-256-GCM whose nonce is
 * the piece's number: a piece opens at its own place only, and the row's size tells whether one is missing.
 */
const PIECE = 64 * 1024;
const TAG = 16;
/** Pieces that are written and read at a time. */
const AT_ONCE = 16;
const PURPOSE = "object.body";
const FILE = /^[0-9a-f]{32}$/;

export interface BodyFiles {
  /**
   * Writes a body and resolves once it and its name are durable. `tap` sees every byte on its way. Throws `EntityTooLarge`
   * past `most` bytes, `ServiceUnavailable` where the disk is full; nothing is left then.
   */
  write(body: AsyncIterable<Uint8Array>, most: number, tap: (bytes: Uint8Array) => void): Promise<StoredBody>;
  /** Whether the file of a body is there and has its length; what is in it `read` checks. */
  holds(body: StoredBody): Promise<boolean>;
  /** The bytes from `first` to `last`, both inclusive. */
  read(body: StoredBody, first: number, last: number): AsyncGenerator<Uint8Array>;
  /** Removes files whose rows are gone; what cannot be removed now the next sweep removes. */
  remove(ids: readonly string[]): Promise<void>;
  /** Removes the files that `known` does not know: what a crash has left between file and row. */
  sweep(known: (ids: readonly string[]) => Promise<ReadonlySet<string>>): Promise<void>;
}

export function createBodyFiles(deps: {
  directory: string;
  sealer: Pick<Sealer, "seal" | "open">;
  /** Left out for throw-away data only. */
  fsync: boolean;
}): BodyFiles {
  const { directory, sealer, fsync } = deps;
  const folderOf = (id: string): string => join(directory, id.slice(0, 2));
  const fileOf = (id: string): string => join(folderOf(id), id);
  /** Bodies that somebody reads now, and those to remove when the last reader is done. */
  const reading = new Map<string, number>();
  const doomed = new Set<string>();

  async function sync(folder: string): Promise<void> {
    if (!fsync) return;
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  }

  async function openNew(id: string): Promise<FileHandle> {
    const made = await mkdir(folderOf(id), { recursive: true, mode: 0o700 });
    if (made !== undefined) await sync(directory);
    return open(fileOf(id), "wx", 0o600);
  }

  async function fill(file: FileHandle, key: Buffer, body: AsyncIterable<Uint8Array>, take: (b: Uint8Array) => void) {
    let number = 0;
    const sealed: Buffer[] = [];
    const piece = Buffer.allocUnsafe(PIECE);
    let filled = 0;
    const flush = async () => {
      // A disk that fills up takes a part, and refuses only the next write.
      for (let left = sealed.splice(0); left.length > 0; ) {
        const { bytesWritten } = await file.writev(left);
        left = behind(left, bytesWritten);
      }
    };
    const seal = () => {
      const cipher = createCipheriv("aes-256-gcm", key, nonceOf(number++));
      sealed.push(cipher.update(piece.subarray(0, filled)), cipher.final(), cipher.getAuthTag());
      filled = 0;
    };
    for await (const bytes of body) {
      take(bytes);
      for (let at = 0; at < bytes.length; ) {
        const count = Math.min(PIECE - filled, bytes.length - at);
        piece.set(bytes.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled === PIECE) seal();
        if (sealed.length >= 3 * AT_ONCE) await flush();
      }
    }
    if (filled > 0) seal();
    await flush();
    if (fsync) await file.sync();
  }

  async function remove(id: string): Promise<void> {
    if (reading.has(id)) doomed.add(id);
    else await rm(fileOf(id), { force: true }).catch(() => undefined);
  }

  async function released(id: string): Promise<void> {
    const left = (reading.get(id) ?? 1) - 1;
    if (left > 0) reading.set(id, left);
    else reading.delete(id);
    if (left === 0 && doomed.delete(id)) await remove(id);
  }

  return {
    async write(body, most, tap) {
      const id = randomHex(16);
      const key = randomBytes(32);
      let size = 0;
      try {
        const file = await openNew(id);
        try {
          await fill(file, key, body, (bytes) => {
            size += bytes.length;
            if (size > most) throw tooLarge(most);
            tap(bytes);
          });
        } finally {
          await file.close();
        }
        await sync(folderOf(id));
      } catch (error) {
        await rm(fileOf(id), { force: true }).catch(() => undefined);
        throw explained(error);
      }
      return { id, size, sealedKey: sealer.seal(key, PURPOSE) };
    },

    async holds({ id, size }) {
      try {
        return (await stat(fileOf(id))).size === size + Math.ceil(size / PIECE) * TAG;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        return false;
      }
    },

    async *read({ id, size, sealedKey }, first, last) {
      if (size === 0 || last < first) return;
      reading.set(id, (reading.get(id) ?? 0) + 1);
      let file: FileHandle | undefined;
      try {
        const key = sealer.open(sealedKey, PURPOSE);
        file = await open(fileOf(id), "r");
        const lastPiece = Math.floor(last / PIECE);
        for (let number = Math.floor(first / PIECE); number <= lastPiece; ) {
          const count = Math.min(AT_ONCE, lastPiece - number + 1);
          const plain = Math.min(size - number * PIECE, count * PIECE);
          const wanted = plain + count * TAG;
          const bytes = Buffer.allocUnsafe(wanted);
          const { bytesRead } = await file.read(bytes, 0, wanted, number * (PIECE + TAG));
          if (bytesRead !== wanted) throw new InternalError(`the body ${id} is cut short`);
          const opened = openPieces(key, bytes, number, id);
          const start = Math.max(0, first - number * PIECE);
          const end = Math.min(plain, last + 1 - number * PIECE);
          yield opened.subarray(start, end);
          number += count;
        }
      } finally {
        await file?.close();
        await released(id);
      }
    },

    async remove(ids) {
      for (const id of ids) await remove(id);
    },

    async sweep(known) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const folder of await readdir(directory)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        const files = (await readdir(join(directory, folder))).filter((name) => FILE.test(name));
        const kept = await known(files);
        for (const id of files) if (!kept.has(id)) await remove(id);
      }
    },
  };
}

const tooLarge = (most: number): ServiceError =>
  new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", {
    MaxSizeAllowed: String(most),
  });

/** What is left of buffers when so many bytes of them are written. */
function behind(buffers: readonly Buffer[], written: number): Buffer[] {
  const left: Buffer[] = [];
  let start = 0;
  for (const buffer of buffers) {
    const from = Math.min(Math.max(0, written - start), buffer.length);
    if (from < buffer.length) left.push(buffer.subarray(from));
    start += buffer.length;
  }
  return left;
}

/** Every file has its own key, so the number alone is a nonce that does not come twice. */
function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 6, 6);
  return nonce;
}

function openPieces(key: Uint8Array, bytes: Buffer, first: number, id: string): Buffer {
  const opened: Buffer[] = [];
  for (let at = 0, number = first; at < bytes.length; number++) {
    const end = Math.min(at + PIECE + TAG, bytes.length);
    const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(number), { authTagLength: TAG });
    decipher.setAuthTag(bytes.subarray(end - TAG, end));
    opened.push(decipher.update(bytes.subarray(at, end - TAG)));
    try {
      decipher.final();
    } catch (error) {
      throw new InternalError(`the body ${id} was changed on the disk`, error);
    }
    at = end;
  }
  return opened.length === 1 ? opened[0]! : Buffer.concat(opened);
}

/** A full disk is said in words that lead on; everything else stays what it is. */
function explained(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") return error;
  return new ServiceError(
    "ServiceUnavailable",
    `There is no room left for this object on the server's disk (${messageOf(error)}). Make some, or delete objects.`,
  );
}
