import type { ConnectedThing, DeviceCertificate, DeviceDirectory } from "@hearth/auth";
import type { Bus, Database } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import { permissionsChanged } from "../messaging/message.ts";
import { findRegistrations } from "./certificate-store.ts";
import { attachedDocuments, defaultDocument } from "./policy-store.ts";

/**
 * What `auth` asks about certificates, from memory where it can: a connection asks all three questions, a publish
 * the second after each change of permissions.
 */
export interface DirectoryDeps {
  database: Pick<Database, "query">;
  bus: Bus;
  /** Certificates kept in memory. */
  capacity?: number;
}

/** One registration of a certificate. */
interface Entry {
  certificate: DeviceCertificate;
  policies?: readonly { name: string; document: string }[];
  /** By client id. `null`: there is no link. */
  things: BoundedMap<string, ConnectedThing | null>;
}

const CAPACITY = 10_000;
/** One certificate may serve several client ids; a hostile one must not fill the memory with them. */
const CLIENTS_PER_CERTIFICATE = 16;

export function createDirectory({ database, bus, capacity = CAPACITY }: DirectoryDeps): DeviceDirectory {
  /** By certificate id: its registrations, at most one in each account. */
  const known = new BoundedMap<string, readonly Entry[]>(capacity);
  /** Grows with each change: what was read before it must not be kept after it. */
  let generation = 0;

  bus.subscribe(permissionsChanged, ({ accountId, certificateIds }) => {
    generation++;
    if (certificateIds) {
      for (const id of certificateIds) known.delete(id);
      return;
    }
    for (const id of [...known.keys()]) {
      if (known.peek(id)?.some(({ certificate }) => certificate.accountId === accountId)) known.delete(id);
    }
  });

  async function entriesOf(certificateId: string): Promise<readonly Entry[]> {
    const remembered = known.get(certificateId);
    if (remembered) return remembered;
    const before = generation;
    const entries = (await findRegistrations(database, certificateId)).map((found): Entry => {
      const { accountId, region, status, notBefore, notAfter, certificateMode } = found;
      const issuedHere = certificateMode === "DEFAULT";
      return {
        certificate: { accountId, region, certificateId, issuedHere, status, notBefore, notAfter },
        things: new BoundedMap(CLIENTS_PER_CERTIFICATE),
      };
    });
    // Unknown certificates are not remembered: there are as many as an attacker likes.
    if (entries.length > 0 && generation === before) known.set(certificateId, entries);
    return entries;
  }

  /** An entry that was taken out of `known` meanwhile is filled in vain, which does no harm. */
  const ownEntry = async (accountId: string, certificateId: string): Promise<Entry | undefined> =>
    (await entriesOf(certificateId)).find(({ certificate }) => certificate.accountId === accountId);

  return {
    registrations: async (certificateId) => (await entriesOf(certificateId)).map(({ certificate }) => certificate),

    async policies(accountId, certificateId) {
      const entry = await ownEntry(accountId, certificateId);
      if (!entry) return [];
      if (entry.policies) return entry.policies;
      const policies = await attachedDocuments(database, entry.certificate, certificateId);
      entry.policies = policies;
      return policies;
    },

    policy: (accountId, region, name) => defaultDocument(database, { accountId, region }, name),

    async thing(accountId, certificateId, clientId) {
      const entry = await ownEntry(accountId, certificateId);
      if (!entry) return undefined;
      const linked = entry.things.get(clientId);
      if (linked !== undefined) return linked ?? undefined;
      const thing = await linkedThing(database, entry.certificate, clientId);
      entry.things.set(clientId, thing ?? null);
      return thing;
    },
  };
}

/** Reference 5: an exclusive attachment links whatever the client id, any other only when that is the thing's name. */
async function linkedThing(
  database: Pick<Database, "query">,
  certificate: DeviceCertificate,
  clientId: string,
): Promise<ConnectedThing | undefined> {
  const [row] = await database.query<{ thing_name: string; attributes: string }>(
    `SELECT t.thing_name AS thing_name, t.attributes AS attributes
     FROM iot_thing_principals p
     JOIN iot_things t ON t.account_id = p.account_id AND t.region = p.region AND t.thing_name = p.thing_name
     WHERE p.account_id = ? AND p.region = ? AND p.certificate_id = ?
       AND (p.principal_type = 'EXCLUSIVE_THING' OR p.thing_name = ?)
     LIMIT 1`,
    [certificate.accountId, certificate.region, certificate.certificateId, clientId],
  );
  return row && { thingName: row.thing_name, attributes: JSON.parse(row.attributes) as Record<string, string> };
}
