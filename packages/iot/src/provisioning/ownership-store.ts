import type { Database, Write } from "@hearth/backplane";
import { type Place, placeOf } from "../storage/place.ts";

/**
 * Certificate ownership tokens (reference 6): what proves that the device that asks to be provisioned is the one that
 * was given the certificate. Only a keyed hash of a token is stored.
 */
export interface OwnershipToken {
  tokenHash: string;
  certificateId: string;
  /** The principal that it was given to. */
  claimPrincipalId: string;
  /** Milliseconds. */
  expiresAt: number;
  /** Keyed hash of the request that used it, and that request's sealed answer, for a repeat of it. */
  used?: { requestHash: string; answer: Uint8Array };
}

interface TokenRow {
  certificate_id: string;
  claim_principal_id: string;
  expires_at: number;
  used_for: string | null;
  answer: Uint8Array | null;
}

const KEY = "account_id = ? AND region = ? AND token_hash = ?";

export async function readToken(
  database: Pick<Database, "query">,
  at: Place,
  tokenHash: string,
): Promise<OwnershipToken | undefined> {
  const [row] = await database.query<TokenRow>(
    `SELECT certificate_id, claim_principal_id, expires_at, used_for, answer FROM iot_ownership_tokens WHERE ${KEY}`,
    [...placeOf(at), tokenHash],
  );
  if (!row) return undefined;
  return {
    tokenHash,
    certificateId: row.certificate_id,
    claimPrincipalId: row.claim_principal_id,
    expiresAt: Number(row.expires_at),
    ...(row.used_for !== null && row.answer !== null
      ? { used: { requestHash: row.used_for, answer: row.answer } }
      : {}),
  };
}

export function insertToken(at: Place, token: OwnershipToken): Write {
  return {
    sql: `INSERT INTO iot_ownership_tokens
            (account_id, region, token_hash, certificate_id, claim_principal_id, expires_at)
          VALUES (?, ?, ?, ?, ?, ?)`,
    params: [...placeOf(at), token.tokenHash, token.certificateId, token.claimPrincipalId, token.expiresAt],
  };
}

/** Guarded: a token is used once. */
export function useToken(at: Place, tokenHash: string, requestHash: string, answer: Uint8Array): Write {
  return {
    sql: `UPDATE iot_ownership_tokens SET used_for = ?, answer = ? WHERE ${KEY} AND used_for IS NULL`,
    params: [requestHash, answer, ...placeOf(at), tokenHash],
    rows: 1,
  };
}

/** Takes the token away, and the certificate if nobody has been provisioned with it. */
export function expireToken(at: Place, tokenHash: string, certificateId: string): Write[] {
  return [
    {
      sql: `DELETE FROM iot_certificates
            WHERE account_id = ? AND region = ? AND certificate_id = ? AND status = 'PENDING_ACTIVATION'`,
      params: [...placeOf(at), certificateId],
    },
    { sql: `DELETE FROM iot_ownership_tokens WHERE ${KEY}`, params: [...placeOf(at), tokenHash] },
  ];
}
