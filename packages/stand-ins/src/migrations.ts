import type { Migration } from "@hearth/backplane";
import { keyMigrations } from "./keys/key-store.ts";
import { logMigrations } from "./logs/log-store.ts";
import { objectMigrations } from "./objects/object-store.ts";
import { secretMigrations } from "./secrets/secret-store.ts";
import { streamMigrations } from "./streams/stream-store.ts";
import { deliveryMigrations } from "./trail/delivery-store.ts";
import { trailMigrations } from "./trail/trail-store.ts";

/** The tables of every stand-in. */
export const migrations: readonly Migration[] = [
  ...keyMigrations,
  ...streamMigrations,
  ...trailMigrations,
  ...logMigrations,
  ...secretMigrations,
  ...objectMigrations,
  ...deliveryMigrations,
];
