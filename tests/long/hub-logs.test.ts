import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";

let fleet: Fleet;
let hub: LivingHub;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  fleet = await openFleet();
  hub = await openHub(cloudOf(fleet), {});
  const { apiEndpoint: endpoint, region } = fleet.file;
  logs = new CloudWatchLogsClient({ endpoint, region, credentials: fleet.file });
});
afterAll(async () => {
  logs?.destroy();
  await hub?.close();
  await fleet?.close();
});

test("row 80: what the hub logs reaches the log group, through the hub's own connection", async () => {
  await fleet.managed.send("PutRuntimeLogConfiguration", {
    ManagedThingId: hub.id,
    RuntimeLogConfigurations: { LogLevel: "DEBUG", UploadLog: true, UploadPeriodMinutes: 1 },
  });
  // Something to tell of.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  hub.uplink.cut();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  hub.uplink.restore();
  const group = { logGroupName: "/aws/iotmanagedintegrations/devices", logStreamName: hub.id };
  const uploaded = await eventually(
    "the hub's logs",
    async () => {
      const found = await logs.send(new GetLogEventsCommand({ ...group, startFromHead: true })).catch(() => undefined);
      return found?.events?.length ? found.events : undefined;
    },
    140_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; the hub said:\n${hub.output()}`);
  });
  expect(uploaded.map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^(DEBUG|INFO|WARN) /)]),
  );
}, 180_000);
