/** Just enough DER for a PKCS #10 request (RFC 2986) that somebody else signs. */
function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const ATTRIBUTES = 0xa0;

const COMMON_NAME = element(OBJECT_IDENTIFIER, Buffer.from([0x55, 0x04, 0x03]));
const ECDSA_WITH_SHA256 = element(OBJECT_IDENTIFIER, Buffer.from("2a8648ce3d040302", "hex"));
const EC_PUBLIC_KEY = element(OBJECT_IDENTIFIER, Buffer.from("2a8648ce3d0201", "hex"));
/** The curve P-256, as CKA_EC_PARAMS names it too. */
export const P256 = element(OBJECT_IDENTIFIER, Buffer.from("2a8648ce3d030107", "hex"));

/**
 * The request (PEM) for the P-256 key with public point `point` (0x04, x, y). `sign` gives ECDSA with SHA-256 over its
 * argument as PKCS #11 does: r and s, 32 bytes each.
 */
export function certificateRequest(commonName: string, point: Buffer, sign: (message: Buffer) => Buffer): string {
  const subject = element(
    SEQUENCE,
    element(SET, element(SEQUENCE, COMMON_NAME, element(UTF8_STRING, Buffer.from(commonName)))),
  );
  const publicKey = element(
    SEQUENCE,
    element(SEQUENCE, EC_PUBLIC_KEY, P256),
    element(BIT_STRING, Buffer.from([0]), point),
  );
  const version = element(INTEGER, Buffer.from([0]));
  const information = element(SEQUENCE, version, subject, publicKey, element(ATTRIBUTES));
  const signature = sign(information);
  const pair = element(SEQUENCE, unsigned(signature.subarray(0, 32)), unsigned(signature.subarray(32)));
  const request = element(
    SEQUENCE,
    information,
    element(SEQUENCE, ECDSA_WITH_SHA256),
    element(BIT_STRING, Buffer.from([0]), pair),
  );
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE REQUEST-----", ...lines, "-----END CERTIFICATE REQUEST-----", ""].join("\n");
}

/** DER integers are signed and as short as can be. */
function unsigned(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first < 0 ? bytes.length - 1 : first);
  return element(INTEGER, (short[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0), short);
}
