import type { Migration } from "@hearth/backplane";

/** The room's tables. IAM is global, so the region of its rows is empty. Every change of an identity raises its version. */
export const migrations: readonly Migration[] = [
  {
    room: "auth",
    version: 1,
    name: "accounts, access keys, users, roles, inline policies",
    statements: [
      `CREATE TABLE auth_accounts (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id)
      )`,
      `CREATE TABLE auth_access_keys (
        access_key_id TEXT NOT NULL,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        secret BLOB NOT NULL,
        status TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (access_key_id)
      )`,
      "CREATE INDEX auth_access_keys_by_owner ON auth_access_keys (account_id, owner_id, created_at)",
      `CREATE TABLE auth_users (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name_key TEXT NOT NULL,
        user_name TEXT NOT NULL,
        user_id TEXT NOT NULL,
        path TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (account_id, name_key)
      )`,
      "CREATE UNIQUE INDEX auth_users_by_id ON auth_users (user_id)",
      `CREATE TABLE auth_roles (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        name_key TEXT NOT NULL,
        role_name TEXT NOT NULL,
        role_id TEXT NOT NULL,
        path TEXT NOT NULL,
        trust_policy TEXT NOT NULL,
        description TEXT,
        max_session_duration BIGINT NOT NULL,
        tags TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (account_id, name_key)
      )`,
      "CREATE UNIQUE INDEX auth_roles_by_id ON auth_roles (role_id)",
      `CREATE TABLE auth_inline_policies (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        policy_name TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (account_id, owner_id, policy_name)
      )`,
    ],
  },
  {
    room: "auth",
    version: 2,
    name: "attached managed policies, deletions of service-linked roles",
    statements: [
      `CREATE TABLE auth_policy_attachments (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        policy_arn TEXT NOT NULL,
        PRIMARY KEY (account_id, owner_id, policy_arn)
      )`,
      `CREATE TABLE auth_role_deletions (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        task_id TEXT NOT NULL,
        uses TEXT NOT NULL,
        ended_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, task_id)
      )`,
    ],
  },
];
