import { join } from "node:path";
import { messageOf } from "@hearth/base";
import { connectBus } from "../bus/socket-bus.ts";
import type { HubSettings } from "../part.ts";
import { isWanted, START_ORDER } from "./layout.ts";
import { BUS_SOCKET, type PartTable } from "./run.ts";

const PART = /^part\.(.+)$/;

export interface PartStatus {
  part: string;
  /** `missing` when no process runs it. */
  state: "starting" | "running" | "failed" | "missing";
  pid?: number;
  reason?: string;
}

/** How each part that there should be is, in the order of their start. Waits up to `patience` ms until all run. */
export async function readStatus(table: PartTable, settings: HubSettings, patience: number): Promise<PartStatus[]> {
  const bus = connectBus(join(settings.runDirectory, BUS_SOCKET));
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
  const wanted = START_ORDER.filter((part) => table[part] && isWanted(part, settings));
  const until = Date.now() + patience;
  try {
    for (;;) {
      const statuses = await Promise.all(wanted.map(ask));
      if (Date.now() >= until || statuses.every(({ state }) => state === "running")) return statuses;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await bus.close();
  }
}
