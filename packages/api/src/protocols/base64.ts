/** The bytes, or undefined where the text is not base64 (padding may be missing). */
export function parseBase64(text: string): Uint8Array | undefined {
  const digits = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  if (digits % 4 === 1 || (digits !== text.length && text.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(text, "base64");
  // Node's decoder leaves out what is no digit, and takes those of base64url as well. Comparing lengths costs less than
  // an expression over a text of megabytes.
  if (bytes.length !== Math.floor((digits * 3) / 4) || text.includes("-") || text.includes("_")) return undefined;
  // Bytes of their own: small ones share a pool with other requests'.
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

export const formatBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
