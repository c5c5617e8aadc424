import { randomBytes, randomUUID } from "node:crypto";

export const uuid = (): string => {
  // Node joins it from twenty pieces, and the engine would keep all of them for as long as the id.
  const joined = randomUUID();
  return Buffer.from(joined, "latin1").toString("latin1");
};

/** `bytes` random bytes as lower-case hex. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString("hex");

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
