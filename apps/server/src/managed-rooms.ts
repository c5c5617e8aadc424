import type { IotRoom } from "@hearth/iot";
import type { ManagedDeps } from "@hearth/managed";

/** What managed integrations asks of IoT Core, answered by the room of IoT Core. */
export function managedRooms(iot: IotRoom): ManagedDeps["iot"] {
  return {
    forgetDevice: iot.forgetDevice,
    createClaim: iot.createClaim,
    removeClaim: iot.removeClaim,
    createCaClaim: iot.createCaClaim,
    removeCaClaim: iot.removeCaClaim,
    reportShadow: (thing, reported) => iot.shadows.planUpdate(thing, { state: { reported } }),
    async certificatePem(place, certificateId) {
      return (await iot.certificates.find(place, certificateId))?.certificatePem;
    },
  };
}
