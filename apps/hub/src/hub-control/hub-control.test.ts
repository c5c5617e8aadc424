import { type SimulatedPlatform, startSimulatedPlatform } from "@hearth/device-sdk";
import { afterEach, describe, expect, test } from "vitest";
import { type HubDirectory, hubDirectory, PRODUCT, SERIAL } from "../onboarding/hub-directory.ts";
import { createHubOnboardingPart } from "../onboarding/onboarding.ts";
import { createMqttProxyPart } from "../proxy/mqtt-proxy.ts";
import { createHubControlPart } from "./hub-control.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

const DIAGNOSTICS = "matter.GeneralDiagnostics@1.4";

async function home(connects: string[] = []): Promise<{ cloud: SimulatedPlatform; directory: HubDirectory }> {
  const cloud = await startSimulatedPlatform({
    devices: [{ serialNumber: SERIAL, universalProductCode: PRODUCT }],
    onConnect: ({ clientId }) => connects.push(clientId),
  });
  cleanup.push(() => cloud.close());
  const directory = await hubDirectory(cloud);
  cleanup.push(() => directory.remove());
  return { cloud, directory };
}

/** The parts in the order in which nobody finds what it asks for: hub control first. */
async function start(directory: HubDirectory, bootId: string): Promise<() => Promise<void>> {
  const running: { stop(): Promise<void> }[] = [];
  const parts = [
    createHubControlPart({ machine: { bootId: async () => bootId, upTime: () => 4242 } }),
    createMqttProxyPart({ backOff: { minimum: 1, maximum: 4 }, listeners: [] }),
    createHubOnboardingPart({ backOff: { minimum: 1, maximum: 4 } }),
  ];
  for (const part of parts) running.push(await part.start(directory.context(part.name)));
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    for (const part of running.reverse()) await part.stop();
  };
  cleanup.push(stop);
  return stop;
}

const read = [
  {
    endpointId: "1",
    capabilities: [{ id: DIAGNOSTICS, actions: [{ name: "ReadState", parameters: { propertiesToRead: ["*"] } }] }],
  },
];

const isEvent = ({ body }: { body: Record<string, unknown> }) => body["messageType"] === "DEVICE_EVENT";

describe("hub control", () => {
  test("row 79 (part): the hub appears as a device and answers a command through the proxy's one connection", async () => {
    const connects: string[] = [];
    const { cloud, directory } = await home(connects);
    await start(directory, "boot-1");
    const { topic } = await cloud.message(isEvent);
    const id = cloud.things.get(SERIAL) as string;
    expect(topic).toBe(`north/${id}/control`);
    expect(cloud.messages[0]).toMatchObject({
      topic: `$aws/managed-integrations/${id}/capabilities`,
      body: { endpoints: [{ id: "1", capabilities: [{ id: DIAGNOSTICS, properties: ["RebootCount", "UpTime"] }] }] },
    });
    expect(await cloud.command(id, read, "trace-1")).toMatchObject({
      messageType: "DEVICE_COMMAND_RESPONSE",
      traceId: "trace-1",
      eventNumber: expect.any(Number),
      endpoints: [
        {
          capabilities: [
            {
              actions: [{ name: "ReadState", responseCode: 200 }],
              properties: [
                { name: "RebootCount", value: 1 },
                { name: "UpTime", value: 4242 },
              ],
            },
          ],
        },
      ],
    });
    expect(connects.filter((clientId) => clientId === id)).toHaveLength(1);
  });

  test("boots are counted over restarts; commands about the devices behind it are not its business", async () => {
    const { cloud, directory } = await home();
    const count = async (bootId: string) => {
      const before = cloud.messages.length;
      const stop = await start(directory, bootId);
      await cloud.message((message) => isEvent(message) && cloud.messages.indexOf(message) >= before);
      const id = cloud.things.get(SERIAL) as string;
      const child = { messageType: "DEVICE_COMMAND", managedThingId: "child", traceId: "child-1", endpoints: read };
      cloud.south(id, "control", JSON.stringify({ ...child, timestamp: "2026-01-01T00:00:00Z" }));
      const answer = await cloud.command(id, read, `trace-${bootId}-${before}`);
      await stop();
      return JSON.stringify(answer).match(/"RebootCount","value":(\d+)/)?.[1];
    };
    expect([await count("boot-1"), await count("boot-1"), await count("boot-2")]).toEqual(["1", "1", "2"]);
    expect(cloud.messages.some(({ body }) => body["traceId"] === "child-1")).toBe(false);
  });

  test("it ends with the hub's identity", async () => {
    const { cloud, directory } = await home();
    await start(directory, "boot-1");
    await cloud.message(isEvent);
    const id = cloud.things.get(SERIAL) as string;
    await directory.context("HubControl").bus.request("config", "erase", {});
    expect(cloud.broker.isConnected(id)).toBe(false);
    expect((await directory.configuration()).rw["iot_provisioning_state"]).toBe("NOT_PROVISIONED");
  });
});
