import { describe } from "vitest";
import { describeCredentials } from "./credentials/credentials-suite.ts";
import { describeIdempotency } from "./idempotency/idempotency-suite.ts";
import { describeDeviceRequests } from "./jobs/device-requests-suite.ts";
import { describeDevices } from "./jobs/device-suite.ts";
import { describeEngine } from "./jobs/engine-suite.ts";
import { describeJobQuotas, describeJobs } from "./jobs/jobs-suite.ts";
import { describeProvisioning } from "./provisioning/provisioning-suite.ts";
import { describeGroups } from "./registry/groups/groups-suite.ts";
import { describeThings } from "./registry/things-suite.ts";
import { describeShadowHistory } from "./shadows/shadow-history-suite.ts";
import { describeShadows } from "./shadows/shadows-suite.ts";
import { openTestRoom } from "./test-room.ts";

describe("on SQLite", () => {
  describe("credentials", () => describeCredentials(openTestRoom));
  describe("idempotency", () => describeIdempotency(openTestRoom));
  describe("jobs: what devices ask", () => describeDeviceRequests(openTestRoom));
  describe("jobs: the devices' side", () => describeDevices(openTestRoom));
  describe("jobs", () => describeJobs(openTestRoom));
  describe("jobs: AWS's quotas", () => describeJobQuotas(openTestRoom));
  describe("jobs: the engine", () => describeEngine(openTestRoom));
  describe("provisioning", () => describeProvisioning(openTestRoom));
  describe("thing groups", () => describeGroups(openTestRoom));
  describe("things", () => describeThings(openTestRoom));
  describe("shadow history", () => describeShadowHistory(openTestRoom));
  describe("shadows", () => describeShadows(openTestRoom));
});
