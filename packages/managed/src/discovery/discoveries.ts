import { type Database, onConflictAgain, type Timers, type Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import type { ThingStore } from "../things/thing-store.ts";
import {
  type DeviceDiscovery,
  type DiscoveredDevice,
  type DiscoveryStatus,
  discoveryArn,
  identityOf,
} from "./discovery.ts";
import type { DiscoveryStore } from "./discovery-store.ts";

/** Without a final word in this time a discovery is over, and keeps what it has found (U28). */
export const DISCOVERY_SECONDS = 600;

/** One discovery keeps at most so many devices: no home has more. */
export const MOST_DEVICES = 10_000;

/** So long after its start a discovery and what it found can be asked for; then both go. */
export const DISCOVERY_KEPT_DAYS = 30;

/** An account keeps at most so many in a region: for a new one the one that ended first goes. */
export const MOST_DISCOVERIES = 10_000;

/** Discoveries that one commit removes, or sees to. */
const AT_ONCE = 10;

const TIMER = "device-discovery";
const EXPIRY = "device-discovery-expiry";

const keptUntil = (startedAt: number): number => startedAt + DISCOVERY_KEPT_DAYS * 86_400_000;

const timerId = (discovery: Place & { id: string }) => `${discovery.accountId}/${discovery.region}/${discovery.id}`;

/** What a hub or a connector says that it found. */
export type FoundDevice = Pick<
  DiscoveredDevice,
  "deviceId" | "name" | "deviceTypes" | "brand" | "model" | "report" | "state" | "schemas"
>;

export type Discoveries = ReturnType<typeof createDiscoveries>;

/** The life of discovery jobs: they run, take devices in, and end once, each with its DEVICE_DISCOVERY_STATUS. */
export function createDiscoveries(deps: {
  database: Database;
  timers: Timers;
  clock: Clock;
  log: Logger;
  discoveries: DiscoveryStore;
  things: Pick<ThingStore, "byIdentity">;
  notifier: Pick<Notifier, "write" | "wake">;
}) {
  const { database, timers, clock, log, discoveries, things, notifier } = deps;

  const about = (discovery: DeviceDiscovery) => ({ ...discovery, arn: discoveryArn(discovery) });

  const told = (discovery: DeviceDiscovery, reason: string | undefined): Promise<Write[]> => {
    const { id: deviceDiscoveryId, deviceCount, status } = discovery;
    const payload = { deviceCount, deviceDiscoveryId, status, reason };
    return notifier.write(about(discovery), [{ type: "DEVICE_DISCOVERY_STATUS", payload }]);
  };

  timers.handle(TIMER, async (_id, payload): Promise<readonly Write[]> => {
    const { accountId, region, id } = payload as Place & { id: string };
    await onConflictAgain(async () => {
      const discovery = await discoveries.get({ accountId, region }, id);
      if (discovery?.status !== "RUNNING") return;
      const after: DeviceDiscovery = { ...discovery, status: "TIMED_OUT", finishedAt: clock.now() };
      const reason = `no final answer within ${DISCOVERY_SECONDS} seconds`;
      log.info({ deviceDiscoveryId: id, reason }, "device discovery timed out");
      await database.commit([discoveries.update(discovery, after), ...(await told(after, reason))]);
    });
    notifier.wake();
    return [];
  });

  timers.handle(EXPIRY, async (_id, payload): Promise<readonly Write[]> => {
    const { accountId, region, id } = payload as Place & { id: string };
    const discovery = await discoveries.get({ accountId, region }, id);
    return discovery ? discoveries.remove(discovery) : [];
  });

  const expire = ({ accountId, region, id }: Place & { id: string }, at: number): Write =>
    timers.arm(EXPIRY, timerId({ accountId, region, id }), at, { accountId, region, id });

  return {
    /** At start: discoveries of releases that kept them for ever get their end. */
    async settle(): Promise<void> {
      for (;;) {
        const endless = await discoveries.endless(AT_ONCE);
        if (endless.length === 0) return timers.wake();
        const until = ({ startedAt }: { startedAt: number }) => keptUntil(startedAt);
        await database.commit(endless.flatMap((one) => [expire(one, until(one)), discoveries.keep(one, until(one))]));
      }
    },

    /**
     * Before a job begins: what ended first goes where the account has too many.
     *
     * @throws ThrottlingException when all of them run
     */
    async makeRoom(place: Place): Promise<void> {
      await onConflictAgain(async () => {
        const surplus = (await discoveries.count(place)) - MOST_DISCOVERIES + 1;
        if (surplus <= 0) return;
        const over = await discoveries.firstFinished(place, Math.min(surplus, AT_ONCE));
        if (over.length === 0) {
          throw new ServiceError(
            "ThrottlingException",
            `${MOST_DISCOVERIES} device discoveries are running. Wait until one is over: ${DISCOVERY_SECONDS} seconds at most.`,
          );
        }
        await database.commit(over.flatMap((one) => [...discoveries.remove(one), timers.disarm(EXPIRY, timerId(one))]));
      });
    },

    /** A new job: its writes. One that is over already (nobody can search) says why. */
    async begin(discovery: DeviceDiscovery, reason?: string): Promise<Write[]> {
      const { accountId, region, id } = discovery;
      const named = { accountId, region, id };
      const until = keptUntil(discovery.startedAt);
      const kept = [await discoveries.insert(discovery, until), expire(discovery, until)];
      if (discovery.status !== "RUNNING") {
        log.info({ deviceDiscoveryId: id, reason }, "device discovery could not begin");
        return [...kept, ...(await told(discovery, reason))];
      }
      const deadline = discovery.startedAt + DISCOVERY_SECONDS * 1000;
      return [...kept, timers.arm(TIMER, timerId(discovery), deadline, named)];
    },

    /** After a commit that began a job. */
    wake: () => timers.wake(),

    /** The end of a running job: its writes. */
    async end(discovery: DeviceDiscovery, status: DiscoveryStatus, reason?: string): Promise<Write[]> {
      const after: DeviceDiscovery = { ...discovery, status, finishedAt: clock.now() };
      return [
        discoveries.update(discovery, after),
        timers.disarm(TIMER, timerId(discovery)),
        ...(await told(after, reason)),
      ];
    },

    /**
     * Takes devices into a running job and commits: a device that is found again replaces what was said of it before.
     * `ends` is the job's last status, or undefined while more is to come. False: they are more than a job may have.
     */
    async receive(
      discovery: DeviceDiscovery,
      through: { destinationId: string } | { controllerId: string },
      found: readonly FoundDevice[],
      ends?: { status: DiscoveryStatus; reason?: string },
      alongside: readonly Write[] = [],
    ): Promise<boolean> {
      const byId = new Map(found.map((device) => [device.deviceId, device] as const));
      const numbers = await discoveries.numbers(discovery, [...byId.keys()]);
      const identity = (deviceId: string) => identityOf(through, deviceId);
      const known = await things.byIdentity(discovery, [...byId.keys()].map(identity));
      let deviceCount = discovery.deviceCount;
      const writes: Write[] = [...alongside];
      for (const device of byId.values()) {
        const thing = known.get(identity(device.deviceId));
        const isSame = device.report === undefined || JSON.stringify(device.report) === thing?.capabilityReport;
        const entry: DiscoveredDevice = {
          ...device,
          number: numbers.get(device.deviceId) ?? deviceCount++,
          identity: identity(device.deviceId),
          modification: thing === undefined ? "DISCOVERED" : isSame ? "NO_CHANGE" : "UPDATED",
          discoveredAt: clock.now(),
        };
        writes.push(await discoveries.putDevice(discovery, entry));
      }
      if (deviceCount > MOST_DEVICES) return false;
      const after = { ...discovery, deviceCount };
      if (ends === undefined) writes.push(discoveries.update(discovery, after));
      else writes.push(...(await this.end(after, ends.status, ends.reason)));
      await database.commit(writes);
      notifier.wake();
      return true;
    },
  };
}
