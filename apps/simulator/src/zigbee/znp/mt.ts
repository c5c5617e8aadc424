import type { Air, HostEndpoint } from "../coordinator.ts";
import type { Network } from "./network.ts";
import type { NvMemory } from "./nv.ts";

export const Subsystem = { SYS: 1, AF: 4, ZDO: 5, SAPI: 6, UTIL: 7, APP_CNF: 15 } as const;

/** Outcomes of a transmission (MT API, 3.13: return values; IEEE 802.15.4 and NWK status codes). */
export const MtStatus = {
  SUCCESS: 0x00,
  FAILURE: 0x01,
  INVALID_PARAMETER: 0x02,
  NV_ITEM_UNINIT: 0x09,
  NV_OPER_FAILED: 0x0a,
  NV_BAD_ITEM_LEN: 0x0c,
  NWK_NO_ROUTE: 0xcd,
  MAC_NO_ACK: 0xe9,
  MAC_TRANSACTION_EXPIRED: 0xf0,
} as const;

/** What the commands of a host act on. */
export interface NetworkProcessor {
  readonly nv: NvMemory;
  readonly air: Air;
  readonly eui64: string;
  readonly started: boolean;
  /** As `devStates_t`. */
  readonly deviceState: number;
  readonly network: Network | undefined;
  /** Endpoints of the host. */
  readonly endpoints: Map<number, HostEndpoint>;
  /** Groups of those: endpoint and group, in hexadecimal. */
  readonly groups: Set<string>;
  /** Only devices whose install code is known come in. */
  requiresInstallCode: boolean;
  /** What the stick says of its own accord. */
  indicate(subsystem: number, id: number, data: Buffer): void;
  /** Power on, or a reset: only what is in the flash is left. `clear` empties that too. */
  reset(clear: boolean): void;
  /** From the flash, or as a new network where it holds none. Answers whether there was one. */
  start(form: boolean): boolean;
  permitJoin(seconds: number): void;
}

/** A command's data in, its answer's data out; `undefined` where the command has none. */
export type MtHandler = (data: Buffer) => Buffer | undefined;
export type MtCommands = Readonly<Record<number, MtHandler>>;
