import { expect, it } from "vitest";
import { executeLine } from "./line-protocol.ts";
import type { SimulatedRadio } from "./radios.ts";

const radio = { devices: [], cut: async () => {}, restore: async () => {}, close: async () => {} };
const KINDS: Readonly<Record<string, SimulatedRadio>> = {
  zigbee: { ...radio, port: 1, loss: () => {}, reboot: () => {}, joinState: () => ({ open: false, installCodes: [] }) },
  zwave: { ...radio, port: 1, homeId: 1, joinState: () => ({ mode: "idle" }) },
  matter: { ...radio, port: undefined, joinState: () => ({ commissionable: 0 }) },
};

it.each([
  ["zigbee", ["1/6/0", "sleep", "loss", "reboot", "stick"], ["1/37", "onOff/onOff"]],
  ["zwave", ["1/37/currentValue", "sleep", "stick"], ["1/6/0", "loss", "reboot", "onOff"]],
  ["matter", ["onOff/onOff", "unmute", "off the network"], ["1/6/0", "loss", "reboot", "sleep", "stick", "frames"]],
])("%s: help says what this radio takes, and nothing of the others", async (kind, there, not) => {
  const help = (await executeLine(KINDS[kind] as SimulatedRadio, "help")) ?? "";
  expect(there.filter((word) => !help.includes(word))).toEqual([]);
  expect(not.filter((word) => help.includes(word))).toEqual([]);
});
