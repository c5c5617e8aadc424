import { expect, test } from "vitest";
import { validateCommand } from "./command.ts";
import { validateDeviceMessage } from "./device-values.ts";
import type { CommandAction, CommandEndpoint, DeviceMessage } from "./messages.ts";
import { parseCapabilityReport } from "./report.ts";

const capability = { id: "hearth.RadioCluster@1.0", name: "Radio Cluster", version: "1" };
const parsed = parseCapabilityReport({
  version: "1.0.0",
  nodeId: "zb.1",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Unknown"],
      capabilities: [
        { ...capability, properties: ["Clusters"], actions: ["Read", "Write", "Send"], events: ["Received"] },
      ],
    },
  ],
});
if ("violations" in parsed) throw new Error(JSON.stringify(parsed.violations));
const { report } = parsed;

const command = (name: string, parameters: object): CommandEndpoint[] => [
  { endpointId: "1", capabilities: [{ ...capability, actions: [{ name, parameters } as CommandAction] }] },
];
const event = (members: object): DeviceMessage => ({
  messageType: "DEVICE_EVENT",
  timestamp: "2026-01-01T00:00:00Z",
  eventNumber: 1,
  endpoints: [{ endpointId: "1", capabilities: [{ ...capability, ...members }] }],
});
const places = (violations: readonly { path: string }[]) => violations.map(({ path }) => path);

test("clusters that no capability stands for are carried both ways, as bytes", () => {
  const attribute = { id: 0xff01, type: 0x20, value: "0a" };
  expect(validateCommand(report, command("Send", { cluster: 0xfc11, command: 3, payload: "00ff" }))).toEqual([]);
  expect(validateCommand(report, command("Read", { cluster: 0xfc11, attributes: [1, 2] }))).toEqual([]);
  expect(validateCommand(report, command("Write", { cluster: 0xfc11, attributes: [attribute] }))).toEqual([]);
  const clusters = [{ id: 0xfc11, attributes: [attribute, { id: 1 }] }];
  expect(validateDeviceMessage(report, event({ properties: [{ name: "Clusters", value: clusters }] }))).toEqual([]);
  const received = { name: "Received", parameters: { cluster: 0xfc11, command: 0, payload: "", manufacturerCode: 1 } };
  expect(validateDeviceMessage(report, event({ events: [received] }))).toEqual([]);
});

test("what is not bytes, or not an id, is not", () => {
  for (const parameters of [
    { cluster: 0xfc11, command: 0, payload: "0" },
    { cluster: 0x1_0000, command: 0, payload: "" },
    { cluster: 0xfc11, command: -1, payload: "" },
    { cluster: 0xfc11, command: 0, payload: "zz" },
    { cluster: 0xfc11, command: 0, payload: "00".repeat(513) },
  ]) {
    expect(places(validateCommand(report, command("Send", parameters)))).toHaveLength(1);
  }
  const clusters = [{ id: 1, attributes: [{ id: 1, stray: true }] }];
  expect(validateDeviceMessage(report, event({ properties: [{ name: "Clusters", value: clusters }] }))).toHaveLength(1);
});
