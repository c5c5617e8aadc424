import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createClient } from "@hearth/client";
import type { VirtualDevice } from "@hearth/simulator";
import { createHomeApp, type HomeApp } from "../apps/server/src/demo/hub/home-app.ts";
import { openLocalRoutine } from "../apps/server/src/demo/hub/local-routine.ts";
import { type HubCloud, type LivingHub, openHub } from "../tests/kit/hub.ts";
import { type ServerProcess, startServerProcess } from "../tests/kit/server-process.ts";
import { eventually } from "../tests/walk/fleet.ts";
import { installHub } from "./hub/installed.ts";
import { cpuOf, memoryOf, processTree } from "./hub/process-tree.ts";
import { openPush, type Push } from "./hub/push.ts";
import { cpuOfMachine, median, quantile } from "./machine.ts";

const ON_OFF = "matter.OnOff@1.4";
const LIGHT = "color-light";
const ON = "matter.OnOff/OnOff";
const LEVEL = "matter.LevelControl/CurrentLevel";
const IDLE_SECONDS = 60;
/** An hour of one event a minute. */
const SPOOLED = 60;
const ROUNDS = 10;
/** Reports of 100 ms are one, and a device reports no more often than once a second. */
const REPORT_EVERY = 1_100;
const PATIENCE = 60_000;
/** A hub that uses less than this share of a core, three looks in a row, has nothing to do. */
const REST_SHARE = 0.05;
const REST_LOOK = 500;
/** Labels are scanned before their devices are powered: by then the hub has heard of them. */
const AFTER_LABELS = 1_000;

/** A light of the mesh, and its managed thing. */
interface Light {
  id: string;
  device: VirtualDevice;
}

interface Load {
  seconds: number;
  runs: number;
}

/** What is measured, and with what. */
interface Home {
  server: ServerProcess;
  hub: LivingHub;
  app: HomeApp;
  managed: HubCloud["managed"];
  push: Push;
}

const PARTS = ["cloud", "reports", "idle", "ipc", "outage", "zwave"] as const;
type Part = (typeof PARTS)[number];
type Parts = ReadonlySet<Part>;

/**
 * The hub as it is installed, with its own processes and the Zigbee stack, on a mesh in this process: `npm run bench -- hub
 * [seconds] [runs] [devices] [parts]`, where parts are some of `cloud,reports,idle,ipc,outage,zwave`.
 */
export async function benchHub(seconds: number, runs: number, devices = "100", parts?: string): Promise<void> {
  const chosen = partsOf(parts);
  begin("packing and installing the hub");
  const { program, remove } = await installHub();
  const server = await startServerProcess();
  try {
    const { file } = server;
    const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
    const managed = createClient("iot-managed-integrations", options);
    const cloud: HubCloud = { managed, mqttsPort: file.mqttsPort, ca: readFileSync(file.caFile, "utf8") };
    const zigbee = Array.from({ length: Number(devices) }, () => ({ type: LIGHT }));
    const hub = await openHub(cloud, { zigbee, program });
    const push = await openPush(file);
    try {
      await measure({ server, hub, app: appOf(hub, cloud), managed, push }, { seconds, runs }, chosen);
    } catch (error) {
      console.error(hub.output());
      throw error;
    } finally {
      await push.close();
      await hub.close();
    }
    if (!chosen.has("zwave")) return;
    begin("a hub with Z-Wave");
    const both = await openHub(cloud, { zigbee: [{ type: "switch" }], zwave: [{ type: "plug" }], program });
    try {
      await join(both, appOf(both, cloud), [...both.zigbee.devices, ...both.zwave.devices]);
      told("with Z-Wave, one device of each", memoryOf(processTree(both.process.pid)));
    } finally {
      await both.close();
    }
  } finally {
    await server.stop();
    await remove();
  }
}

function partsOf(text: string = PARTS.join()): Parts {
  const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);
  const names = text.split(",");
  if (!names.every(isPart)) throw new Error(`the hub's bench has the parts ${PARTS.join()}`);
  return new Set(names);
}

const appOf = (hub: LivingHub, { managed }: HubCloud): HomeApp =>
  createHomeApp({ managed, hubId: hub.id, until: (what, ask) => eventually(what, ask, PATIENCE) });

async function measure(home: Home, load: Load, parts: Parts): Promise<void> {
  const { hub, app } = home;
  const [first, ...others] = hub.zigbee.devices;
  if (!first) throw new Error("at least one device");
  begin("joining");
  const one = await join(hub, app, [first]);
  console.log(`one device joins: ${ms(one.took)} from power-up to ACTIVATED`);
  const more = await join(hub, app, others);
  const lights = [...one.lights, ...more.lights];
  console.log(`${others.length} more join at once: ${ms(more.took)}`);

  if (parts.has("cloud"))
    await repeat(home, "app → cloud → hub → device → state", lights, load, (light) => fromCloud(home, light));
  if (parts.has("reports")) await allReport(home, lights);
  told(`with ${lights.length} Zigbee devices`, memoryOf(processTree(hub.process.pid)));
  if (parts.has("idle")) await idle(hub);

  hub.uplink.cut();
  if (parts.has("ipc")) {
    const routine = await openLocalRoutine(hub.home.ipcPath);
    await repeat(home, "IPC → hub → device → answer, offline", lights, load, ({ id }) =>
      routine.command(id, ON_OFF, "Toggle"),
    );
    await routine.close();
  }
  if (parts.has("outage")) await catchUp(home, lights);
}

/** By their labels, all powered at once; resolves when each is ACTIVATED. */
async function join(hub: LivingHub, app: HomeApp, devices: readonly VirtualDevice[]) {
  const lights: Light[] = [];
  for (const device of devices) lights.push({ id: await hub.label(device), device });
  await app.until("the radio to have started", async () => (hub.zigbee.joinState().open ? true : undefined));
  await pause(AFTER_LABELS);
  const begun = performance.now();
  for (const device of devices) device.powerOn();
  for (const { id } of lights) await app.becomes(id, "ACTIVATED");
  const took = performance.now() - begun;
  await rest(hub);
  return { lights, took };
}

/** A device that has joined is read once more and its state told: what is measured next begins when that is over. */
async function rest(hub: LivingHub): Promise<void> {
  const pids = processTree(hub.process.pid);
  for (let [before, quiet] = [cpuOf(pids), 0]; quiet < 3; ) {
    await pause(REST_LOOK);
    const now = cpuOf(pids);
    quiet = now - before < (REST_SHARE * REST_LOOK) / 1000 ? quiet + 1 : 0;
    before = now;
  }
}

/** From the app's call until it is told of the new state. */
async function fromCloud({ managed, push }: Home, { id, device }: Light): Promise<void> {
  const wanted = device.read("1/6/0") !== true;
  const before = push.values(id, ON).length;
  const told = push.until(id, `OnOff ${wanted}`, () => push.values(id, ON).slice(before).includes(wanted));
  const actions = [{ name: wanted ? "On" : "Off", parameters: {} }];
  const capabilities = [{ id: ON_OFF, name: "On/Off", version: "6", actions }];
  await Promise.all([
    told,
    managed.sendManagedThingCommand({ ManagedThingId: id, Endpoints: [{ endpointId: "1", capabilities }] as never }),
  ]);
}

/** To one device; to all of them, one after the other; to all of them at once, again when the last has answered. */
async function repeat(
  { server, hub }: Home,
  what: string,
  lights: readonly Light[],
  { seconds, runs }: Load,
  once: (light: Light) => Promise<void>,
): Promise<void> {
  const turns: [string, readonly (readonly Light[])[]][] = [
    ["1 device", [lights.slice(0, 1)]],
    [`${lights.length} in turn`, lights.map((light) => [light])],
    [`${lights.length} at once`, [lights]],
  ];
  for (const [how, groups] of turns) {
    begin(`${how}, ${what}`);
    const [p50, p99, rates]: [number[], number[], number[]] = [[], [], []];
    const pids = { hub: processTree(hub.process.pid), cloud: processTree(server.pid), load: [process.pid] };
    const before = { hub: cpuOf(pids.hub), cloud: cpuOf(pids.cloud), load: cpuOf(pids.load) };
    const [began, all] = [performance.now(), cpuOfMachine()];
    let commands = 0;
    for (let run = 0; run < runs; run++) {
      const latencies: number[] = [];
      const begun = performance.now();
      for (let turn = 0; performance.now() - begun < seconds * 1000; turn++) {
        await Promise.all(
          (groups[turn % groups.length] ?? []).map(async (light) => {
            const start = performance.now();
            await once(light);
            latencies.push(performance.now() - start);
          }),
        );
      }
      p50.push(median(latencies));
      p99.push(quantile(latencies, 0.99));
      rates.push(latencies.length / ((performance.now() - begun) / 1000));
      commands += latencies.length;
    }
    const used = (name: keyof typeof pids) => cpuOf(pids[name]) - before[name];
    const cost = (name: keyof typeof pids) => `${name} ${ms((used(name) * 1000) / commands)}`;
    const others = Math.max(0, cpuOfMachine() - all - used("hub") - used("cloud") - used("load"));
    const share = (others * 1000) / (performance.now() - began) / availableParallelism();
    console.log(
      `${how}, ${what}: p50 ${ms(median(p50))}, p99 ${ms(median(p99))}, ${median(rates).toFixed(0)}/s (medians of ${runs} runs); CPU a command: ${cost("hub")}, ${cost("cloud")}, ${cost("load")}; others had ${(share * 100).toFixed(0)} % of the machine`,
    );
  }
}

/** Each device reports at the same moment, again and again: the cloud hears every value of each, in its order. */
async function allReport({ push }: Home, lights: readonly Light[]): Promise<void> {
  begin(`${lights.length} report at once`);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const heard = lights.map(({ id }) => push.values(id, LEVEL).length);
    const start = performance.now();
    for (const { device } of lights) device.change("1/8/0", 100 + round);
    await Promise.all(
      lights.map(({ id }, index) =>
        push.until(id, `level ${100 + round}`, () => push.values(id, LEVEL).length > (heard[index] ?? 0)),
      ),
    );
    for (const { id } of lights) {
      if (push.values(id, LEVEL).at(-1) !== 100 + round)
        throw new Error(`a report of ${id} is lost: ${push.values(id, LEVEL)}`);
    }
    times.push(performance.now() - start);
    await pause(REPORT_EVERY);
  }
  console.log(
    `${lights.length} report at once: the last is in the cloud after ${ms(median(times))} (median of ${ROUNDS}; the longest ${ms(Math.max(...times))}), nothing lost`,
  );
}

async function idle(hub: LivingHub): Promise<void> {
  begin(`idle for ${IDLE_SECONDS} s`);
  const pids = processTree(hub.process.pid);
  const before = cpuOf(pids);
  await pause(IDLE_SECONDS * 1000);
  const share = ((cpuOf(pids) - before) / IDLE_SECONDS) * 100;
  console.log(`idle: ${share.toFixed(2)} % of one core over ${IDLE_SECONDS} s, all processes of the hub`);
}

/** Each device reports so often while the uplink is cut; how long until the cloud has all of it, in its order. */
async function catchUp({ hub, app, push }: Home, lights: readonly Light[]): Promise<void> {
  begin(`${SPOOLED} reports of each device, offline`);
  const values = Array.from({ length: SPOOLED }, (_, round) => round + 1);
  for (const value of values) {
    for (const { device } of lights) device.change("1/8/0", value);
    await pause(REPORT_EVERY);
  }
  const heard = lights.map(({ id }) => push.values(id, LEVEL).length);
  begin("catching up");
  const start = performance.now();
  hub.uplink.restore();
  const all = lights.map(({ id }, index) =>
    push.until(id, `level ${SPOOLED}`, () => push.values(id, LEVEL).slice(heard[index]).at(-1) === SPOOLED),
  );
  await app.until("the hub to be connected", async () =>
    lights.some(({ id }, index) => push.values(id, LEVEL).length > (heard[index] ?? 0)) ? true : undefined,
  );
  const connected = performance.now() - start;
  await Promise.all(all);
  const took = performance.now() - start;
  for (const [index, { id }] of lights.entries()) {
    const came = push.values(id, LEVEL).slice(heard[index]);
    if (`${came}` !== `${values}`) throw new Error(`events of ${id} are lost or out of order: ${came}`);
  }
  console.log(
    `catch-up of ${SPOOLED * lights.length} events: ${ms(took)} after the uplink is back, ${ms(connected)} of them until the first; each came once and in its order`,
  );
}

const told = (what: string, { rss, pss }: { rss: number; pss: number }): void => {
  const resident = `RSS ${rss.toFixed(0)} MiB (${(rss * 1.048576).toFixed(0)} MB)`;
  console.log(`memory ${what}: ${resident}, PSS ${pss.toFixed(0)} MiB, all processes of the hub`);
};

/** Progress, on standard error. */
const begin = (what: string): void => console.error(`[${Math.round(performance.now() / 1000)} s] ${what}`);
const ms = (time: number): string => (time < 10_000 ? `${time.toFixed(1)} ms` : `${(time / 1000).toFixed(1)} s`);
const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));
