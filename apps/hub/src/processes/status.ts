import { join } from "node:path";
import { messageOf } from "@hearth/base";
import { connectBus } from "../bus/socket-bus.ts";
import { ALWAYS_THERE, START_ORDER } from "./layout.ts";
import { BUS_SOCKET, HUB_SERVICE } from "./run.ts";

const PART = /^part\.(.+)$/;

export interface PartStatus {
  part: string;
  /** `missing` when no process runs it. */
  state: "starting" | "running" | "failed" | "missing";
  pid?: number;
  reason?: string;
}

/**
 * How each part is that there should be, as the hub of this run directory says, and any other that is there; in the order of
 * their start. Waits up to `patience` ms until all run.
 */
export async function readStatus(runDirectory: string, patience: number): Promise<PartStatus[]> {
  const bus = connectBus(join(runDirectory, BUS_SOCKET));
  const there = new Set<string>();
  bus.onPresence((service, is) => {
    const name = PART.exec(service)?.[1];
    if (!name) return;
    if (is) there.add(name);
    else there.delete(name);
  });
  const ask = async (part: string): Promise<PartStatus> => {
    if (!there.has(part)) return { part, state: "missing" };
    try {
      const { state, pid, reason } = await bus.request(`part.${part}`, "status", {}, { timeout: 2_000 });
      return { part, state, pid, ...(reason !== undefined && { reason }) } as unknown as PartStatus;
    } catch (error) {
      return { part, state: "failed", reason: messageOf(error) };
    }
  };
  /** Undefined while no core says. */
  const askParts = async (): Promise<readonly string[] | undefined> => {
    try {
      const { parts } = await bus.request(HUB_SERVICE, "parts", {}, { timeout: 2_000 });
      return parts as string[];
    } catch {
      return undefined;
    }
  };
  const until = Date.now() + patience;
  try {
    for (;;) {
      const told = await askParts();
      const wanted = START_ORDER.filter((part) => (told ?? ALWAYS_THERE).includes(part) || there.has(part));
      const statuses = await Promise.all(wanted.map(ask));
      const allRun = told !== undefined && statuses.every(({ state }) => state === "running");
      if (Date.now() >= until || allRun) return statuses;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await bus.close();
  }
}
