import type { Migration } from "@hearth/backplane";

/** Tables of persistent sessions and retained messages. `expires_at` NULL: never. */
export const migrations: Migration[] = [
  {
    room: "broker",
    version: 1,
    name: "sessions, subscriptions, queued and retained messages",
    statements: [
      `CREATE TABLE broker_session (
        session_id TEXT NOT NULL PRIMARY KEY,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        client_id TEXT NOT NULL,
        version BIGINT NOT NULL,
        expiry_interval BIGINT NOT NULL,
        connected BIGINT NOT NULL,
        expires_at BIGINT,
        version_number BIGINT NOT NULL,
        will TEXT,
        will_due_at BIGINT,
        UNIQUE (account_id, client_id)
      )`,
      `CREATE TABLE broker_subscription (
        session_id TEXT NOT NULL,
        filter TEXT NOT NULL,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        qos BIGINT NOT NULL,
        no_local BIGINT NOT NULL,
        retain_as_published BIGINT NOT NULL,
        identifier BIGINT,
        PRIMARY KEY (session_id, filter)
      )`,
      `CREATE TABLE broker_message (
        session_id TEXT NOT NULL,
        seq BIGINT NOT NULL,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        topic TEXT NOT NULL,
        payload BLOB NOT NULL,
        size BIGINT NOT NULL,
        retain BIGINT NOT NULL,
        properties TEXT,
        identifiers TEXT,
        expires_at BIGINT,
        PRIMARY KEY (session_id, seq)
      )`,
      `CREATE TABLE broker_retained (
        account_id TEXT NOT NULL,
        topic TEXT NOT NULL,
        region TEXT NOT NULL,
        payload BLOB NOT NULL,
        qos BIGINT NOT NULL,
        properties TEXT,
        stored_at BIGINT NOT NULL,
        expires_at BIGINT,
        PRIMARY KEY (account_id, topic)
      )`,
    ],
  },
  {
    room: "broker",
    version: 2,
    name: "QoS 2, and packet identifiers that outlast the server",
    statements: [
      "ALTER TABLE broker_message ADD COLUMN qos BIGINT NOT NULL DEFAULT 1",
      "ALTER TABLE broker_message ADD COLUMN packet_id BIGINT NOT NULL DEFAULT 0",
      "ALTER TABLE broker_message ADD COLUMN released BIGINT NOT NULL DEFAULT 0",
      // At most 10,000 messages were kept for a session: the rest of its position is a free identifier.
      "UPDATE broker_message SET packet_id = (seq - 1) % 65535 + 1",
      "ALTER TABLE broker_session ADD COLUMN sent_seq BIGINT NOT NULL DEFAULT -1",
      `CREATE TABLE broker_received (
        session_id TEXT NOT NULL,
        packet_id BIGINT NOT NULL,
        PRIMARY KEY (session_id, packet_id)
      )`,
    ],
  },
  {
    room: "broker-late",
    version: 1,
    name: "messages that are not delivered late",
    statements: ["ALTER TABLE broker_message ADD COLUMN never_late BIGINT NOT NULL DEFAULT 0"],
  },
  {
    room: "broker-sealed",
    version: 1,
    name: "queued and retained messages and wills are sealed",
    statements: [
      "ALTER TABLE broker_message ADD COLUMN sealed BLOB",
      "ALTER TABLE broker_retained ADD COLUMN sealed BLOB",
      "ALTER TABLE broker_retained ADD COLUMN size BIGINT NOT NULL DEFAULT 0",
      "UPDATE broker_retained SET size = LENGTH(payload)",
      "ALTER TABLE broker_session ADD COLUMN will_sealed BLOB",
    ],
  },
];
