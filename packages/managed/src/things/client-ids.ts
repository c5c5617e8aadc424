import type { Database } from "@hearth/backplane";

/** Ids of managed things, which are their devices' permanent client ids (docs/device-protocol.md). */
const THING_ID = /^[0-9a-f]{32}$/;

/**
 * Whether a client id belongs to a managed thing's device that has another certificate than this one. Who connects
 * under it would end that device's connection and take what waits in its session, whatever it may then receive; and
 * a claim, which all devices of a product share, may choose its client id freely.
 */
export function createClientIds({ database }: { database: Pick<Database, "query"> }) {
  return {
    async belongsToAnother(client: {
      accountId: string;
      region: string;
      clientId: string;
      certificateId: string;
    }): Promise<boolean> {
      if (!THING_ID.test(client.clientId)) return false;
      const [row] = await database.query<{ certificate_id: string | null }>(
        "SELECT certificate_id FROM managed_thing WHERE account_id = ? AND region = ? AND id = ?",
        [client.accountId, client.region, client.clientId],
      );
      return row !== undefined && row.certificate_id !== null && row.certificate_id !== client.certificateId;
    },
  };
}

export type ClientIds = ReturnType<typeof createClientIds>;
