import { readFile } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";
import { messageOf } from "@hearth/base";
import { AgentStoppedError, createDevice, createMemoryCredentialStore, type Device } from "@hearth/device-sdk";
import type { Part, PartContext } from "../part.ts";
import { openJsonFile } from "../state/json-file.ts";
import { createProxyAgent } from "./proxy-agent.ts";

/** What the machine says of itself. */
export interface Machine {
  /** Another one after each boot. */
  bootId(): Promise<string>;
  /** Seconds since the boot. */
  upTime(): number;
}

const linux: Machine = {
  bootId: async () => (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
  upTime: () => Math.floor(uptime()),
};

const ENDPOINT = "1";
/** Milliseconds until the capability report is sent again after the cloud has refused it or kept silent. */
const AGAIN = 60_000;
/** RebootCount is a uint16. */
const MAX_COUNT = 65_535;

interface Boots {
  bootId: string;
  count: number;
}

function parseBoots(json: unknown): Boots {
  const { bootId, count } = json as Partial<Boots>;
  if (typeof bootId !== "string" || !Number.isInteger(count)) throw new Error("not the count of boots");
  return { bootId, count: count as number };
}

/** Hub control (reference 10.9): the hub itself as one more device of its cloud, by way of the MQTT proxy. */
export function createHubControlPart({ machine = linux }: { machine?: Machine } = {}): Part {
  return { name: "HubControl", start: (context) => startHubControl(context, machine) };
}

async function startHubControl(context: PartContext, machine: Machine) {
  const { bus, clock, log, directory } = context;
  const recover = () => log.warn("the count of boots was damaged; an older one is taken");
  const boots = await openJsonFile(join(directory, "boots.json"), parseBoots, { bootId: "", count: 0 }, { recover });
  const bootId = await machine.bootId();
  if (boots.value.bootId !== bootId) {
    await boots.replace({ bootId, count: Math.min(boots.value.count + 1, MAX_COUNT) });
  }
  let device: Device | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let cancelAgain = () => {};
  let stopServing = () => {};

  /** The hub as it is now: its id, or none. */
  async function identity(): Promise<string | undefined> {
    const { rw } = await bus.request("config", "read", {});
    const id = (rw as { managed_thing_id?: unknown } | null)?.managed_thing_id;
    return typeof id === "string" ? id : undefined;
  }

  async function end(): Promise<void> {
    cancelAgain();
    stopServing();
    await device?.stop();
    device = undefined;
  }

  async function follow(): Promise<void> {
    const id = stopped ? undefined : await identity();
    if (id === device?.id) return;
    await end();
    if (id !== undefined && !stopped) begin(id);
  }

  function begin(id: string): void {
    const agent = createProxyAgent({ bus, id, clock, log });
    // Numbers are the proxy's, and the credentials HubOnboarding's: nothing is to be kept here.
    const made = createDevice({ agent, store: createMemoryCredentialStore(), id, nodeId: "hub", clock, log });
    made.endpoint(ENDPOINT, { deviceTypes: ["Hub"] }).capability("matter.GeneralDiagnostics@1.4", {
      name: "General Diagnostics",
      version: "2",
      properties: {
        RebootCount: { get: () => boots.value.count },
        UpTime: { get: () => machine.upTime() },
      },
    });
    device = made;
    made.start().catch((error: unknown) => {
      if (error instanceof AgentStoppedError) return;
      log.error({ error: messageOf(error) }, "the cloud does not take what the hub says of itself; tried again");
      cancelAgain = clock.after(AGAIN, () => inTurn(async () => end().then(follow)));
    });
    // It has subscribed: the proxy may tell it what the cloud says.
    stopServing = bus.serve("hub-control", {});
  }

  function inTurn(run: () => Promise<void>): void {
    turn = turn.then(run).catch((error: unknown) => log.warn({ error: messageOf(error) }, "hub control"));
  }

  const ends = [
    bus.subscribe("config.changed", () => inTurn(follow)),
    bus.onPresence((service, there) => {
      if (service === "config" && there) inTurn(follow);
    }),
  ];

  return {
    async stop() {
      stopped = true;
      for (const endOne of ends) endOne();
      await turn;
      await end();
    },
  };
}
