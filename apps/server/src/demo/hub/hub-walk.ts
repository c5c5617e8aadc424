import type { VirtualDevice } from "@hearth/simulator";
import type { Timeline } from "../timeline.ts";
import type { HomeApp } from "./home-app.ts";
import type { HubHome } from "./hub-home.ts";
import type { HubStage } from "./hub-stage.ts";
import { openLocalRoutine } from "./local-routine.ts";

const ON_OFF = "matter.OnOff@1.4";
const DOOR_LOCK = "matter.DoorLock@1.4";

/** Of Matter's lock: what LockState says. */
const [LOCKED, UNLOCKED] = ["Locked", "Unlocked"];

interface Walk {
  stage: HubStage;
  hub: HubHome & { id: string };
  app: HomeApp;
  line: Timeline;
}

/** From the hub's first start to its off-boarding. */
export async function walkHome(walk: Walk): Promise<void> {
  const { stage, hub, app, line } = walk;
  const { managed } = stage;
  line.step("hub", "starts, with nothing but a claim certificate");
  await app.becomes(hub.id, "ACTIVATED");
  line.step("hub", `${String(hub.configuration().rw["iot_provisioning_state"])}, and ACTIVATED`);

  const { Id: CredentialLockerId = "" } = await managed.createCredentialLocker({});
  await managed.updateManagedThing({ Identifier: hub.id, CredentialLockerId });
  const light = await simpleSetup(walk, CredentialLockerId);
  const lock = await guidedSetup(walk);
  await fromTheCloud(walk, light, lock);
  await withoutTheCloud(walk, light, lock);

  await app.remove(light);
  line.step("app", "removes the light: it has left the mesh");
  await app.remove(lock, () => only(stage.zwave.devices).press());
  line.step("app", "removes the lock: its button was pressed, and it is excluded");
  await app.remove(hub.id);
  await app.until("the hub to be off-boarded", async () =>
    hub.configuration().rw["iot_provisioning_state"] === "NOT_PROVISIONED" ? true : undefined,
  );
  line.step("hub", "is off-boarded: NOT_PROVISIONED, and its certificate and key are gone");
}

/** Reference 10.5: the bar code is scanned, the light is powered, and it is there. */
async function simpleSetup({ stage, app, line }: Walk, CredentialLockerId: string): Promise<string> {
  const light = only(stage.zigbee.devices);
  const { Id: id = "" } = await stage.managed.createManagedThing({
    Role: "DEVICE",
    AuthenticationMaterialType: "ZIGBEE_QR_BAR_CODE",
    AuthenticationMaterial: light.label,
    CredentialLockerId,
    Name: "Colour light",
  });
  line.step("app", `scans the light's bar code: managed thing ${id}, ${await app.status(id)}`);
  light.powerOn();
  line.step("light", "is powered on");
  await app.becomes(id, "ACTIVATED");
  line.step("cloud", `ACTIVATED: ${words(await app.capabilities(id))}`);
  return id;
}

/** Reference 10.6: the lock is brought to pairing mode, found, and taken in with the PIN that stands on it. */
async function guidedSetup({ stage, app, line }: Walk): Promise<string> {
  const lock = only(stage.zwave.devices);
  lock.press();
  line.step("lock", "its button is pressed: pairing mode");
  const { materials } = await app.discover("ZWAVE", { pin: lock.pin });
  line.step("app", `a discovery with the PIN ${lock.pin} has found it`);
  const id = await app.take(materials[0] ?? "");
  await app.becomes(id, "ACTIVATED");
  line.step("cloud", `ACTIVATED: ${words(await app.capabilities(id))}`);
  return id;
}

async function fromTheCloud({ stage, app, line }: Walk, light: string, lock: string): Promise<void> {
  await app.command(light, ON_OFF, "Toggle");
  await app.stateIs(light, ON_OFF, "OnOff", true);
  line.step("app", `Toggle: the light is on (cluster 6 says ${String(only(stage.zigbee.devices).read("1/6/0"))})`);
  await app.command(lock, DOOR_LOCK, "LockDoor");
  await app.stateIs(lock, DOOR_LOCK, "LockState", LOCKED);
  line.step("app", "LockDoor: the lock is locked");
}

/** The uplink is cut; a program on the hub goes on by the hub's IPC; then both ends agree again. */
async function withoutTheCloud({ stage, hub, app, line }: Walk, light: string, lock: string): Promise<void> {
  stage.uplink.cut();
  await app.until("the cloud to miss the hub", async () => {
    const { Connected } = await stage.managed.getManagedThingConnectivityData({ Identifier: hub.id });
    return Connected === false ? true : undefined;
  });
  line.step("cloud", "the uplink is cut: the hub is not connected");
  const routine = await openLocalRoutine(hub.ipcPath);
  try {
    await routine.command(light, ON_OFF, "Toggle");
    line.step("routine", "Toggle by IPC: the light is off");
    await routine.command(lock, DOOR_LOCK, "UnlockDoor");
    line.step("routine", "UnlockDoor by IPC: the lock is unlocked");
    const before = (await app.state(light))[`1/${ON_OFF}/OnOff`];
    line.step("cloud", `still believes OnOff: ${String(before)}`);
    stage.uplink.restore();
    line.step("hub", "the uplink is back");
    await app.stateIs(light, ON_OFF, "OnOff", false);
    await app.stateIs(lock, DOOR_LOCK, "LockState", UNLOCKED);
    for (const [name, id] of Object.entries({ light, lock })) {
      const [cloud, local] = [sorted(await app.state(id)), sorted(await routine.state(id))];
      if (cloud !== local) throw new Error(`the states of the ${name} differ:\ncloud ${cloud}\nhub   ${local}`);
    }
    line.step("app", "the states of both devices are equal in the cloud and on the hub");
  } finally {
    await routine.close();
  }
}

const only = (devices: readonly VirtualDevice[]): VirtualDevice => {
  const [device] = devices;
  if (!device) throw new Error("there is no virtual device");
  return device;
};

const words = (capabilities: Record<string, string[]>): string => Object.values(capabilities).flat().join(", ");

const sorted = (state: Record<string, unknown>): string =>
  JSON.stringify(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
