import type { Clock } from "@hearth/base";
import type { ProvisioningHook } from "@hearth/iot";
import type { LockerStore } from "../credential-lockers/locker-store.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";

/** Name by which a provisioning template asks for this hook. */
export const PROVISIONING_HOOK = "managed-integrations";

const REFUSED = { allowProvisioning: false } as const;

/**
 * Admits a device by claim, or by the signature of its profile's CA, when a managed thing with its serial number and product code waits for it (reference 11.2,
 * step 2), and makes that thing DISCOVERED in the same commit. A device that lost its new credentials before it
 * reported may come again; one that is ACTIVATED may not: whoever has a claim certificate and knows its serial number
 * could take its place.
 */
export function createProvisioningHook(deps: {
  clock: Clock;
  things: ThingStore;
  lifeCycle: LifeCycle;
  lockers: Pick<LockerStore, "exists">;
}): ProvisioningHook {
  const { clock, things, lifeCycle, lockers } = deps;
  return async (input) => {
    const serialNumber = input.parameters["SerialNumber"];
    const code = input.parameters["UniversalProductCode"];
    // A CA's signature vouches for the serial number, which may stand alone then.
    if (!serialNumber || (!code && !input.signed)) return REFUSED;
    const candidates = (await things.bySerialNumber(input, serialNumber)).filter(
      ({ details }) => !code || [details.universalProductCode, details.internationalArticleNumber].includes(code),
    );
    const thing = candidates.length === 1 ? candidates[0] : undefined;
    if (!thing || !["UNASSOCIATED", "PRE_ASSOCIATED", "DISCOVERED"].includes(thing.status)) return REFUSED;
    // The devices of a deleted locker can no longer use the platform (reference 3.3).
    const locker = thing.credentialLockerId;
    if (locker !== undefined && !(await lockers.exists(input, locker))) return REFUSED;
    const after: ManagedThing = {
      ...thing,
      status: "DISCOVERED",
      certificateId: input.certificateId,
      // A device that starts anew counts its events anew.
      lastEventNumber: 0,
      updatedAt: clock.now(),
    };
    return {
      allowProvisioning: true,
      parameterOverrides: { ManagedThingId: thing.id },
      replacesCertificateId: thing.certificateId,
      writes: await lifeCycle.change(thing, after),
    };
  };
}
