import { describe } from "vitest";
import { describeLinking } from "./account-associations/linking-suite.ts";
import { describeCommands } from "./commands/commands-suite.ts";
import { describeRequests } from "./commands/requests-suite.ts";
import { describeConnectors } from "./connectors/connectors-suite.ts";
import { describeInvocation } from "./connectors/invocation-suite.ts";
import { describeDevices } from "./device/device-suite.ts";
import { describeLogs } from "./event-logs/logs-suite.ts";
import { describeHubs } from "./hub/hub-suite.ts";
import { describeNotifications } from "./notifications/notifications-suite.ts";
import { describeOtaTasks } from "./ota-tasks/ota-suite.ts";
import { openTestRoom } from "./test-room.ts";
import { describeRemoval } from "./things/removal-suite.ts";
import { describeThings } from "./things/things-suite.ts";

describe("on SQLite", () => {
  describe("things", () => describeThings(openTestRoom));
  describe("account linking", () => describeLinking(openTestRoom));
  describe("connectors", () => describeConnectors(openTestRoom));
  describe("invocation of connectors", () => describeInvocation(openTestRoom));
  describe("devices", () => describeDevices(openTestRoom));
  describe("commands", () => describeCommands(openTestRoom));
  describe("requests of devices", () => describeRequests(openTestRoom));
  describe("removal", () => describeRemoval(openTestRoom));
  describe("hubs", () => describeHubs(openTestRoom));
  describe("notifications", () => describeNotifications(openTestRoom));
  describe("logs", () => describeLogs(openTestRoom));
  describe("OTA tasks", () => describeOtaTasks(openTestRoom));
});
