import type { Write } from "@hearth/backplane";
import type { Message } from "@hearth/iot";
import type { AssociationStore } from "../account-associations/association-store.ts";
import { conflict } from "../errors.ts";
import { addedMessage } from "../hub/hub-messages.ts";
import type { Place } from "../place.ts";
import { notDiscovered } from "../things/authentication-material.ts";
import type { ManagedThing, ThingDetails } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { parseMaterial } from "./discovery.ts";
import type { DiscoveryStore } from "./discovery-store.ts";

/** What a new managed thing takes from the discovery that found its device. */
export interface Claimed {
  status: "UNASSOCIATED" | "DISCOVERED";
  parentControllerId?: string;
  connectorDestinationId?: string;
  details: Pick<ThingDetails, "discoveredIdentity" | "connectorDeviceId" | "hubDeviceId" | "brand" | "model" | "name">;
  /** For the batch that puts the thing on record: its hub must still be there. */
  guard: Write[];
  /** To be sent once the thing is on record. */
  messages(thing: Pick<ManagedThing, "accountId" | "id">, now: number): Message[];
}

export type DiscoveredDevices = ReturnType<typeof createDiscoveredDevices>;

/** Turns the AuthenticationMaterial of discovered devices back into the devices that it was minted for (U2). */
export function createDiscoveredDevices(deps: {
  discoveries: DiscoveryStore;
  associations: Pick<AssociationStore, "get">;
  things: Pick<ThingStore, "get" | "use">;
}) {
  const { discoveries, associations, things } = deps;
  return {
    /** @throws ValidationException for material that was not minted here, ConflictException when its way is gone */
    async claim(place: Place, material: string): Promise<Claimed> {
      const named = parseMaterial(material);
      const discovery = named && (await discoveries.get(place, named.discoveryId));
      const device = discovery && (await discoveries.device(discovery, named));
      // A hub's material names a number and a connector's the vendor's id; the other way round it was not minted.
      if (!device || "number" in named !== (discovery.associationId === undefined)) throw notDiscovered();
      const { brand, model, name, identity: discoveredIdentity, deviceId } = device;
      const shared = { brand, model, name, discoveredIdentity };
      if (discovery.associationId !== undefined) {
        const association = await associations.get(place, discovery.associationId);
        if (!association || association.state === "ASSOCIATION_DELETING")
          throw conflict("The account association of the discovery was deleted. Discover again.");
        return {
          status: "UNASSOCIATED",
          connectorDestinationId: association.connectorDestinationId,
          details: { ...shared, connectorDeviceId: deviceId },
          guard: [],
          messages: () => [],
        };
      }
      const controllerId = discovery.controllerId ?? "";
      const controller = await things.get(place, controllerId);
      if (controller?.status !== "ACTIVATED") {
        throw conflict("The controller that found the device is gone or not ACTIVATED. Discover again.");
      }
      return {
        status: "DISCOVERED",
        parentControllerId: controllerId,
        details: { ...shared, hubDeviceId: deviceId },
        guard: [things.use(controller)],
        messages: (thing, now) => [
          addedMessage({ ...thing, id: controllerId }, { deviceId, managedThingId: thing.id }, now),
        ],
      };
    },
  };
}
