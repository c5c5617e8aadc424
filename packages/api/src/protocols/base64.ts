// One class and a bounded tail: linear in the length of the text.
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes, or undefined where the text is not base64 (padding may be missing). */
export function parseBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const digits = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  if (digits % 4 === 1 || (digits !== text.length && text.length % 4 !== 0)) return undefined;
  // A copy of its own: Buffer.from shares a pool with other requests' bytes.
  return new Uint8Array(Buffer.from(text, "base64"));
}

export const formatBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
