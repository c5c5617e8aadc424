import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateStreamCommand } from "@aws-sdk/client-kinesis";
import { startLamp } from "../doors/device.ts";
import { deployConnector } from "../kit/connector-function.ts";
import { makeOtaDocument } from "../kit/ota-document.ts";
import { startTestPlatform } from "../kit/platform.ts";
import { makeVendorSecret } from "../kit/vendor-secret.ts";
import { CONNECTOR } from "./managed-calls.ts";

/** A platform with all that the calls of managed integrations need beside each other's answers. */
export async function openManagedPlatform() {
  const platform = await startTestPlatform({ functions: process.getuid?.() === 0 ? "protected" : "unprotected" });
  const { managed, iam, kinesis } = platform.clients();
  const trust = { Effect: "Allow", Action: "sts:AssumeRole" };
  const Statement = [{ ...trust, Principal: { Service: "iotmanagedintegrations.amazonaws.com" } }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new CreateRoleCommand({ RoleName: "notes", AssumeRolePolicyDocument }));
  const functionArn = await deployConnector(platform, CONNECTOR);
  const secret = await makeVendorSecret(platform.clients(), platform.file);
  const ended = await makeVendorSecret(platform.clients(), platform.file, "ended");
  const document = await makeOtaDocument(platform.file, "documents");
  await kinesis.send(new CreateStreamCommand({ StreamName: "notes", ShardCount: 1 }));
  const profile = await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: "lamps",
  });
  const made = await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: "SN:LAMP;UPC:829576019524;",
  });
  const claim = {
    templateName: "lamps",
    certificate: profile.ClaimCertificate ?? "",
    privateKey: profile.ClaimCertificatePrivateKey ?? "",
  };
  const lamp = await startLamp(platform, claim, { SerialNumber: "LAMP", UniversalProductCode: "829576019524" });
  const { region, accountId } = platform.file;

  return {
    platform,

    /** The given values of the calls; `name` keeps one client's apart from another's. */
    given: (name: string): Record<string, unknown> => ({
      name,
      label: `SN:${name};UPC:829576019524;`,
      lamp: lamp.device.id,
      lampArn: made.Arn,
      role: `arn:aws:iam::${accountId}:role/notes`,
      stream: `arn:aws:kinesis:${region}:${accountId}:stream/notes`,
      function: functionArn,
      secret,
      ended,
      document,
    }),

    async stop(): Promise<void> {
      await lamp.stop();
      await platform.stop();
    },
  };
}
