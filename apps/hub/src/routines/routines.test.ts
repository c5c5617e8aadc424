import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { createHubClient, IOTMI_STATUS_OK } from "@hearth/hub-ipc";
import { expect, test } from "vitest";
import { openAgentBench, withDirectory } from "../agent/agent-bench.ts";
import type { LocalCommand } from "../agent/agent-service.ts";
import { openIpcServer } from "../ipc/ipc-server.ts";
import { parseRoutines, RoutineError, readRoutines } from "./routine-file.ts";
import { createRoutines } from "./routines.ts";

const EXAMPLE = new URL("../../../../examples/hub-routine/routines.json", import.meta.url).pathname;
const MOTION = "00000000000000000000000000000001";
const LIGHT = "00000000000000000000000000000002";
const SWITCH = { managedThingId: "thing-zb.1", endpointId: "1" };
const onOff = (managedThingId: string, value: Json, more: object = {}) => ({
  ...{ managedThingId, deviceId: "zb.1", at: 0, ...more },
  endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value }] }] }],
});

test("row 71 (part): offline a routine and a local program work, and what they did is told in order afterwards", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory, {
      routines: [
        {
          name: "the light follows the switch",
          when: { ...SWITCH, capability: "matter.OnOff", property: "OnOff", equals: true },
          commands: [
            {
              managedThingId: "thing-zb.2",
              endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On" }] }] }],
            },
          ],
        },
      ],
    });
    const path = join(directory, "aipc.sock");
    const server = await openIpcServer({
      path,
      bus: hub.bus,
      command: hub.agent.command,
      clock: hub.clock,
      log: silentLogger,
    });
    await hub.add({ deviceId: "zb.1", values: { on: false } }, { deviceId: "zb.2", values: { on: false } });
    hub.uplink(true);
    await hub.giveToken(3_600);
    hub.uplink(false);
    await hub.advance(100);
    await hub.agent.settled();
    const from = hub.sent.length;

    hub.radio.change("zb.1", { on: true });
    await hub.advance(100);
    await expect.poll(() => hub.radio.value("zb.2", "on"), { interval: 5 }).toBe(true);
    await hub.advance(100);
    await hub.agent.settled();
    const client = createHubClient({ path });
    expect(await client.connect()).toBe(IOTMI_STATUS_OK);
    const { status } = await client.sendCommandRequest({
      ...{ traceId: "t", managedThingId: "thing-zb.2" },
      endpoints: [{ id: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "Toggle" }] }] }],
    });
    expect(status).toBe(IOTMI_STATUS_OK);
    await expect.poll(() => hub.radio.value("zb.2", "on"), { interval: 5 }).toBe(false);
    await hub.advance(100);
    await hub.agent.settled();

    // In the queue on disk, in the order of what happened; the last word is how things are.
    const told = hub.sent.slice(from).map(({ managedThingId, messageType, endpoints }) => {
      expect(messageType).toBe("DEVICE_EVENT");
      return [managedThingId, JSON.stringify(endpoints).includes('"value":true')];
    });
    expect(told).toEqual([
      ["thing-zb.1", true],
      ["thing-zb.2", true],
      ["thing-zb.2", false],
    ]);
    // When the token has run out, the routine is a local command like any other.
    await hub.advance(3_600_000);
    hub.radio.change("zb.1", { on: false });
    hub.radio.change("zb.1", { on: true });
    await hub.advance(100);
    await hub.agent.settled();
    expect(hub.radio.value("zb.2", "on")).toBe(false);
    await client.close();
    await server.close();
    await hub.stop();
  }));

test("the example's file is one that the hub takes", async () => {
  const [routine] = await readRoutines(EXAMPLE);
  expect(routine).toMatchObject({
    name: "light on motion",
    when: { managedThingId: MOTION },
    commands: [{ managedThingId: LIGHT }],
  });
  expect(await readRoutines(`${EXAMPLE}.none`)).toEqual([]);
});

test("what is wrong in the file is said with its place", async () => {
  const good = JSON.parse(await readFile(EXAMPLE, "utf8"));
  const changed = (edit: (routine: JsonObject) => void): Json => {
    const copy = structuredClone(good);
    edit(copy.routines[0]);
    return copy;
  };
  const set = (routine: JsonObject, name: string, value: Json) => {
    routine[name] = value;
  };
  const cases: [Json, RegExp][] = [
    [[], /"routines" with a list is missing/],
    [{ routines: {} }, /"routines" with a list is missing/],
    [{ routines: Array(101).fill(good.routines[0]) }, /more than 100/],
    [{ routines: [7] }, /routines\[0\] is no object/],
    [changed((routine) => delete routine["name"]), /routines\[0\]\.name is no text/],
    [changed((routine) => delete routine["when"]), /routines\[0\]\.when is no object/],
    [changed((routine) => delete (routine["when"] as JsonObject)["equals"]), /routines\[0\]\.when\.equals is missing/],
    [changed((routine) => Object.assign(routine["when"] as JsonObject, { property: 7 })), /when\.property is no text/],
    [changed((routine) => set(routine, "then", [])), /then is no list of 1 to 10/],
    [changed((routine) => set(routine, "then", [{ managedThingId: "x" }])), /then\[0\]\.endpoints/],
  ];
  for (const [json, message] of cases) {
    expect(() => parseRoutines(json)).toThrow(RoutineError);
    expect(() => parseRoutines(json)).toThrow(message);
  }
});

test("a routine runs when its property becomes the value, not when it is, and not without end", async () => {
  const clock = new FakeClock();
  const run: string[] = [];
  const command = ({ traceId }: LocalCommand) => {
    run.push(traceId);
    return { accepted: true, reply: "" };
  };
  const [example] = await readRoutines(EXAMPLE);
  if (!example) throw new Error("the example is empty");
  const when = { ...example.when, capability: "matter.OnOff@1.4", property: "OnOff", equals: true };
  const routines = createRoutines({ routines: [{ ...example, when }], command, clock, log: silentLogger });
  // After a restart, the whole state: on it has been all the time.
  routines.changed(onOff(MOTION, true, { whole: true }));
  routines.changed(onOff(MOTION, true));
  routines.changed(onOff(LIGHT, true));
  expect(run).toEqual([]);
  routines.changed(onOff(MOTION, false));
  routines.changed(onOff(MOTION, true));
  expect(run).toEqual(["routine:light_on_motion:1"]);
  for (let n = 0; n < 100; n++) {
    routines.changed(onOff(MOTION, false));
    routines.changed(onOff(MOTION, true));
  }
  expect(run).toHaveLength(30);
  clock.advance(60_000);
  routines.changed(onOff(MOTION, false));
  routines.changed(onOff(MOTION, true));
  expect(run).toHaveLength(31);
});
