import type { Write } from "@hearth/backplane";
import type { Certificates } from "../credentials/certificates.ts";
import type { Things } from "../registry/things.ts";
import type { Shadows } from "../shadows/shadows.ts";
import type { Place } from "../storage/place.ts";

export interface DeviceRemovalDeps {
  things: Things;
  certificates: Certificates;
  shadows: Shadows;
}

/** The opposite of provisioning, for a batch of the caller's: everything that a device is in IoT Core goes. */
export function createDeviceRemoval({ things, certificates, shadows }: DeviceRemovalDeps) {
  /**
   * Detaches and deactivates the device's certificate, deletes its registry thing and its shadows. On `WriteConflict`
   * ask again. `closed` is to be called after the commit: it ends the device's connections.
   */
  return async (
    device: Place & { thingName: string; certificateId?: string },
  ): Promise<{ writes: readonly Write[]; closed: () => void }> => {
    const { thingName, certificateId } = device;
    const thing = await things.planRemoval(device, thingName);
    const certificate =
      certificateId === undefined ? undefined : await certificates.planRetirement(device, certificateId);
    const shadow = shadows.planRemoval(device);
    return {
      writes: [...thing.writes, ...(certificate?.writes ?? []), ...shadow.writes],
      closed() {
        shadow.committed();
        thing.committed();
        certificate?.committed();
      },
    };
  };
}
