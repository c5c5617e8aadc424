import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { type HubProcess, makeHubRoot, startHubProcess } from "../../../../tests/kit/hub-process.ts";
import { type ClosableBus, connectBus } from "../bus/socket-bus.ts";
import { readStatus } from "./status.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const FLAGS = ["run", "--zigbee", "tcp://127.0.0.1:9", "--zwave", "tcp://127.0.0.1:9"];
const WAIT = { timeout: 30_000, interval: 20 };

function start(root: string, flags: string[] = FLAGS): HubProcess {
  const hub = startHubProcess(root, flags, "hub-toys");
  undo.push(() => hub.kill("SIGKILL"));
  return hub;
}

function watch(root: string): ClosableBus {
  const bus = connectBus(join(root, "dev/aipc/bus.sock"));
  undo.push(() => bus.close());
  return bus;
}

function ownRoot(): string {
  const { root, remove } = makeHubRoot();
  undo.push(remove);
  return root;
}

/** Process ids and counts that a toy has told of. */
function follow(bus: ClosableBus, name: string): { pids: number[]; last: { pid: number; count: number } } {
  const seen = { pids: [] as number[], last: { pid: 0, count: 0 } };
  bus.subscribe(`toy.${name}`, (body) => {
    const told = body as { pid: number; count: number };
    // A count that begins anew would be a part that was started anew.
    if (seen.last.pid !== told.pid || told.count < seen.last.count) seen.pids.push(told.pid);
    seen.last = told;
  });
  return seen;
}

test("a part that dies is started again, the others do not notice", async () => {
  const root = ownRoot();
  const hub = start(root);
  const bus = watch(root);
  const [zigbee, zwave, cdmb] = [follow(bus, "AceZigbee"), follow(bus, "AceZwave"), follow(bus, "CDMB")];
  await vi.waitFor(() => expect([zigbee, zwave, cdmb].map(({ pids }) => pids.length)).toEqual([1, 1, 1]), WAIT);
  expect(cdmb.pids).toEqual([hub.pid]);
  expect(new Set([...zigbee.pids, ...zwave.pids, hub.pid]).size).toBe(3);
  // Whoever asks need not know what radios there are.
  expect(await readStatus(join(root, "dev/aipc"), WAIT.timeout)).toEqual([
    { part: "Logger", state: "running", pid: hub.pid },
    { part: "AceZigbee", state: "running", pid: zigbee.pids[0] },
    { part: "AceZwave", state: "running", pid: zwave.pids[0] },
    { part: "CDMB", state: "running", pid: hub.pid },
  ]);
  await vi.waitFor(() => expect(hub.stderr()).toContain("the hub runs"), WAIT);

  process.kill(zigbee.last.pid, "SIGKILL");
  await vi.waitFor(() => expect(zigbee.pids).toHaveLength(2), WAIT);
  expect([zwave.pids.length, cdmb.pids.length]).toEqual([1, 1]);

  // What a radio's library throws where nobody catches it ends its own process only.
  await bus.request("toy.AceZwave", "throw", {});
  await vi.waitFor(() => expect(zwave.pids).toHaveLength(2), WAIT);
  expect([zigbee.pids.length, cdmb.pids.length]).toEqual([2, 1]);
  expect(hub.stderr()).toContain("the process zigbee ended (SIGKILL) and is started again");
  expect(hub.stderr()).toContain("the process ends: a toy broke");
  expect(hub.stderr()).toContain("the process zwave ended (exit code 1) and is started again");

  const left = [zigbee.last.pid, zwave.last.pid];
  expect(await hub.kill("SIGTERM")).toBe(0);
  for (const pid of left) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test("what a library of a radio's or of the core's writes is nobody else's; a group may reach sockets and logs", async () => {
  const root = ownRoot();
  start(root);
  const bus = watch(root);
  const [zigbee, cdmb] = [follow(bus, "AceZigbee"), follow(bus, "CDMB")];
  await vi.waitFor(() => expect([zigbee, cdmb].map(({ pids }) => pids.length)).toEqual([1, 1]), WAIT);
  const mode = (path: string) => statSync(join(root, path)).mode & 0o777;
  for (const part of ["AceZigbee", "CDMB"]) expect(mode(`data/ace/kvstorage/${part}/toy`)).toBe(0o600);
  const log = "var/log/awsiotmi/ManagedIntegrationsDeviceSdkHub.log";
  await vi.waitFor(() => expect(mode(log)).toBe(0o640), WAIT);
  expect([mode("dev/aipc"), mode("var/log/awsiotmi")]).toEqual([0o750, 0o750]);
});

test("the radio outlives the core, which goes on with it and still looks after it", async () => {
  const root = ownRoot();
  const first = start(root);
  const bus = watch(root);
  const [zigbee, cdmb] = [follow(bus, "AceZigbee"), follow(bus, "CDMB")];
  await vi.waitFor(() => expect([zigbee, cdmb].map(({ pids }) => pids.length)).toEqual([1, 1]), WAIT);
  await first.kill("SIGKILL");
  const before = zigbee.last.count;

  const second = start(root);
  await vi.waitFor(() => expect(cdmb.pids).toEqual([first.pid, second.pid]), WAIT);
  await vi.waitFor(() => expect(zigbee.last.count).toBeGreaterThan(before + 1), WAIT);
  expect(zigbee.pids).toHaveLength(1);

  process.kill(zigbee.last.pid, "SIGKILL");
  await vi.waitFor(() => expect(zigbee.pids).toHaveLength(2), WAIT);
  await second.kill("SIGKILL");

  // With other settings it is another process.
  start(root, [...FLAGS, "--zigbee-adapter", "ember"]);
  await vi.waitFor(() => expect(zigbee.pids).toHaveLength(3), WAIT);
});

test("a process of one part waits for the bus, and a setting that makes no sense is said", async () => {
  const root = ownRoot();
  const part = start(root, ["run", "--part", "CDMB"]);
  start(root, ["run", "--no-children", "--layout", "core,CDMB"]);
  const cdmb = follow(watch(root), "CDMB");
  await vi.waitFor(() => expect(cdmb.pids).toEqual([part.pid]), WAIT);
  expect(part.stderr()).toContain("Successfully subscribed to topic mqtt.south.setup");
  const wrong = start(root, ["run", "--layout", "core,zigbee"]);
  await vi.waitFor(() => expect(wrong.stderr()).toMatch(/--layout names zigbee, but nothing says how AceZigbee/), WAIT);
  expect(await wrong.kill("SIGTERM")).toBe(78);
  const second = start(root, ["run", "--layout", "core"]);
  await vi.waitFor(() => expect(second.stderr()).toMatch(/another hub listens on .*bus\.sock: stop it/), WAIT);
});
