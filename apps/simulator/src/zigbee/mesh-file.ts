import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { CoordinatorKind } from "../virtual-device.ts";
import type { NodeContent } from "./device/node.ts";
import type { FlashContent } from "./flash.ts";

/** What outlives a restart: the stick's flash and what each device remembers. */
export interface MeshContent {
  /** `kind` is missing in files of before there were several: Z-Stack. */
  coordinator: { kind?: CoordinatorKind; eui64: string; nv: FlashContent };
  devices: { eui64: string; type: string; content: NodeContent }[];
}

/** @throws Error naming the file, where it is there and cannot be read */
export function readMeshFile(path: string): MeshContent | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const content = JSON.parse(text) as MeshContent;
    if (typeof content.coordinator.eui64 === "string" && Array.isArray(content.devices)) return content;
  } catch {}
  throw new Error(`${path} is no network of the simulator: remove it to begin with a new one`);
}

/** It holds keys: nobody else reads it. */
export function writeMeshFile(path: string, content: MeshContent): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.next`;
  writeFileSync(next, JSON.stringify(content), { mode: 0o600 });
  renameSync(next, path);
}
