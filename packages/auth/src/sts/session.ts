import type { Sealer } from "@hearth/backplane";
import { InternalError } from "@hearth/base";

/**
 * Temporary credentials. They are not stored: everything about them is in their sealed token, which survives restarts
 * with the master key and ends with its expiry or its role.
 */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  accountId: string;
  roleName: string;
  roleId: string;
  /** These two are absent in tokens of earlier versions. */
  roleArn?: string;
  /** Milliseconds since the epoch. */
  issuedAt?: number;
  sessionName: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** A policy document that narrows the role's. */
  sessionPolicy?: string;
}

const PURPOSE = "session token";

export const sealSession = (sealer: Sealer, session: Session): string =>
  Buffer.from(sealer.seal(JSON.stringify(session), PURPOSE)).toString("base64");

/** Undefined for anything that this installation did not seal. */
export function openSession(sealer: Sealer, token: string): Session | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return undefined;
  try {
    return JSON.parse(sealer.openText(Buffer.from(token, "base64"), PURPOSE)) as Session;
  } catch (error) {
    if (error instanceof InternalError) return undefined;
    throw error;
  }
}
