import type { Migration } from "./database.ts";

/** The backplane's own tables. Every server applies them with those of its rooms. */
export const migrations: readonly Migration[] = [
  {
    room: "backplane",
    version: 1,
    name: "outbox, timers, check of the master key",
    statements: [
      `CREATE TABLE hearth_outbox (
        id BIGINT NOT NULL PRIMARY KEY,
        consumer TEXT NOT NULL,
        message_key TEXT NOT NULL,
        message BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        parked BIGINT NOT NULL
      )`,
      // Each row stands in one of the two: messages that nobody has looked at, in order, …
      "CREATE INDEX hearth_outbox_fresh ON hearth_outbox (consumer, id) WHERE parked = 0",
      // … and messages that wait for their key.
      "CREATE INDEX hearth_outbox_parked ON hearth_outbox (consumer, message_key, id) WHERE parked = 1",
      `CREATE TABLE hearth_timer (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        arming TEXT NOT NULL,
        attempt BIGINT NOT NULL,
        payload BLOB NOT NULL,
        PRIMARY KEY (kind, id)
      )`,
      "CREATE INDEX hearth_timer_due ON hearth_timer (kind, due_at)",
      `CREATE TABLE hearth_master_key (
        id BIGINT NOT NULL PRIMARY KEY,
        canary BLOB NOT NULL,
        created_at BIGINT NOT NULL
      )`,
    ],
  },
  {
    room: "backplane-keyring",
    version: 1,
    name: "the keys that the master key wraps",
    statements: [
      `CREATE TABLE hearth_sealing_key (
        id BIGINT NOT NULL PRIMARY KEY,
        purpose TEXT NOT NULL,
        wrapped BLOB NOT NULL,
        created_at BIGINT NOT NULL
      )`,
    ],
  },
  {
    room: "backplane-sealing",
    version: 1,
    name: "which rows of earlier versions have been sealed",
    statements: ["CREATE TABLE hearth_sealed_rows (name TEXT NOT NULL PRIMARY KEY, done_at BIGINT NOT NULL)"],
  },
];
