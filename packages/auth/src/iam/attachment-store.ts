import type { Database, Write } from "@hearth/backplane";

/** Which managed policies are attached to which user or role, by the owner's unique id. */
export interface AttachmentStore {
  /** ARNs, in order. */
  list(accountId: string, ownerId: string): Promise<string[]>;
  /** To how many users and roles of the account each policy is attached; those attached to none are absent. */
  count(accountId: string): Promise<Map<string, number>>;
  /** Attaching again changes nothing. */
  attach(accountId: string, ownerId: string, policyArn: string): Write;
  /** To the role of this name under this path, if there is one by then. */
  attachToServiceRole(accountId: string, roleName: string, path: string, policyArn: string): Write;
  detach(accountId: string, ownerId: string, policyArn: string): Write;
  detachAll(accountId: string, ownerId: string): Write;
}

export function createAttachmentStore({ database }: { database: Database }): AttachmentStore {
  return {
    async list(accountId, ownerId) {
      const rows = await database.query<{ policy_arn: string }>(
        "SELECT policy_arn FROM auth_policy_attachments WHERE account_id = ? AND owner_id = ? ORDER BY policy_arn",
        [accountId, ownerId],
      );
      return rows.map((row) => row.policy_arn);
    },
    async count(accountId) {
      const rows = await database.query<{ policy_arn: string; owners: number }>(
        "SELECT policy_arn, COUNT(*) AS owners FROM auth_policy_attachments WHERE account_id = ? GROUP BY policy_arn",
        [accountId],
      );
      return new Map(rows.map((row) => [row.policy_arn, Number(row.owners)]));
    },
    attach: (accountId, ownerId, policyArn) => ({
      sql: `INSERT INTO auth_policy_attachments (account_id, region, owner_id, policy_arn) VALUES (?, ?, ?, ?)
        ON CONFLICT (account_id, owner_id, policy_arn) DO NOTHING`,
      params: [accountId, "", ownerId, policyArn],
    }),
    attachToServiceRole: (accountId, roleName, path, policyArn) => ({
      sql: `INSERT INTO auth_policy_attachments (account_id, region, owner_id, policy_arn)
        SELECT account_id, '', role_id, CAST(? AS TEXT) FROM auth_roles WHERE account_id = ? AND name_key = ? AND path = ?
        ON CONFLICT (account_id, owner_id, policy_arn) DO NOTHING`,
      params: [policyArn, accountId, roleName.toLowerCase(), path],
    }),
    detach: (accountId, ownerId, policyArn) => ({
      sql: "DELETE FROM auth_policy_attachments WHERE account_id = ? AND owner_id = ? AND policy_arn = ?",
      params: [accountId, ownerId, policyArn],
      rows: 1,
    }),
    detachAll: (accountId, ownerId) => ({
      sql: "DELETE FROM auth_policy_attachments WHERE account_id = ? AND owner_id = ?",
      params: [accountId, ownerId],
    }),
  };
}
