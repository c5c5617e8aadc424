import type { Database, Sealer, Write } from "@hearth/backplane";
import type { Place } from "../place.ts";

export type TargetType = "JETSTREAM" | "SSE" | "WEBHOOK";

/** What is sealed: a URL may carry the receiver's own secrets. */
export interface TargetDetails {
  /** Of a WEBHOOK. */
  url?: string;
  secret?: string;
  /** Signs besides until `previousUntil`, so that a receiver can change over without losing a record. */
  previousSecret?: string;
  /** Milliseconds. */
  previousUntil?: number;
  /** Of a JETSTREAM: whole, with the account's prefix. */
  subject?: string;
}

export interface NotificationTarget extends Place {
  type: TargetType;
  name: string;
  details: TargetDetails;
  /** Milliseconds. */
  createdAt: number;
  revision: number;
}

interface Row {
  account_id: string;
  region: string;
  type: TargetType;
  name: string;
  details: Uint8Array;
  created_at: number;
  revision: number;
}

const PURPOSE = "managed.notification-target";

const resourceTypes = { JETSTREAM: "jetstream", SSE: "sse", WEBHOOK: "webhook" } as const satisfies Record<
  TargetType,
  string
>;

/** Of the form that DeliveryDestinationArn takes. */
export const targetArn = (target: Place & { type: TargetType; name: string }): string =>
  `arn:aws:hearth:${target.region}:${target.accountId}:${resourceTypes[target.type]}/${target.name}`;

/** The target that an ARN of the service `hearth` names; undefined when it names none. */
export function targetOf(arn: string): (Place & { type: TargetType; name: string }) | undefined {
  const [, , service, region = "", accountId = "", resource = ""] = arn.split(":");
  const [kind = "", name = ""] = resource.split("/");
  const type = (Object.keys(resourceTypes) as TargetType[]).find((one) => resourceTypes[one] === kind);
  return service === "hearth" && type !== undefined && name !== "" ? { accountId, region, type, name } : undefined;
}

export type TargetStore = ReturnType<typeof createTargetStore>;

export function createTargetStore({ database, sealer }: { database: Database; sealer: Sealer }) {
  const targetFrom = (row: Row): NotificationTarget => ({
    accountId: row.account_id,
    region: row.region,
    type: row.type,
    name: row.name,
    details: JSON.parse(sealer.openText(row.details, PURPOSE)) as TargetDetails,
    createdAt: row.created_at,
    revision: row.revision,
  });
  const seal = (details: TargetDetails) => sealer.seal(JSON.stringify(details), PURPOSE);

  return {
    async get(place: Place, type: TargetType, name: string): Promise<NotificationTarget | undefined> {
      const rows = await database.query<Row>(
        "SELECT * FROM notification_target WHERE account_id = ? AND region = ? AND type = ? AND name = ?",
        [place.accountId, place.region, type, name],
      );
      return rows[0] && targetFrom(rows[0]);
    },

    /** In order of type and name, behind `after`. */
    async list(place: Place, after: { type: string; name: string }, limit: number): Promise<NotificationTarget[]> {
      const rows = await database.query<Row>(
        `SELECT * FROM notification_target WHERE account_id = ? AND region = ? AND (type > ? OR (type = ? AND name > ?))
          ORDER BY type, name LIMIT ?`,
        [place.accountId, place.region, after.type, after.type, after.name, limit],
      );
      return rows.map(targetFrom);
    },

    insert(target: Omit<NotificationTarget, "revision">): Write {
      return {
        sql: `INSERT INTO notification_target (account_id, region, type, name, details, created_at, revision)
          VALUES (?, ?, ?, ?, ?, ?, 1)`,
        params: [
          ...[target.accountId, target.region, target.type, target.name],
          ...[seal(target.details), target.createdAt],
        ],
      };
    },

    /** Guarded by the revision. */
    update(target: NotificationTarget, details: TargetDetails): Write {
      return {
        sql: `UPDATE notification_target SET details = ?, revision = revision + 1
          WHERE account_id = ? AND region = ? AND type = ? AND name = ? AND revision = ?`,
        params: [seal(details), target.accountId, target.region, target.type, target.name, target.revision],
        rows: 1,
      };
    },

    remove(place: Place, type: TargetType, name: string): Write {
      return {
        sql: "DELETE FROM notification_target WHERE account_id = ? AND region = ? AND type = ? AND name = ?",
        params: [place.accountId, place.region, type, name],
        rows: 1,
      };
    },
  };
}
