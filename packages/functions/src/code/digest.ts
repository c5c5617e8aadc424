import { createHash } from "node:crypto";

const SLICE = 1024 * 1024;

/** SHA-256 of something large, in slices between which others have their turn. */
export async function digestOf(bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash("sha256");
  for (let start = 0; start < bytes.byteLength; start += SLICE) {
    hash.update(bytes.subarray(start, start + SLICE));
    if (start + SLICE < bytes.byteLength) await new Promise((next) => setImmediate(next));
  }
  return hash.digest();
}
