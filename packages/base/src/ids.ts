import { randomBytes, randomFillSync, randomUUID } from "node:crypto";

/** Asking for random bytes costs more than most of what they are asked for, so they are taken for many ids at a time. */
const POOL_BYTES = 4096;
const LARGEST_FROM_POOL = 64;
const pool = Buffer.alloc(POOL_BYTES);
let taken = POOL_BYTES;

export const uuid = (): string => {
  // Node joins it from twenty pieces, and the engine would keep all of them for as long as the id.
  const joined = randomUUID();
  return Buffer.from(joined, "latin1").toString("latin1");
};

/** `bytes` random bytes as lower-case hex. */
export function randomHex(bytes: number): string {
  if (bytes > LARGEST_FROM_POOL) return randomBytes(bytes).toString("hex");
  if (taken + bytes > POOL_BYTES) {
    randomFillSync(pool);
    taken = 0;
  }
  const from = taken;
  taken += bytes;
  const text = pool.toString("hex", from, taken);
  // Some are secrets: they do not stay here.
  pool.fill(0, from, taken);
  return text;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `length` random characters of `alphabet` without modulo bias. */
export function randomText(length: number, alphabet: string = ALPHANUMERIC): string {
  const limit = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
