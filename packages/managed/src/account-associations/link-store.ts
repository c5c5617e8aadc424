import type { Database, Sealer, Timers, Write } from "@hearth/backplane";
import type { Ciphers } from "../encryption/ciphers.ts";
import type { Place } from "../place.ts";

/** `OPEN`: the end user may sign in; `EXCHANGING`: the code is being spent; `ACTIVATING`: the connector is asked. */
type LinkPhase = "OPEN" | "EXCHANGING" | "ACTIVATING";

/** One attempt to link an association. */
export interface Link extends Place {
  associationId: string;
  stateHash: string;
  phase: LinkPhase;
  details: LinkDetails;
  /** Milliseconds: an attempt that is still in this phase then has failed. */
  expiresAt: number;
}

/** Sealed at rest. Empty with General Authorization, where nobody signs in. */
interface LinkDetails {
  /** PKCE's; absent where the vendor refuses it. */
  verifier?: string;
  /** As it was sent: the exchange must repeat it (RFC 6749, 4.1.3). */
  redirectUri?: string;
}

interface Row {
  account_id: string;
  region: string;
  association_id: string;
  state_hash: string;
  phase: LinkPhase;
  details: Uint8Array;
  expires_at: number;
}

const SEALED = "association";

/** Ends attempts at their `expiresAt`. */
export const LINK_TIMER = "account-link";

const timerId = (place: Place, associationId: string) => `${place.accountId}/${place.region}/${associationId}`;

export type LinkStore = ReturnType<typeof createLinkStore>;

/** Attempts to link in the database, each with the timer of its end. Writes are returned, for the caller's batch. */
export function createLinkStore(deps: { database: Database; sealer: Sealer; ciphers: Ciphers; timers: Timers }) {
  const { database, sealer, ciphers, timers } = deps;

  const armed = ({ accountId, region, associationId }: Link, expiresAt: number): Write =>
    timers.arm(LINK_TIMER, timerId({ accountId, region }, associationId), expiresAt, {
      ...{ accountId, region, associationId },
    });
  const disarmed = (place: Place, associationId: string): Write =>
    timers.disarm(LINK_TIMER, timerId(place, associationId));

  const fromRow = async (row: Row): Promise<Link> => {
    const place = { accountId: row.account_id, region: row.region };
    const cipher = await ciphers.of(place);
    return {
      ...place,
      associationId: row.association_id,
      stateHash: row.state_hash,
      phase: row.phase,
      details: JSON.parse(cipher.open(row.details, SEALED)) as LinkDetails,
      expiresAt: row.expires_at,
    };
  };

  return {
    hashOf: (state: string): string => sealer.hash(state, "account-link.state"),

    /** In whichever account: the redirect back says no more than its state. */
    async byState(stateHash: string): Promise<Link | undefined> {
      const [row] = await database.query<Row>("SELECT * FROM account_link WHERE state_hash = ?", [stateHash]);
      return row && fromRow(row);
    },

    async get(place: Place, associationId: string): Promise<Link | undefined> {
      const [row] = await database.query<Row>(
        "SELECT * FROM account_link WHERE account_id = ? AND region = ? AND association_id = ?",
        [place.accountId, place.region, associationId],
      );
      return row && fromRow(row);
    },

    /** In place of the attempt before. */
    async put(link: Link): Promise<Write[]> {
      const cipher = await ciphers.of(link);
      const row: Write = {
        sql: `INSERT INTO account_link (account_id, region, association_id, state_hash, phase, details, expires_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account_id, region, association_id) DO UPDATE SET state_hash = excluded.state_hash,
            phase = excluded.phase, details = excluded.details, expires_at = excluded.expires_at`,
        params: [
          link.accountId,
          link.region,
          link.associationId,
          link.stateHash,
          link.phase,
          cipher.seal(JSON.stringify(link.details), SEALED),
          link.expiresAt,
        ],
      };
      return [row, armed(link, link.expiresAt)];
    },

    /** The same attempt in another phase. Guarded: whoever comes second, or after its end, conflicts. */
    advance(link: Link, phase: LinkPhase, expiresAt: number): Write[] {
      const update: Write = {
        sql: `UPDATE account_link SET phase = ?, expires_at = ? WHERE account_id = ? AND region = ?
          AND association_id = ? AND state_hash = ? AND phase = ?`,
        params: [phase, expiresAt, link.accountId, link.region, link.associationId, link.stateHash, link.phase],
        rows: 1,
      };
      return [update, armed(link, expiresAt)];
    },

    /** The end of this attempt, in this phase; guarded. */
    end(link: Link): Write[] {
      const removal: Write = {
        sql: `DELETE FROM account_link WHERE account_id = ? AND region = ? AND association_id = ? AND state_hash = ?
          AND phase = ?`,
        params: [link.accountId, link.region, link.associationId, link.stateHash, link.phase],
        rows: 1,
      };
      return [removal, disarmed(link, link.associationId)];
    },

    /** Whatever attempt there is. */
    remove(place: Place, associationId: string): Write[] {
      const removal: Write = {
        sql: "DELETE FROM account_link WHERE account_id = ? AND region = ? AND association_id = ?",
        params: [place.accountId, place.region, associationId],
      };
      return [removal, disarmed(place, associationId)];
    },
  };
}
