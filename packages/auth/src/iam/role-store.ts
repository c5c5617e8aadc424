import type { Database, Write } from "@hearth/backplane";
import { SERVICE_ROLE_ROOT } from "./managed-policies.ts";
import type { Tag } from "./user-store.ts";

export interface Role {
  accountId: string;
  roleName: string;
  roleId: string;
  /** Begins and ends with `/`. */
  path: string;
  arn: string;
  /** Who may assume it: a trust policy as it was given. */
  trustPolicy: string;
  description?: string;
  /** Seconds. */
  maxSessionDuration: number;
  tags: readonly Tag[];
  createdAt: number;
  /** Raised by every change of the role and of what belongs to it. */
  version: number;
}

export interface RoleStore {
  /** Names do not differ by case. */
  find(accountId: string, roleName: string): Promise<Role | undefined>;
  findById(roleId: string): Promise<Role | undefined>;
  /** By name, those after `after`. */
  list(accountId: string, pathPrefix: string, after: string, limit: number): Promise<Role[]>;
  insert(role: Role): Write;
  /** Makes the role, or raises its version if there is one of its name. */
  ensure(role: Role): Write;
  /** Guards a batch: nobody has changed the role meanwhile. */
  touch(role: Role): Write;
  setTrustPolicy(role: Role, trustPolicy: string): Write;
  /** `maxSessionDuration` in seconds. */
  describe(role: Role, facts: { description: string | undefined; maxSessionDuration: number }): Write;
  remove(role: Role): Write;
}

export const roleArn = (accountId: string, path: string, roleName: string): string =>
  `arn:aws:iam::${accountId}:role${path}${roleName}`;

/** Belongs to a service, which alone says what it may. */
export const isServiceLinked = ({ path }: Pick<Role, "path">): boolean => path.startsWith(SERVICE_ROLE_ROOT);

interface Row {
  account_id: string;
  role_name: string;
  role_id: string;
  path: string;
  trust_policy: string;
  description: string | null;
  max_session_duration: number;
  tags: string;
  created_at: number;
  version: number;
}

const fromRow = (row: Row): Role => ({
  accountId: row.account_id,
  roleName: row.role_name,
  roleId: row.role_id,
  path: row.path,
  arn: roleArn(row.account_id, row.path, row.role_name),
  trustPolicy: row.trust_policy,
  ...(row.description !== null && { description: row.description }),
  maxSessionDuration: Number(row.max_session_duration),
  tags: JSON.parse(row.tags),
  createdAt: Number(row.created_at),
  version: Number(row.version),
});

const COLUMNS =
  "account_id, role_name, role_id, path, trust_policy, description, max_session_duration, tags, created_at, version";

export function createRoleStore({ database }: { database: Database }): RoleStore {
  const select = `SELECT ${COLUMNS} FROM auth_roles`;
  const insert = (role: Role): Write => ({
    sql: `INSERT INTO auth_roles (${COLUMNS}, region, name_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      role.accountId,
      role.roleName,
      role.roleId,
      role.path,
      role.trustPolicy,
      role.description ?? null,
      role.maxSessionDuration,
      JSON.stringify(role.tags),
      role.createdAt,
      role.version,
      "",
      role.roleName.toLowerCase(),
    ],
  });
  return {
    async find(accountId, roleName) {
      const key = roleName.toLowerCase();
      const rows = await database.query<Row>(`${select} WHERE account_id = ? AND name_key = ?`, [accountId, key]);
      return rows[0] && fromRow(rows[0]);
    },
    async findById(roleId) {
      const rows = await database.query<Row>(`${select} WHERE role_id = ?`, [roleId]);
      return rows[0] && fromRow(rows[0]);
    },
    async list(accountId, pathPrefix, after, limit) {
      const rows = await database.query<Row>(
        `${select} WHERE account_id = ? AND name_key > ? AND substr(path, 1, ?) = ? ORDER BY name_key LIMIT ?`,
        [accountId, after, pathPrefix.length, pathPrefix, limit],
      );
      return rows.map(fromRow);
    },
    insert,
    ensure: (role) => {
      const { sql, params } = insert(role);
      return {
        sql: `${sql} ON CONFLICT (account_id, name_key) DO UPDATE SET version = auth_roles.version + 1`,
        params,
      };
    },
    touch: (role) => ({
      sql: "UPDATE auth_roles SET version = version + 1 WHERE role_id = ? AND version = ?",
      params: [role.roleId, role.version],
      rows: 1,
    }),
    setTrustPolicy: (role, trustPolicy) => ({
      sql: "UPDATE auth_roles SET trust_policy = ?, version = version + 1 WHERE role_id = ? AND version = ?",
      params: [trustPolicy, role.roleId, role.version],
      rows: 1,
    }),
    describe: (role, { description, maxSessionDuration }) => ({
      sql: `UPDATE auth_roles SET description = ?, max_session_duration = ?, version = version + 1
        WHERE role_id = ? AND version = ?`,
      params: [description ?? null, maxSessionDuration, role.roleId, role.version],
      rows: 1,
    }),
    remove: (role) => ({
      sql: "DELETE FROM auth_roles WHERE role_id = ? AND version = ?",
      params: [role.roleId, role.version],
      rows: 1,
    }),
  };
}
