import { afterAll, describe } from "vitest";
import { createPostgresDatabases } from "../../../tests/kit/postgres-databases.ts";
import { describeLinking } from "./account-associations/linking-suite.ts";
import { describeCommands } from "./commands/commands-suite.ts";
import { describeRequests } from "./commands/requests-suite.ts";
import { describeConnectors } from "./connectors/connectors-suite.ts";
import { describeInvocation } from "./connectors/invocation-suite.ts";
import { describeDevices } from "./device/device-suite.ts";
import { describeLogs } from "./event-logs/logs-suite.ts";
import { describeHubs } from "./hub/hub-suite.ts";
import { describeNotifications } from "./notifications/notifications-suite.ts";
import { describeOtaFeed } from "./ota-tasks/ota-feed-suite.ts";
import { type OpenTestRoom, openTestRoom, testMigrations } from "./test-room.ts";
import { describeRemoval } from "./things/removal-suite.ts";
import { describeThings } from "./things/things-suite.ts";

const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";
if (skipped) console.warn("HEARTH_SKIP_POSTGRES=1: the suites of managed integrations do NOT run on PostgreSQL");

const databases = createPostgresDatabases(testMigrations);
afterAll(() => databases.stop());

/** A room on a database of its own. */
const open: OpenTestRoom = async (options) => {
  const database = await databases.open();
  const room = await openTestRoom({ ...options, database });
  return {
    ...room,
    async close() {
      await room.close();
      await database.close();
    },
  };
};

describe.runIf(!skipped)("on PostgreSQL", () => {
  describe("things", () => describeThings(open));
  describe("account linking", () => describeLinking(open));
  describe("connectors", () => describeConnectors(open));
  describe("invocation of connectors", () => describeInvocation(open));
  describe("devices", () => describeDevices(open));
  describe("commands", () => describeCommands(open));
  describe("requests of devices", () => describeRequests(open));
  describe("removal", () => describeRemoval(open));
  describe("hubs", () => describeHubs(open));
  describe("notifications", () => describeNotifications(open));
  describe("logs", () => describeLogs(open));
  describe("what goes with OTA tasks", () => describeOtaFeed(open));
});
