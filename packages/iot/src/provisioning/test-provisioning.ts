import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect } from "vitest";
import type { Outcome, Publisher } from "../messaging/message.ts";
import { AT, jsonOf, type OpenTestRoom, type TestRoom } from "../test-room.ts";
import type { ProvisioningHook } from "./provisioning-hook.ts";

export const CLAIM: Partial<Publisher> = {
  clientId: "new-device",
  principalId: "c1".repeat(32),
  certificateId: "c1".repeat(32),
};

export const DOCUMENT = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "arn:aws:iot:us-east-1:000000000000:client/*" }],
});

export const body = (override = "FAIL", color: unknown = "red") =>
  JSON.stringify({
    Parameters: { SerialNumber: { Type: "String" }, ThingName: { Type: "String", Default: "" } },
    Resources: {
      thing: {
        Type: "AWS::IoT::Thing",
        Properties: { ThingName: { "Fn::Sub": "${ThingName}${SerialNumber}" }, AttributePayload: { color } },
        OverrideSettings: { AttributePayload: override },
      },
      certificate: {
        Type: "AWS::IoT::Certificate",
        Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: "Active" },
      },
      policy: { Type: "AWS::IoT::Policy", Properties: { PolicyDocument: DOCUMENT } },
    },
    DeviceConfiguration: { serial: { Ref: "SerialNumber" } },
  });

export async function outcome(asked: Promise<Outcome>): Promise<{ topic: string; body: Record<string, unknown> }> {
  const { reply, publish } = await asked;
  expect(publish).toBeUndefined();
  expect(reply).toHaveLength(1);
  const [message] = reply ?? [];
  return { topic: message?.topic ?? "", body: jsonOf(message) as Record<string, unknown> };
}

export async function csr(): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as never;
  const parameters = { name: "CN=device", keys, signingAlgorithm: algorithm };
  return (await x509.Pkcs10CertificateRequestGenerator.create(parameters as never)).toString("pem");
}

export type TestProvisioning = ReturnType<typeof createTestProvisioning>;

/** A room with the templates `plain` and `hooked`, whose hook is `hooks.gate`. `open` before anything else. */
export function createTestProvisioning(openRoom: OpenTestRoom) {
  const hooks: Record<string, ProvisioningHook> = {};
  const iot = () => kit.room.iot.operations.iot;

  /** By CSR, which is quick. */
  async function owned(publisher = CLAIM): Promise<{ certificateId: string; certificateOwnershipToken: string }> {
    const asked = kit.room.publish(
      "$aws/certificates/create-from-csr/json",
      { certificateSigningRequest: await csr() },
      publisher,
    );
    return (await outcome(asked)).body as never;
  }

  const provision = (
    templateName: string,
    certificateOwnershipToken: string,
    SerialNumber: string,
    publisher = CLAIM,
  ) =>
    outcome(
      kit.room.publish(
        `$aws/provisioning-templates/${templateName}/provision/json`,
        { certificateOwnershipToken, parameters: { SerialNumber } },
        publisher,
      ),
    );

  const statusOf = async (certificateId: string) =>
    (await kit.room.call(iot().DescribeCertificate, { certificateId })).certificateDescription?.status;

  const kit = {
    ...{ hooks, iot, owned, provision, statusOf },
    room: undefined as unknown as TestRoom,
    async open(): Promise<void> {
      kit.room = await openRoom({ hooks });
      await kit.room.iot.templates.create(AT, { templateName: "plain", body: body() });
      await kit.room.iot.templates.create(AT, { templateName: "hooked", body: body(), hook: "gate" });
    },
    reset(): void {
      for (const name of Object.keys(hooks)) delete hooks[name];
    },
    close: (): Promise<void> => kit.room.close(),
  };
  return kit;
}
