import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VirtualDevice } from "@hearth/simulator";
import { expect } from "vitest";
import type { HomeApp, Managed } from "../../apps/server/src/demo/hub/home-app.ts";
import { openLocalRoutine } from "../../apps/server/src/demo/hub/local-routine.ts";
import type { LivingHub } from "./hub.ts";

const ON_OFF = "matter.OnOff@1.4";

type Protocol = "zigbee" | "zwave";
/** What every device of the home has: the attribute OnOff, the value of the Binary Switch. */
const paths: Readonly<Record<Protocol, string>> = { zigbee: "1/6/0", zwave: "1/37/currentValue" };

export interface Home {
  hub: LivingHub;
  app: HomeApp;
  managed: Managed;
  protocol: Protocol;
  /** Devices of this protocol with OnOff that are set up, and their managed things. */
  things: Map<VirtualDevice, string>;
}

export interface Round {
  victim: "core" | Protocol;
  /** Between 0 and 1, one after the other: the same numbers make the same round, as far as the machine does. */
  random: () => number;
  /** Joins meanwhile, by its label; and one of the home, which is removed meanwhile. */
  joins: VirtualDevice;
  leaves: VirtualDevice;
}

/** Milliseconds that a person gives a device to be let in. */
const PATIENCE = 10_000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Kills a process of the hub with SIGKILL while commands, reports, a join and a removal are under way. Afterwards the join and the
 * removal have come about, and cloud, hub and devices agree. Answers with the traces of the commands that the cloud took.
 */
export async function surviveKill(home: Home, round: Round): Promise<string[]> {
  const { hub, app, managed, things, protocol } = home;
  const { victim, random, joins, leaves } = round;
  const path = paths[protocol];
  const joining = await hub.label(joins);
  const leaving = things.get(leaves) ?? "";
  things.delete(leaves);
  const bound = [...things];
  const traces: string[] = [];
  let over = false;

  async function command(): Promise<void> {
    for (const [, id] of bound) {
      // A hub that is away gets none; the app is told so at once.
      const trace = await app.command(id, ON_OFF, random() < 0.5 ? "On" : "Off").catch(() => "");
      if (trace) traces.push(trace);
    }
  }
  async function keepBusy(work: () => unknown): Promise<void> {
    while (!over) {
      await work();
      await pause(10 + random() * 40);
    }
  }
  const busy = [
    keepBusy(command),
    keepBusy(() => {
      for (const [device] of bound) if (random() < 0.5) device.change(path, random() < 0.5);
    }),
  ];
  joins.powerOn();
  await managed.deleteManagedThing({ Identifier: leaving });
  await pause(random() * 800);
  if (victim === "core") await hub.restart();
  else process.kill(JSON.parse(readFileSync(join(hub.home.root, `dev/aipc/${victim}.pid`), "utf8")).pid, "SIGKILL");
  await pause(200 + random() * 800);
  over = true;
  await Promise.all(busy);

  // A person, who sees that the hub waits for the button.
  const person = setInterval(() => pressToLeave(home, leaves), 300);
  await settle().finally(() => clearInterval(person));
  await agree(home);
  expect(traces.length).toBeGreaterThan(0);
  return traces;

  async function settle(): Promise<void> {
    let turnedOn = performance.now();
    await app.until(`${joins.type} to be set up`, async () => {
      if ((await app.status(joining)) === "ACTIVATED") return true;
      // Whoever sees that nothing comes of it turns the device off and on; not while it exchanges keys, which takes its time.
      if (performance.now() - turnedOn < PATIENCE) return undefined;
      turnedOn = performance.now();
      joins.powerOn();
      return undefined;
    });
    things.set(joins, joining);
    await app.until(`${leaves.type} to be removed`, async () => {
      const status = await app.status(leaving).catch((error: Error) => error.name);
      if (status === "DELETION_FAILED") await managed.deleteManagedThing({ Identifier: leaving });
      return status === "ResourceNotFoundException" ? true : undefined;
    });
    await app.until(`${leaves.type} to have left`, async () => (leaves.joined ? undefined : true));
  }
}

/** A Z-Wave device leaves when somebody presses its button, while the hub waits for that. */
function pressToLeave({ hub, protocol }: Home, device: VirtualDevice): void {
  if (protocol === "zwave" && device.joined && hub.zwave.joinState().mode === "exclusion") device.press();
}

/** Each device is as the hub says, and as the cloud says; both know as many. */
async function agree({ hub, app, things, protocol }: Home): Promise<void> {
  const path = paths[protocol];
  const local = await app.until("the hub's IPC", () => openLocalRoutine(hub.home.ipcPath).catch(() => undefined));
  try {
    for (const [device, id] of things) {
      let seen: unknown;
      await app
        .until("cloud, hub and device to agree", async () => {
          const [cloud, own] = [await app.state(id), await local.state(id).catch(() => ({}))];
          seen = { device: device.read(path), own, cloud };
          const same = Object.entries(own).every(
            ([name, value]) => JSON.stringify(cloud[name]) === JSON.stringify(value),
          );
          return same && (own as Record<string, unknown>)[`1/${ON_OFF}/OnOff`] === device.read(path) ? true : undefined;
        })
        .catch((error: Error) => {
          throw new Error(`${device.type} ${id}: ${JSON.stringify(seen)}: ${error.message}`);
        });
      expect(device.joined).toBe(true);
    }
  } finally {
    await local.close();
  }
}
