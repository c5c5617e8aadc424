import { type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { IotRoom } from "../iot-room.ts";
import { type StateOwner, type StoredProperty, shadowOf } from "./state.ts";

type Planned = Awaited<ReturnType<IotRoom["reportShadow"]>>;

export type ShadowMirror = ReturnType<typeof createShadowMirror>;

/** Plans the update of the classic shadow that goes with a change of state, for the same batch. */
export function createShadowMirror({ iot, log }: { iot: Pick<IotRoom, "reportShadow">; log: Logger }) {
  /** The shadow mirrors the state as far as it has room (8 KB); the state itself is not lost for want of it. */
  async function plan(thing: StateOwner, properties: readonly StoredProperty[]): Promise<Planned | undefined> {
    if (properties.length === 0) return undefined;
    try {
      return await iot.reportShadow(
        { accountId: thing.accountId, region: thing.region, thingName: thing.id },
        shadowOf(properties),
      );
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      log.warn({ managedThingId: thing.id, why: messageOf(error) }, "classic shadow not synchronised");
      return undefined;
    }
  }

  return {
    put: plan,
    /** A member that is null is removed from a shadow (reference iot-core 3). */
    remove: (thing: StateOwner, properties: readonly StoredProperty[]) =>
      plan(
        thing,
        properties.map((property) => ({ ...property, value: null })),
      ),
  };
}
