import type { Database, Write } from "@hearth/backplane";

export interface Tag {
  Key: string;
  Value: string;
}

export interface User {
  accountId: string;
  userName: string;
  userId: string;
  /** Begins and ends with `/`. */
  path: string;
  arn: string;
  tags: readonly Tag[];
  createdAt: number;
  /** Raised by every change of the user and of what belongs to it. */
  version: number;
}

export interface UserStore {
  /** Names do not differ by case. */
  find(accountId: string, userName: string): Promise<User | undefined>;
  findById(userId: string): Promise<User | undefined>;
  /** By name, those after `after`. */
  list(accountId: string, pathPrefix: string, after: string, limit: number): Promise<User[]>;
  insert(user: User): Write;
  /** Guards a batch: nobody has changed the user meanwhile. */
  touch(user: User): Write;
  remove(user: User): Write;
}

export const userArn = (accountId: string, path: string, userName: string): string =>
  `arn:aws:iam::${accountId}:user${path}${userName}`;

interface Row {
  account_id: string;
  user_name: string;
  user_id: string;
  path: string;
  tags: string;
  created_at: number;
  version: number;
}

const fromRow = (row: Row): User => ({
  accountId: row.account_id,
  userName: row.user_name,
  userId: row.user_id,
  path: row.path,
  arn: userArn(row.account_id, row.path, row.user_name),
  tags: JSON.parse(row.tags),
  createdAt: Number(row.created_at),
  version: Number(row.version),
});

const COLUMNS = "account_id, user_name, user_id, path, tags, created_at, version";

export function createUserStore({ database }: { database: Database }): UserStore {
  const select = `SELECT ${COLUMNS} FROM auth_users`;
  return {
    async find(accountId, userName) {
      const key = userName.toLowerCase();
      const rows = await database.query<Row>(`${select} WHERE account_id = ? AND name_key = ?`, [accountId, key]);
      return rows[0] && fromRow(rows[0]);
    },
    async findById(userId) {
      const rows = await database.query<Row>(`${select} WHERE user_id = ?`, [userId]);
      return rows[0] && fromRow(rows[0]);
    },
    async list(accountId, pathPrefix, after, limit) {
      const rows = await database.query<Row>(
        `${select} WHERE account_id = ? AND name_key > ? AND substr(path, 1, ?) = ? ORDER BY name_key LIMIT ?`,
        [accountId, after, pathPrefix.length, pathPrefix, limit],
      );
      return rows.map(fromRow);
    },
    insert: (user) => ({
      sql: `INSERT INTO auth_users (${COLUMNS}, region, name_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        user.accountId,
        user.userName,
        user.userId,
        user.path,
        JSON.stringify(user.tags),
        user.createdAt,
        user.version,
        "",
        user.userName.toLowerCase(),
      ],
    }),
    touch: (user) => ({
      sql: "UPDATE auth_users SET version = version + 1 WHERE user_id = ? AND version = ?",
      params: [user.userId, user.version],
      rows: 1,
    }),
    remove: (user) => ({
      sql: "DELETE FROM auth_users WHERE user_id = ? AND version = ?",
      params: [user.userId, user.version],
      rows: 1,
    }),
  };
}
