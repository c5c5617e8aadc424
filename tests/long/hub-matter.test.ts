import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type MatterHome, startMatterHome, type VirtualDevice } from "@hearth/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import { skipped } from "../clients/tools.ts";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { multicastMissing } from "../kit/multicast.ts";
import { programArguments } from "../kit/programs.ts";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import { appOf } from "../walk/hub-things.ts";
import { type Notifications, openNotifications } from "../walk/stream.ts";

const [ON_OFF, CONTACT] = ["matter.OnOff@1.4", "matter.BooleanState@1.4"];

describe.skipIf(skipped("Matter devices behind a hub", await multicastMissing()))("Matter devices behind a hub", () => {
  let fleet: Fleet;
  let hub: LivingHub;
  let app: HomeApp;
  let home: MatterHome;
  let notifications: Notifications;

  beforeAll(async () => {
    process.env["HEARTH_HUB_CUSTOM"] = "matter";
    fleet = await openFleet({ commandTimeoutSeconds: 10 });
    notifications = await openNotifications(fleet, "matter", ["DEVICE_COMMAND"]);
    const types = ["dimmable-light", "contact-sensor", "door-lock", "temperature-sensor"];
    home = await startMatterHome({ devices: types.map((type) => ({ type })), seed: 11 });
    hub = await openHub(cloudOf(fleet), {});
    app = appOf(fleet, hub, 60_000);
  });
  afterAll(async () => {
    delete process.env["HEARTH_HUB_CUSTOM"];
    await hub?.close();
    await home?.close();
    await fleet?.close();
  });

  const device = (type: string): VirtualDevice => home.devices.find((one) => one.type === type) as VirtualDevice;

  const labelled = async (label: string): Promise<string> => {
    const given = { AuthenticationMaterialType: "CUSTOM_PROTOCOL_QR_BAR_CODE", AuthenticationMaterial: label } as const;
    const made = await fleet.managed.createManagedThing({ Role: "DEVICE", ...given, CredentialLockerId: hub.locker });
    return made.Id ?? "";
  };

  /** StartDeviceDiscovery by a setup code, until it has found a device: its material. */
  async function discovered(SetupCode: string): Promise<string> {
    const { Id: Identifier = "" } = await fleet.managed.startDeviceDiscovery({
      ...{ ControllerIdentifier: hub.id, DiscoveryType: "CUSTOM" },
      CustomProtocolDetail: { Name: "matter", SetupCode },
    });
    return app.until("the device to be discovered", async () => {
      const { Items = [] } = await fleet.managed.listDiscoveredDevices({ Identifier });
      return Items[0]?.AuthenticationMaterial;
    });
  }

  /** The devices that the plug-in keeps. */
  const nodes = (): string[] =>
    Object.keys(
      JSON.parse(readFileSync(join(hub.home.root, "data/ace/kvstorage/AceCustom/plugin-0/nodes.json"), "utf8")),
    );

  /** Process id of what runs the plug-in. */
  const pluginProcess = (): number =>
    JSON.parse(readFileSync(join(hub.home.root, "dev/aipc/custom.pid"), "utf8")).pid as number;

  test("by the label: ACTIVATED, commanded, heard, over kills of the plug-in and the hub, and deleted", async () => {
    const light = device("dimmable-light");
    const thing = await labelled(light.label);
    await light.powerOn();
    await app.becomes(thing, "ACTIVATED");
    expect(await app.capabilities(thing)).toEqual({ 1: ["matter.LevelControl@1.4", ON_OFF] });

    await app.command(thing, ON_OFF, "On");
    await app.stateIs(thing, ON_OFF, "OnOff", true);
    expect(light.read("onOff/onOff")).toBe(true);
    await light.change("onOff/onOff", false);
    await app.stateIs(thing, ON_OFF, "OnOff", false);

    process.kill(pluginProcess(), "SIGKILL");
    await light.change("onOff/onOff", true);
    await app.stateIs(thing, ON_OFF, "OnOff", true);
    await hub.restart();
    await app.until("a command after the restart", async () => {
      await app.command(thing, ON_OFF, "Off").catch(() => {});
      return light.read("onOff/onOff") === false ? true : undefined;
    });
    await app.stateIs(thing, ON_OFF, "OnOff", false);

    await app.remove(thing);
    await app.until("the light to be free", async () => (light.joined ? undefined : true));
  });

  test("by a code: discovered, taken, heard, and deleted", async () => {
    const sensor = device("contact-sensor");
    await sensor.powerOn();
    const thing = await app.take(await discovered(sensor.pin as string));
    await app.becomes(thing, "ACTIVATED");
    await app.stateIs(thing, CONTACT, "StateValue", true);
    await sensor.change("booleanState/stateValue", false);
    await app.stateIs(thing, CONTACT, "StateValue", false);
    await app.remove(thing);
    expect(sensor.joined).toBe(false);
  });

  test("one that falls silent fails commands in time, is itself again afterwards, and is forgotten by force", async () => {
    const plug = spawn(
      process.execPath,
      [...programArguments("hearth"), "simulate", "matter", "--device", "plug", "--seed", "5"],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const lines = linesOf(plug);
    try {
      const label = await app.until("the plug's label", async () => /MT:\S+/.exec(lines())?.[0]);
      const thing = await labelled(label);
      await app.becomes(thing, "ACTIVATED");
      await app.command(thing, ON_OFF, "On");
      await app.stateIs(thing, ON_OFF, "OnOff", true);

      plug.kill("SIGSTOP");
      const trace = await app.command(thing, ON_OFF, "Off");
      const ended = () => notifications.all().then((all) => all.find(({ payload }) => payload["traceId"] === trace));
      expect(JSON.stringify(await app.until("the command to end", ended))).not.toContain('"responseCode":200');
      plug.kill("SIGCONT");
      await app.until("the plug to obey again", async () => {
        await app.command(thing, ON_OFF, "Off").catch(() => {});
        return (
          Object.entries(await app.state(thing)).some(([path, is]) => path.endsWith("/OnOff") && is === false) ||
          undefined
        );
      });

      plug.kill("SIGKILL");
      await fleet.managed.deleteManagedThing({ Identifier: thing, Force: true });
      await app.gone(thing);
    } catch (error) {
      process.stderr.write(`the hub said:\n${hub.output().slice(-6_000)}\n`);
      throw error;
    } finally {
      plug.kill("SIGKILL");
    }
  });

  test("a hub that is off-boarded lets its devices go, and says which one has to be reset by hand", async () => {
    const [lock, sensor] = [device("door-lock"), device("temperature-sensor")];
    for (const one of [lock, sensor]) {
      const thing = await labelled(one.label);
      await one.powerOn();
      await app.becomes(thing, "ACTIVATED");
    }
    // One that was forgotten by force may still be asked to leave.
    await expect.poll(() => nodes().length, { timeout: 60_000 }).toBe(2);
    await sensor.mute();

    await fleet.managed.deleteManagedThing({ Identifier: hub.id });
    await app.gone(hub.id);
    await app.until(
      "the hub to be off-boarded",
      async () => hub.output().includes("may be onboarded again") || undefined,
    );
    expect([lock.joined, sensor.joined]).toEqual([false, true]);
    const said = hub
      .output()
      .split("\n")
      .filter((line) => line.includes("reset it by hand"));
    expect(said).toHaveLength(1);
    expect(nodes()).toEqual([]);
  });
});

function linesOf(child: ChildProcess): () => string {
  let printed = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  return () => printed;
}
