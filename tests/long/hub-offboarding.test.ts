import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@hearth/client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createHomeApp, type HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import type { HubHome } from "../../apps/server/src/demo/hub/hub-home.ts";
import { openUplink, type Uplink } from "../../apps/server/src/demo/hub/uplink.ts";
import { cloudOf, type HubCloud, makeHub, startHub } from "../kit/hub.ts";
import { type HubProcess, makeHubRoot } from "../kit/hub-process.ts";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";

// The outcomes of reference 10.13, each with a hub without radios: its own process, and what it keeps on disk.
let fleet: Fleet;
let cloud: HubCloud;
let uplink: Uplink;
const place = makeHubRoot();
let hub: HubHome & { id: string };
let running: HubProcess;
let app: HomeApp;

beforeAll(async () => {
  fleet = await openFleet();
  cloud = cloudOf(fleet);
  uplink = await openUplink(cloud.mqttsPort);
});
afterEach(() => uplink.restore());
afterAll(async () => {
  await running?.kill("SIGKILL");
  await uplink?.close();
  await fleet?.close();
  await place.remove();
});

const state = () => hub.configuration().rw["iot_provisioning_state"];

/** Another claim and configuration on the same hub, which starts again: ACTIVATED. */
async function onboard(at = cloud): Promise<void> {
  await running?.kill("SIGKILL");
  hub = await makeHub(at, place.root, uplink.port);
  running = startHub(hub);
  app = createHomeApp({
    managed: at.managed,
    hubId: hub.id,
    until: (what, ask) =>
      eventually(what, ask, 20_000).catch((error: Error) => {
        throw new Error(`${error.message}; the hub said:\n${running.stderr().slice(-6_000)}`);
      }),
  });
  await app.becomes(hub.id, "ACTIVATED");
}

const remove = (more: { Force?: boolean } = {}) =>
  fleet.managed.send("DeleteManagedThing", { Identifier: hub.id, ...more });

/** It is done when the last of its steps is. */
const offboarded = () =>
  app.until("the hub to be off-boarded", async () =>
    state() === "NOT_PROVISIONED" && running.stderr().includes("may be onboarded again") ? true : undefined,
  );

/** Force delete, as the table says what to do. */
async function forced(): Promise<void> {
  await remove({ Force: true });
  const error = await fleet.status(hub.id).catch((one: unknown) => one);
  expect(error).toMatchObject({
    name: "ResourceNotFoundException",
    message: expect.stringContaining("Managed Thing resource not found."),
  });
}

describe("off-boarding a hub", { timeout: 60_000 }, () => {
  test("row 85: success: the cloud answers 404, the hub has nothing but NOT_PROVISIONED", async () => {
    await onboard();
    const { rw } = hub.configuration();
    expect(rw).toMatchObject({ iot_provisioning_state: "PROVISIONED", managed_thing_id: hub.id });
    const pair = [String(rw["iot_permanent_cert_path"]), String(rw["iot_permanent_pk_path"])];
    expect(pair.map((path) => existsSync(path))).toEqual([true, true]);
    await remove();
    await app.gone(hub.id);
    await offboarded();
    const { metadata: _, ...rest } = hub.configuration().rw;
    expect(rest).toEqual({ iot_provisioning_state: "NOT_PROVISIONED" });
    expect(pair.map((path) => existsSync(path))).toEqual([false, false]);
  });

  test("row 86: it is onboarded again, to another account", async () => {
    const { AccountId = "", AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: "second" });
    const { accessKeyId, secretAccessKey } = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const managed = createClient("iot-managed-integrations", {
      ...{ endpoint: fleet.file.apiEndpoint, region: fleet.file.region, maxAttempts: 1 },
      credentials: { accessKeyId, secretAccessKey },
    });
    await onboard({ ...cloud, managed });
    const { Arn } = await managed.getManagedThing({ Identifier: hub.id });
    expect(Arn).toContain(`:${AccountId}:`);
    expect(hub.configuration().rw["managed_thing_id"]).toBe(hub.id);
    await managed.deleteManagedThing({ Identifier: hub.id });
    await app.gone(hub.id);
    await offboarded();
  });

  test("row 85: both failed: a deletion that is refused changes nothing on either side", async () => {
    await onboard();
    const stranger = { accessKeyId: fleet.file.accessKeyId, secretAccessKey: "wrong" };
    const managed = createClient("iot-managed-integrations", {
      ...{ endpoint: fleet.file.apiEndpoint, region: fleet.file.region, credentials: stranger, maxAttempts: 1 },
    });
    await expect(managed.deleteManagedThing({ Identifier: hub.id })).rejects.toThrow();
    expect([await fleet.status(hub.id), state()]).toEqual(["ACTIVATED", "PROVISIONED"]);
    await forced();
  });

  test("row 85: hub offline: DELETE_IN_PROGRESS until it is forced", async () => {
    await onboard();
    await running.kill("SIGKILL");
    await remove();
    expect([await fleet.status(hub.id), state()]).toEqual(["DELETE_IN_PROGRESS", "PROVISIONED"]);
    await forced();
    expect(state()).toBe("PROVISIONED");
  });

  test("row 85: hub failed: DELETE_IN_PROGRESS, and the hub keeps its credentials", async () => {
    await onboard();
    // It hangs: nothing of it answers.
    process.kill(running.pid, "SIGSTOP");
    await remove();
    expect([await fleet.status(hub.id), state()]).toEqual(["DELETE_IN_PROGRESS", "PROVISIONED"]);
    await forced();
    process.kill(running.pid, "SIGCONT");
    expect(state()).toBe("PROVISIONED");
  });

  test("row 85: hub done, cloud failed: the thing is still found, and is deleted by force", async () => {
    await onboard();
    // What the hub says from now on does not arrive; what it is told does.
    uplink.mute();
    await remove();
    const marker = join(place.root, "data/ace/kvstorage/LPW-Provisioner/offboarding.json");
    await app.until("the hub's answer to wait for the cloud", async () =>
      existsSync(marker) && /"answered":\s*true/.test(readFileSync(marker, "utf8")) ? true : undefined,
    );
    // It looks four times a second whether the cloud has its answer; a connection that ends then may have been its taking.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    uplink.cut();
    await offboarded();
    expect(await fleet.status(hub.id)).toBe("DELETE_IN_PROGRESS");
    await forced();
  });
});
