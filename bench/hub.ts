import { readFileSync } from "node:fs";
import { createClient } from "@hearth/client";
import type { VirtualDevice } from "@hearth/simulator";
import { createHomeApp, type HomeApp } from "../apps/server/src/demo/hub/home-app.ts";
import { openLocalRoutine } from "../apps/server/src/demo/hub/local-routine.ts";
import { type HubCloud, type LivingHub, openHub } from "../tests/kit/hub.ts";
import { startServerProcess } from "../tests/kit/server-process.ts";
import { eventually } from "../tests/walk/fleet.ts";
import { installHub } from "./hub/installed.ts";
import { cpuOf, memoryOf, processTree } from "./hub/process-tree.ts";
import { median, quantile } from "./machine.ts";

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";
const LIGHT = "color-light";
const IDLE_SECONDS = 60;
/** An hour of one event a minute. */
const SPOOLED = 60;
const PATIENCE = 600_000;

/** A light of the mesh, and its managed thing. */
interface Light {
  id: string;
  device: VirtualDevice;
}

/**
 * The hub as it is installed, with its own processes and the Zigbee stack, on a mesh in this process: `npm run bench -- hub [seconds] [runs]
 * [devices]`.
 */
export async function benchHub(seconds: number, runs: number, devices = "100"): Promise<void> {
  const installed = await installHub();
  const server = await startServerProcess();
  try {
    const { program } = installed;
    const { file } = server;
    const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
    const managed = createClient("iot-managed-integrations", options);
    const cloud: HubCloud = { managed, mqttsPort: file.mqttsPort, ca: readFileSync(file.caFile, "utf8") };
    const zigbee = Array.from({ length: Number(devices) }, () => ({ type: LIGHT }));
    const hub = await openHub(cloud, { zigbee, program });
    try {
      await measure(hub, appOf(hub, cloud), seconds, runs);
    } finally {
      await hub.close();
    }
    const both = await openHub(cloud, { zigbee: [{ type: "switch" }], zwave: [{ type: "plug" }], program });
    try {
      const app = appOf(both, cloud);
      await join(both, app, [...both.zigbee.devices, ...both.zwave.devices]);
      told("with Z-Wave, one device of each", memoryOf(processTree(both.process.pid)));
    } finally {
      await both.close();
    }
  } finally {
    await server.stop();
    await installed.remove();
  }
}

const appOf = (hub: LivingHub, { managed }: HubCloud): HomeApp =>
  createHomeApp({ managed, hubId: hub.id, until: (what, ask) => eventually(what, ask, PATIENCE) });

async function measure(hub: LivingHub, app: HomeApp, seconds: number, runs: number): Promise<void> {
  const { devices } = hub.zigbee;
  const [first, ...others] = devices;
  if (!first) throw new Error("at least one device");
  const begun = performance.now();
  const lights = await join(hub, app, [first]);
  console.log(`one device joins: ${ms(performance.now() - begun)} from power-up to ACTIVATED`);
  const more = performance.now();
  lights.push(...(await join(hub, app, others)));
  console.log(`${others.length} more join at once: ${ms(performance.now() - more)}`);

  for (const count of new Set([1, lights.length])) {
    await repeat(
      `${count} at once, app → cloud → hub → device → state`,
      lights.slice(0, count),
      seconds,
      runs,
      (light) => fromCloud(app, light),
    );
  }
  told(`with ${lights.length} Zigbee devices`, memoryOf(processTree(hub.process.pid)));
  await idle(hub);

  hub.uplink.cut();
  const routine = await openLocalRoutine(hub.home.ipcPath);
  for (const count of new Set([1, lights.length])) {
    await repeat(
      `${count} at once, IPC → hub → device → answer, offline`,
      lights.slice(0, count),
      seconds,
      runs,
      ({ id }) => routine.command(id, ON_OFF, "Toggle"),
    );
  }
  await catchUp(hub, app, lights);
  await routine.close();
}

/** By their labels, all powered at once; resolves when each is ACTIVATED. */
async function join(hub: LivingHub, app: HomeApp, devices: readonly VirtualDevice[]): Promise<Light[]> {
  const lights: Light[] = [];
  for (const device of devices) lights.push({ id: await hub.label(device), device });
  // Whoever comes before the radio knows its label is turned away.
  const isKnown = ({ label }: VirtualDevice) =>
    hub.zigbee.joinState().installCodes.some((address) => label.includes(address));
  while (!devices.every((device) => !hub.zigbee.devices.includes(device) || isKnown(device))) await pause(10);
  for (const device of devices) device.powerOn();
  for (const { id } of lights) await app.becomes(id, "ACTIVATED");
  return lights;
}

async function fromCloud(app: HomeApp, { id, device }: Light): Promise<void> {
  const wanted = device.read("1/6/0") !== true;
  await app.command(id, ON_OFF, wanted ? "On" : "Off");
  // Nothing can be read before the device has acted; asking all the while would measure the asking.
  while (device.read("1/6/0") !== wanted) await pause(1);
  while ((await app.state(id))[`1/${ON_OFF}/OnOff`] !== wanted) await pause(1);
}

/** One in flight for each light. */
async function repeat(
  what: string,
  lights: readonly Light[],
  seconds: number,
  runs: number,
  once: (light: Light) => Promise<void>,
): Promise<void> {
  const [p50, p99, rates]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run < runs; run++) {
    const latencies: number[] = [];
    const end = Date.now() + seconds * 1000;
    await Promise.all(
      lights.map(async (light) => {
        do {
          const start = performance.now();
          await once(light);
          latencies.push(performance.now() - start);
        } while (Date.now() < end);
      }),
    );
    p50.push(median(latencies));
    p99.push(quantile(latencies, 0.99));
    rates.push(latencies.length / seconds);
  }
  console.log(
    `${what}: p50 ${ms(median(p50))}, p99 ${ms(median(p99))}, ${median(rates).toFixed(0)}/s (medians of ${runs} runs)`,
  );
}

async function idle(hub: LivingHub): Promise<void> {
  const pids = processTree(hub.process.pid);
  const before = cpuOf(pids);
  await pause(IDLE_SECONDS * 1000);
  const share = ((cpuOf(pids) - before) / IDLE_SECONDS) * 100;
  console.log(`idle: ${share.toFixed(2)} % of one core over ${IDLE_SECONDS} s, all processes of the hub`);
}

/** Each device reports so often while the uplink is cut; how long until the cloud has all of it. */
async function catchUp(hub: LivingHub, app: HomeApp, lights: readonly Light[]): Promise<void> {
  for (let round = 1; round <= SPOOLED; round++) {
    for (const { device } of lights) device.change("1/8/0", round + 1);
    // Reports of 100 ms are one, and a device reports no more often than once a second.
    await pause(1_100);
  }
  const start = performance.now();
  hub.uplink.restore();
  for (const { id } of lights) await app.stateIs(id, LEVEL, "CurrentLevel", SPOOLED + 1);
  console.log(
    `catch-up of ${SPOOLED * lights.length} events: ${ms(performance.now() - start)} after the uplink is back`,
  );
}

const told = (what: string, { rss, pss }: { rss: number; pss: number }): void =>
  console.log(
    `memory ${what}: RSS ${rss.toFixed(0)} MiB (${(rss * 1.048576).toFixed(0)} MB), PSS ${pss.toFixed(0)} MiB, all processes of the hub`,
  );

const ms = (time: number): string => (time < 10_000 ? `${time.toFixed(1)} ms` : `${(time / 1000).toFixed(1)} s`);
const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));
