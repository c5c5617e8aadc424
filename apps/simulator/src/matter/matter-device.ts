import { type Endpoint, type Environment, ServerNode, VendorId } from "@matter/main";
import { DoorLockServer } from "@matter/main/behaviors/door-lock";
import { DoorLock } from "@matter/main/clusters/door-lock";
import { ContactSensorDevice } from "@matter/main/devices/contact-sensor";
import { DimmableLightDevice } from "@matter/main/devices/dimmable-light";
import { DoorLockDevice } from "@matter/main/devices/door-lock";
import { OnOffLightDevice } from "@matter/main/devices/on-off-light";
import { OnOffPlugInUnitDevice } from "@matter/main/devices/on-off-plug-in-unit";
import { TemperatureSensorDevice } from "@matter/main/devices/temperature-sensor";
import type { VirtualDevice } from "../virtual-device.ts";
import { matterTypes } from "./device-types.ts";

/** A lock that tells of what it does, whoever does it. */
class TellingLock extends DoorLockServer {
  override lockDoor(): void {
    this.#turn(DoorLock.LockState.Locked, DoorLock.LockOperationType.Lock);
  }

  override unlockDoor(): void {
    this.#turn(DoorLock.LockState.Unlocked, DoorLock.LockOperationType.Unlock);
  }

  #turn(lockState: DoorLock.LockState, lockOperationType: DoorLock.LockOperationType): void {
    this.state.lockState = lockState;
    this.events.lockOperation.emit(
      {
        ...{ lockOperationType, operationSource: DoorLock.OperationSource.Remote },
        ...{ userIndex: null, fabricIndex: null, sourceNode: null },
      },
      this.context,
    );
  }
}

const ENDPOINT = { id: "device", number: 1 };

/** The device's one endpoint besides the root. */
async function addEndpoint(node: ServerNode, type: string): Promise<Endpoint> {
  switch (type) {
    case "on-off-light":
      return (await node.add(OnOffLightDevice, ENDPOINT)) as Endpoint;
    case "dimmable-light":
      return (await node.add(DimmableLightDevice, ENDPOINT)) as Endpoint;
    case "plug":
      return (await node.add(OnOffPlugInUnitDevice, ENDPOINT)) as Endpoint;
    case "contact-sensor":
      return (await node.add(ContactSensorDevice, { ...ENDPOINT, booleanState: { stateValue: true } })) as Endpoint;
    case "temperature-sensor": {
      const temperatureMeasurement = { measuredValue: 2100, minMeasuredValue: -2000, maxMeasuredValue: 6000 };
      return (await node.add(TemperatureSensorDevice, { ...ENDPOINT, temperatureMeasurement })) as Endpoint;
    }
    case "door-lock": {
      const doorLock = {
        ...{ lockState: DoorLock.LockState.Locked, lockType: DoorLock.LockType.DeadBolt, actuatorEnabled: true },
        ...{ operatingMode: DoorLock.OperatingMode.Normal, wrongCodeEntryLimit: 3, userCodeTemporaryDisableTime: 10 },
      };
      return (await node.add(DoorLockDevice.with(TellingLock), { ...ENDPOINT, doorLock })) as Endpoint;
    }
    default:
      throw new RangeError(
        `there is no Matter device ${type}; there are ${matterTypes.map(({ name }) => name).join(", ")}`,
      );
  }
}

/** A virtual device, and its plug in the wall. */
export interface MatterDevice extends VirtualDevice {
  offline(): Promise<void>;
  online(): Promise<void>;
  close(): Promise<void>;
}

/** 1 to 99999998, and none of the trivial ones (Matter 1.4, 5.1.7.1). */
function passcodeOf(secret: Buffer): number {
  const passcode = (secret.readUInt32BE(0) % 99_999_997) + 1;
  return /^(\d)\1{7}$|^12345678$|^87654321$/.test(String(passcode)) ? passcode + 1 : passcode;
}

export async function createMatterDevice(about: {
  id: string;
  type: string;
  /** What its passcode, discriminator and serial number are made of. */
  secret: Buffer;
  environment: Environment;
  port: number;
}): Promise<MatterDevice> {
  const { id, type, secret, environment, port } = about;
  const product = matterTypes.find(({ name }) => name === type)?.product ?? type;
  const serialNumber = secret.toString("hex", 8, 16).toUpperCase();
  const node = await ServerNode.create({
    ...{ id, environment },
    network: { port, ble: false },
    commissioning: { passcode: passcodeOf(secret), discriminator: secret.readUInt16BE(4) & 0xfff },
    basicInformation: {
      ...{ vendorId: VendorId(0xfff1), vendorName: "Hearth", productId: 0x8001, productName: `Virtual ${product}` },
      ...{ hardwareVersion: 1, softwareVersion: 1, serialNumber, uniqueId: serialNumber, productLabel: product },
    },
  });
  const endpoint = await addEndpoint(node, type);
  const { qrPairingCode, manualPairingCode } = node.state.commissioning.pairingCodes;
  let isOn = false;
  // What is asked of it is done in order.
  let work: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const done = work.then(step);
    work = done.catch(() => {});
    return done;
  };
  const online = () =>
    inTurn(async () => {
      if (!isOn) await node.start();
      isOn = true;
    });
  const offline = () =>
    inTurn(async () => {
      if (isOn) await node.cancel();
      isOn = false;
    });

  /** `cluster/attribute`, or the attribute's name alone: `onOff/onOff`, `currentLevel`. */
  function find(path: string): { cluster: string; attribute: string } {
    const [first = "", second] = path.split("/");
    const clusters = Object.keys(endpoint.behaviors.supported).filter((name) => second === undefined || name === first);
    const attribute = second ?? first;
    const cluster = clusters.find((name) => Object.hasOwn(valuesOf(name), attribute));
    if (!cluster) throw new RangeError(`the device has no ${path}; a path is cluster/attribute: onOff/onOff`);
    return { cluster, attribute };
  }
  const valuesOf = (cluster: string): Record<string, unknown> => ({ ...(endpoint.maybeStateOf(cluster) ?? {}) });
  const never = (what: string) => () => {
    throw new RangeError(`a Matter device cannot be told to ${what}`);
  };

  return {
    ...{ id, type, label: qrPairingCode, pin: manualPairingCode },
    get joined() {
      return node.state.commissioning.commissioned;
    },
    read(path) {
      const { cluster, attribute } = find(path);
      return valuesOf(cluster)[attribute];
    },
    async change(path, value) {
      const { cluster, attribute } = find(path);
      await inTurn(() => endpoint.setStateOf(cluster, { [attribute]: value }));
    },
    powerOn: online,
    press: () => inTurn(() => node.erase()),
    reset: () => inTurn(() => node.erase()),
    mute: (frames) => (frames === undefined ? offline() : never("fall silent after some frames")()),
    unmute: online,
    sleep: never("sleep"),
    wake: never("wake"),
    offline,
    online,
    close: () => inTurn(() => node.close()),
  };
}
