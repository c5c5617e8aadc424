import { afterAll, describe } from "vitest";
import { createPostgresDatabases } from "../../../tests/kit/postgres-databases.ts";
import { describeCommands } from "./commands/commands-suite.ts";
import { describeCredentials } from "./credentials/credentials-suite.ts";
import { describeIdempotency } from "./idempotency/idempotency-suite.ts";
import { describeCounts } from "./jobs/counts-suite.ts";
import { describeDevices } from "./jobs/device-suite.ts";
import { describeEngine } from "./jobs/engine-suite.ts";
import { describeJobs } from "./jobs/jobs-suite.ts";
import { describeMembership } from "./jobs/membership-suite.ts";
import { describeProvisioning } from "./provisioning/provisioning-suite.ts";
import { describeGroups } from "./registry/groups/groups-suite.ts";
import { describeThings } from "./registry/things-suite.ts";
import { describeShadowHistory } from "./shadows/shadow-history-suite.ts";
import { describeShadows } from "./shadows/shadows-suite.ts";
import { describeStreams } from "./streams/streams-suite.ts";
import { type OpenTestRoom, openTestRoom, testMigrations } from "./test-room.ts";

const skipped = process.env["HEARTH_SKIP_POSTGRES"] === "1";
if (skipped) console.warn("HEARTH_SKIP_POSTGRES=1: the suites of iot do NOT run on PostgreSQL");

const databases = createPostgresDatabases(testMigrations);
afterAll(() => databases.stop());

/** A room on a database of its own. */
const open: OpenTestRoom = async (more) => {
  const database = await databases.open();
  const room = await openTestRoom({ ...more, database });
  return {
    ...room,
    async close() {
      await room.close();
      await database.close();
    },
  };
};

describe.runIf(!skipped)("on PostgreSQL", () => {
  describe("commands", () => describeCommands(open));
  describe("credentials", () => describeCredentials(open));
  describe("idempotency", () => describeIdempotency(open));
  describe("jobs: the devices' side", () => describeDevices(open));
  describe("jobs", () => describeJobs(open));
  describe("jobs: counts", () => describeCounts(open, 1));
  describe("jobs: the engine", () => describeEngine(open));
  describe("jobs: things that come and leave", () => describeMembership(open));
  describe("provisioning", () => describeProvisioning(open));
  describe("thing groups", () => describeGroups(open));
  describe("streams", () => describeStreams(open));
  describe("things", () => describeThings(open));
  describe("shadow history", () => describeShadowHistory(open));
  describe("shadows", () => describeShadows(open));
});
