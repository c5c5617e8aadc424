import { createPublicKey, type KeyObject, verify } from "node:crypto";

const MAX_TOKEN = 4_096;

export interface TokenClaims {
  iss: string;
  /** The hub's managed thing id. */
  sub: string;
  iat: number;
  /** How long it is good after the last contact with the cloud. */
  seconds: number;
}

/** Why a token is not taken. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** The claims of a JWS in compact form (RFC 7515) signed with EdDSA (RFC 8037); `key` is SPKI PEM. Throws TokenError. */
export function verifyToken(token: string, key: string): TokenClaims {
  const parts = token.split(".");
  if (token.length > MAX_TOKEN || parts.length !== 3) throw new TokenError("it is no compact JWS");
  const [header = "", claims = "", signature = ""] = parts;
  if (decode(header)["alg"] !== "EdDSA") throw new TokenError("it is not signed with EdDSA");
  if (!verify(null, Buffer.from(`${header}.${claims}`), publicKey(key), Buffer.from(signature, "base64url"))) {
    throw new TokenError("its signature is not the platform's");
  }
  const { iss, sub, iat, seconds } = decode(claims);
  if (typeof iss !== "string" || typeof sub !== "string" || typeof iat !== "number") {
    throw new TokenError("a claim is missing");
  }
  if (typeof seconds !== "number" || !Number.isSafeInteger(seconds) || seconds < 1) {
    throw new TokenError("its time is no number of seconds");
  }
  return { iss, sub, iat, seconds };
}

function publicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below.
  }
  throw new TokenError("its key is no Ed25519 public key");
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new TokenError("a part of it is no JSON object");
}
