import type { Database, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { describeViolation, parseCapabilityReport } from "@hearth/data-model";
import type { Message } from "@hearth/iot";
import type { StoreReport } from "../capabilities/store-report.ts";
import type { LockerStore } from "../credential-lockers/locker-store.ts";
import type { Refusal } from "../device/acceptance.ts";
import { type Discoveries, MOST_DEVICES } from "../discovery/discoveries.ts";
import type { DiscoveryStore } from "../discovery/discovery-store.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import { type ManagedThing, thingArn } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { HubLabels } from "./hub-labels.ts";
import { addedMessage } from "./hub-messages.ts";
import type { HubMessage } from "./hub-reports.ts";

export type TakeFromHub = (hub: ManagedThing, message: HubMessage) => Promise<Message[] | Refusal>;

type Of<Type extends HubMessage["messageType"]> = Extract<HubMessage, { messageType: Type }>;

const notFound = (message: string): Refusal => ({ code: 404, message });

/** What hubs tell about the devices behind them: found, joined, able, set up (docs/device-protocol.md, "Hubs"). */
export function createHubSetup(deps: {
  database: Database;
  clock: Clock;
  things: ThingStore;
  lifeCycle: LifeCycle;
  discoveries: DiscoveryStore;
  jobs: Discoveries;
  storeReport: StoreReport;
  schemaSets: SchemaSets;
  notifier: Notifier;
  lockers: Pick<LockerStore, "exists">;
  labels: HubLabels;
}): TakeFromHub {
  const { database, clock, things, lifeCycle, discoveries, jobs, storeReport, schemaSets, notifier, lockers, labels } =
    deps;

  /** With every change that a message of a hub makes, so that a repeated message is known. */
  const heard = (hub: ManagedThing, message: HubMessage): Write =>
    things.touch(hub, Math.max(hub.lastEventNumber, message.eventNumber));

  async function discovered(hub: ManagedThing, message: Of<"DEVICE_DISCOVERED">): Promise<Message[] | Refusal> {
    const discovery = await discoveries.get(hub, message.discoveryId);
    if (discovery?.controllerId !== hub.id) return notFound("Device discovery not found.");
    if (discovery.status !== "RUNNING") {
      return { code: 409, message: `The device discovery is over: ${discovery.status}.` };
    }
    const ends = message.status === undefined ? undefined : { status: message.status, reason: message.reason };
    const through = { controllerId: hub.id };
    const taken = await jobs.receive(discovery, through, message.devices, ends, [heard(hub, message)]);
    return taken ? [] : { code: 413, message: `A device discovery keeps at most ${MOST_DEVICES} devices.` };
  }

  /** The devices whose label a hub may mean; undefined when it names none. */
  async function labelled(hub: ManagedThing, message: Of<"DEVICE_JOINED">): Promise<ManagedThing[] | undefined> {
    const radioId = message.macAddress ?? message.deviceSpecificKey;
    if (radioId !== undefined) {
      return (await things.byRadioId(hub, radioId)).filter((thing) => thing.role === "DEVICE");
    }
    if (message.managedThingId === undefined) return undefined;
    // Whoever has a radio id is known by it alone: a hub must have met the device.
    const thing = await things.get(hub, message.managedThingId);
    const isCustom = thing?.details.authenticationMaterialType === "CUSTOM_PROTOCOL_QR_BAR_CODE";
    return thing?.role === "DEVICE" && isCustom ? [thing] : [];
  }

  /**
   * A device that was created by its label is there. A hub takes only devices that share its credential locker
   * (reference 3.3): anybody could hold a label to a camera.
   */
  async function joined(hub: ManagedThing, message: Of<"DEVICE_JOINED">): Promise<Message[] | Refusal> {
    const known = await labelled(hub, message);
    if (!known) {
      return { code: 400, message: "DEVICE_JOINED needs macAddress, deviceSpecificKey or managedThingId." };
    }
    if (known.length === 0) return notFound("No managed thing has this label.");
    const thing = known.find(
      ({ credentialLockerId }) => credentialLockerId !== undefined && credentialLockerId === hub.credentialLockerId,
    );
    // A locker that is gone lets nobody in, though both still name it.
    if (!thing?.credentialLockerId || !(await lockers.exists(hub, thing.credentialLockerId))) {
      return { code: 403, message: "The device does not share the hub's credential locker." };
    }
    const answer = addedMessage(hub, { deviceId: message.deviceId, managedThingId: thing.id }, clock.now());
    const isHere = thing.parentControllerId === hub.id && thing.details.hubDeviceId === message.deviceId;
    if (isHere && (thing.status === "DISCOVERED" || thing.status === "ACTIVATED")) return [answer];
    if (thing.status !== "PRE_ASSOCIATED" && thing.status !== "ISOLATED") {
      return { code: 409, message: `The managed thing is ${thing.status}.` };
    }
    const after: ManagedThing = {
      ...thing,
      // An isolated device stays so until its new hub has brought its report.
      status: thing.status === "ISOLATED" ? "ISOLATED" : "DISCOVERED",
      parentControllerId: hub.id,
      details: { ...thing.details, hubDeviceId: message.deviceId },
      // Each hub counts by itself: what another one has counted up to says nothing of this one's.
      lastEventNumber: 0,
      updatedAt: clock.now(),
    };
    await database.commit([heard(hub, message), ...(await lifeCycle.change(thing, after))]);
    notifier.wake();
    await labels.changed([{ before: thing }], hub.id);
    return [answer];
  }

  const childOf = async (hub: ManagedThing, id: string): Promise<ManagedThing | undefined> => {
    const thing = await things.get(hub, id);
    return thing?.parentControllerId === hub.id ? thing : undefined;
  };

  async function capabilities(hub: ManagedThing, message: Of<"DEVICE_CAPABILITIES">): Promise<Message[] | Refusal> {
    const thing = await childOf(hub, message.managedThingId);
    if (!thing) return notFound("Managed Thing resource not found.");
    if (thing.status === "DELETE_IN_PROGRESS") return { code: 409, message: "The managed thing is being deleted." };
    const parsed = parseCapabilityReport(message.capabilityReport, await schemaSets.of(thing));
    if ("violations" in parsed) return { code: 400, message: parsed.violations.map(describeViolation).join("; ") };
    return [...(await storeReport(thing, parsed.report))];
  }

  /** Wi-Fi simple setup goes on between devices; the platform tells what the hub saw of it. */
  async function simpleSetup(hub: ManagedThing, message: Of<"DEVICE_WSS">): Promise<Message[] | Refusal> {
    const thing = message.managedThingId === undefined ? hub : await childOf(hub, message.managedThingId);
    if (!thing) return notFound("Managed Thing resource not found.");
    const payload = { managedThingId: thing.id, role: message.role, status: message.status };
    const told = await notifier.write({ ...thing, arn: thingArn(thing) }, [{ type: "DEVICE_WSS", payload }]);
    await database.commit([heard(hub, message), ...told]);
    notifier.wake();
    return [];
  }

  return async (hub, message) => {
    if (hub.role !== "CONTROLLER") return { code: 403, message: "Only a controller tells about other devices." };
    if (hub.status !== "ACTIVATED") return { code: 409, message: `The controller is ${hub.status}.` };
    switch (message.messageType) {
      case "DEVICE_DISCOVERED":
        return discovered(hub, message);
      case "DEVICE_JOINED":
        return joined(hub, message);
      case "DEVICE_CAPABILITIES":
        return capabilities(hub, message);
      case "DEVICE_WSS":
        return simpleSetup(hub, message);
      case "DEVICE_PROVISIONING_REQUEST":
        await labels.list(hub);
        return [];
    }
  };
}
