import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomHex, randomText } from "@hearth/base";
import { ServiceException } from "@hearth/client";
import type { StateProperty } from "@hearth/data-model";
import { CommandError } from "../command-error.ts";
import { runningServer } from "../running-server.ts";
import { LightProcess } from "./light-process.ts";
import { borrowNotifications } from "./notifications.ts";
import { type StreamedNotification, StreamReader } from "./stream-reader.ts";
import { eventually, Timeline } from "./timeline.ts";

/**
 * The walk: a light that has never been seen before is provisioned by claim, reports what it can do, an app switches it
 * on, the light does it, the app reads the new state and receives the notifications; then it is removed.
 */
export async function demo(): Promise<void> {
  const server = runningServer();
  const { file } = server;
  const managed = server.client("iot-managed-integrations");
  const iotData = server.client("iot-data");
  const kinesis = server.client("kinesis");
  const iam = server.client("iam");
  const name = `hearth-demo-${randomHex(4)}`;
  const serial = `DEMO-${randomHex(6).toUpperCase()}`;
  const upc = randomText(12, "0123456789");
  const line = new Timeline();
  const directory = mkdtempSync(join(tmpdir(), "hearth-demo-"));
  const undo: (() => Promise<unknown>)[] = [async () => rmSync(directory, { recursive: true, force: true })];

  if (!(await server.answers())) {
    throw new CommandError(`${file.apiEndpoint} does not answer. Start the server first (npm start).`);
  }

  line.title(`A light turns on, at ${file.apiEndpoint}`);
  try {
    const notifications = await borrowNotifications({ managed, kinesis, iam }, file, name);
    undo.push(() => notifications.giveBack());
    line.step("app", `notifications go to the stream ${name}`);

    const { EndpointAddress } = await managed.registerCustomEndpoint({});
    const profile = await managed.createProvisioningProfile({
      ProvisioningType: "FLEET_PROVISIONING",
      Name: name,
    });
    undo.push(() => managed.deleteProvisioningProfile({ Identifier: profile.Id ?? "" }));
    line.step("app", `provisioning profile ${profile.Name} with a claim certificate, endpoint ${EndpointAddress}`);

    const thing = await managed.createManagedThing({
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: `SN:${serial};UPC:${upc};`,
      Name: "Demo light",
    });
    const id = thing.Id ?? "";
    undo.push(() => managed.deleteManagedThing({ Identifier: id, Force: true }));
    const status = async () => (await managed.getManagedThing({ Identifier: id })).ProvisioningStatus;
    line.step("app", `managed thing ${id} for SN:${serial};UPC:${upc}: ${await status()}`);

    writeFileSync(join(directory, "claim.pem"), profile.ClaimCertificate ?? "", { mode: 0o600 });
    writeFileSync(join(directory, "claim.key"), profile.ClaimCertificatePrivateKey ?? "", { mode: 0o600 });
    const light = new LightProcess({
      endpoint: file.mqttHost,
      port: String(file.mqttsPort),
      ca: file.caFile,
      "claim-cert": join(directory, "claim.pem"),
      "claim-key": join(directory, "claim.key"),
      template: name,
      serial,
      upc,
      "state-dir": join(directory, "light"),
    });
    undo.push(() => light.stop());
    line.step("light", "powered on, with nothing but the claim certificate");
    await light.next("provisioned");
    line.step("light", "has its permanent certificate; the claim is done with");
    await light.next("capabilities");
    line.step("light", "has reported what it can do");
    await eventually("ACTIVATED", async () => ((await status()) === "ACTIVATED" ? true : undefined));
    const capabilities = await managed.getManagedThingCapabilities({ Identifier: id });
    const able = capabilities.CapabilityReport?.endpoints?.flatMap((endpoint) =>
      endpoint.capabilities?.map((one) => one.id),
    );
    line.step("cloud", `ACTIVATED: ${able?.join(", ")}`);

    const reader = await StreamReader.open(kinesis, name);
    const notified = (what: string, fits: (notification: StreamedNotification) => boolean) =>
      eventually(what, () => reader.next(fits));
    const { TraceId } = await managed.sendManagedThingCommand({
      ManagedThingId: id,
      Endpoints: [
        {
          endpointId: "1",
          capabilities: [
            { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On", parameters: {} }] },
          ],
        },
      ],
    });
    line.step("app", `On (trace ${TraceId})`);
    await light.next("action");
    line.step("light", "turns on");
    const onOff = async () => {
      const { Endpoints } = await managed.getManagedThingState({ ManagedThingId: id });
      const capability = Endpoints[0]?.capabilities?.find((one) => one.id === "matter.OnOff@1.4");
      const properties = capability?.properties as StateProperty[] | undefined;
      return properties?.find((one) => one.name === "OnOff")?.value.propertyValue;
    };
    await eventually("OnOff: true", async () => ((await onOff()) === true ? true : undefined));
    line.step("app", "reads the state: OnOff: true");
    const outcome = await notified(
      "DEVICE_COMMAND",
      (n) => n.messageType === "DEVICE_COMMAND" && n.payload["traceId"] === TraceId,
    );
    line.step("stream", `DEVICE_COMMAND ${outcome.payload["result"]}`);
    if (outcome.payload["result"] !== "succeeded") throw new Error("the command did not succeed");
    await notified("DEVICE_STATE", (n) => n.messageType === "DEVICE_STATE");
    line.step("stream", "DEVICE_STATE OnOff: true");

    const turnedOff = (n: StreamedNotification) => JSON.stringify(n.payload).includes("false");
    light.flip();
    line.step("light", "somebody presses its switch: off");
    await notified("DEVICE_EVENT", (n) => n.messageType === "DEVICE_EVENT" && turnedOff(n));
    line.step("stream", "DEVICE_EVENT OnOff: false");
    await notified("DEVICE_STATE", (n) => n.messageType === "DEVICE_STATE" && turnedOff(n));
    line.step("stream", "DEVICE_STATE OnOff: false");
    const shadow = await eventually("the classic shadow", async () => {
      const { payload } = await iotData.getThingShadow({ thingName: id });
      const { reported } = (JSON.parse(new TextDecoder().decode(payload)) as { state: { reported?: unknown } }).state;
      return JSON.stringify(reported).includes('"OnOff":false') ? JSON.stringify(reported) : undefined;
    });
    line.step("app", `reads the classic shadow: ${shadow}`);

    await managed.deleteManagedThing({ Identifier: id });
    line.step("app", "removes the light");
    await light.next("removed");
    line.step("light", "has forgotten its credentials");
    await eventually("the deletion", async () => {
      try {
        await status();
        return undefined;
      } catch (error) {
        if (error instanceof ServiceException && error.name === "ResourceNotFoundException") return true;
        throw error;
      }
    });
    await notified("DELETED", (n) => n.messageType === "DEVICE_LIFE_CYCLE" && n.payload["status"] === "DELETED");
    line.step("stream", "DEVICE_LIFE_CYCLE DELETED");
    line.title("Done.");
  } finally {
    for (const step of undo.reverse()) await step().catch(() => undefined);
  }
}
