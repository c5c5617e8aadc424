import type { Migration } from "@hearth/backplane";

/** Links under way between end users and accounts, and the tokens that they ended in (reference 9.2). */
export const linkMigrations: readonly Migration[] = [
  {
    room: "managed-account-links",
    version: 1,
    name: "attempts to link accounts, tokens of linked ones",
    statements: [
      // One attempt an association: a new one replaces the one before, whose state is void then.
      `CREATE TABLE account_link (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        association_id TEXT NOT NULL,
        state_hash TEXT NOT NULL,
        phase TEXT NOT NULL,
        details BLOB NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, association_id)
      )`,
      "CREATE UNIQUE INDEX account_link_state ON account_link (state_hash)",
      `CREATE TABLE account_token (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        association_id TEXT NOT NULL,
        tokens BLOB NOT NULL,
        access_expires_at BIGINT,
        refresh_expires_at BIGINT,
        renewed_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, association_id)
      )`,
    ],
  },
];
