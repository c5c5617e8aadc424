import type { Clock } from "@hearth/base";
import type { Controller } from "zigbee-herdsman";

/** Milliseconds for the library to end. */
const ENDING = 5000;

/** What drives the stick, within the library. */
interface Stack {
  on(event: "zdoResponse", listener: (cluster: number, response: [number, Announcement | undefined]) => void): void;
  on(event: "deviceLeave", listener: (left: { ieeeAddr?: string }) => void): void;
  emit(event: "deviceJoined", joined: { ieeeAddr: string; networkAddress: number }): void;
  emit(event: "disconnected"): void;
  getNetworkParameters(): Promise<unknown>;
  getCoordinatorVersion(): Promise<unknown>;
  /** Of ember: a command that does nothing but to be answered. */
  ezsp?: { ezspNop(): Promise<void> };
  /** Of zstack: everything that the stick says. */
  znp?: { on(event: "received", listener: (message: { command?: { name?: string } }) => void): void };
}

interface Announcement {
  eui64: string;
  nwkAddress: number;
}

export const stackOf = (controller: Controller): Stack => (controller as unknown as { adapter: Stack }).adapter;

/**
 * A device that is in the network and not in the library's database: the hub was killed while it joined, or has
 * forgotten it by force. The library takes no notice; here it joins anew, or is asked to leave as any stranger. `left` is
 * told of each device that leaves.
 */
export function adoptStrays(
  of: Controller,
  { Zdo }: typeof import("zigbee-herdsman"),
  left: (address: string) => void,
): void {
  const stack = stackOf(of);
  stack.on("zdoResponse", (cluster, [status, announced]) => {
    if (cluster !== Zdo.ClusterId.END_DEVICE_ANNOUNCE || status !== 0 || !announced) return;
    const { eui64: ieeeAddr, nwkAddress: networkAddress } = announced;
    if (!of.getDeviceByIeeeAddr(ieeeAddr)) stack.emit("deviceJoined", { ieeeAddr, networkAddress });
  });
  stack.on("deviceLeave", ({ ieeeAddr }) => ieeeAddr && left(ieeeAddr.slice(2)));
}

/** A stick whose firmware starts anew by itself runs no network until it is told to; the adapter for Z-Stack takes no notice. */
export function watchReset(of: Controller): void {
  const stack = stackOf(of);
  stack.znp?.on("received", ({ command }) => command?.name === "resetInd" && stack.emit("disconnected"));
}

/** What of a controller is needed to be rid of it. */
interface Abandoned {
  stop(): Promise<void>;
}

/**
 * A start that failed may leave its connection open; only the library's own adapter can close it. Before it ends the
 * library asks the stick to close the network, behind all that it has asked before: of a stick that went silent under
 * load neither is ever answered.
 */
export async function abandon(controller: Abandoned, clock: Clock): Promise<void> {
  const { adapter } = controller as { adapter?: Abandoned };
  const ended = async (one: Abandoned | undefined): Promise<void> => {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(ENDING, resolve);
    });
    await Promise.race([one?.stop().catch(() => {}), late]);
    cancel();
  };
  await ended(adapter);
  await ended(controller);
}
