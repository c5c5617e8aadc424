import { randomBytes } from "node:crypto";
import type { Clock } from "@hearth/base";
import { type Database, UniqueViolation, type Write } from "./database.ts";
import { replaceCanary } from "./master-key.ts";
import { createSealer, createSealerOf, keysOfMaster, type SealingKeys } from "./sealer.ts";
import type { Sealer } from "./sealing.ts";

/**
 * The keys of an installation, wrapped by its master key in the database: another master key wraps them again, and
 * nothing else that is stored has to change. The hash key stays for ever, or nothing would be found by its hash.
 */
export interface Keyring {
  sealer: Sealer;
  /** From now on the keys open under `masterKey` only, and a new key seals. Resolves when that is durable. */
  rotate(masterKey: Uint8Array): Promise<void>;
}

interface Row {
  id: number;
  purpose: "hash" | "seal";
  wrapped: Uint8Array;
}

const WRAPPED = "sealing key";
const SELECT = "SELECT id, purpose, wrapped FROM hearth_sealing_key ORDER BY id DESC";
const KEY_BYTES = 32;

/** After `checkMasterKey`. An installation of an earlier version goes on with the keys that it has derived until now. */
export async function openKeyring(deps: { database: Database; masterKey: Uint8Array; clock: Clock }): Promise<Keyring> {
  const { database, masterKey, clock } = deps;
  const insert = (id: number, purpose: Row["purpose"], wrapped: Uint8Array): Write => ({
    sql: "INSERT INTO hearth_sealing_key (id, purpose, wrapped, created_at) VALUES (?, ?, ?, ?)",
    params: [id, purpose, wrapped, clock.now()],
  });

  let wrapping = createSealer(masterKey);
  let rows = await database.query<Row>(SELECT);
  if (rows.length === 0) {
    const derived = keysOfMaster(masterKey);
    const seals = derived.seal.map((key, index) => insert(index + 2, "seal", wrapping.seal(key, WRAPPED)));
    try {
      await database.commit([insert(1, "hash", wrapping.seal(derived.hash, WRAPPED)), ...seals]);
    } catch (error) {
      // Another server on the same database was first.
      if (!(error instanceof UniqueViolation)) throw error;
    }
    rows = await database.query<Row>(SELECT);
  }
  const opened = (purpose: Row["purpose"]) =>
    rows.filter((row) => row.purpose === purpose).map((row) => wrapping.open(row.wrapped, WRAPPED));
  const [hash = new Uint8Array(0)] = opened("hash");
  const keys: SealingKeys = { seal: opened("seal"), hash };
  const sealer = createSealerOf(keys);

  return {
    sealer,
    async rotate(next) {
      const target = createSealer(next);
      const stored = await database.query<Row>(SELECT);
      const added = randomBytes(KEY_BYTES);
      const again = stored.map(({ id, wrapped }) => ({
        sql: "UPDATE hearth_sealing_key SET wrapped = ? WHERE id = ? AND wrapped = ?",
        params: [target.seal(wrapping.open(wrapped, WRAPPED), WRAPPED), id, wrapped],
        rows: 1,
      }));
      const id = Number(stored[0]?.id ?? 0) + 1;
      await database.commit([...again, insert(id, "seal", target.seal(added, WRAPPED)), replaceCanary(target)]);
      wrapping = target;
      sealer.renew(added);
    },
  };
}
