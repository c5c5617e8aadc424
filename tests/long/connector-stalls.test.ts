import { createClient } from "@hearth/client";
import { expect, test } from "vitest";
import { deployConnector } from "../kit/connector-function.ts";
import { startTestPlatform } from "../kit/platform.ts";
import { makeVendorSecret } from "../kit/vendor-secret.ts";

/** Knows every user at once, and takes three seconds to begin a discovery. */
const CONNECTOR = `
export const handler = async ({ payload }) => {
  console.log("asked for " + payload.operationName);
  if (payload.operationName === "AWS.DiscoverDevices") await new Promise((resolve) => setTimeout(resolve, 3000));
  return { header: { responseCode: 200 }, payload: { responseMessage: "done", userId: "u" } };
};`;

test("a connector that really stalls for 3 s is cut off at 2 s, and called six times in all", async () => {
  const functions = process.getuid?.() === 0 ? "protected" : "unprotected";
  const platform = await startTestPlatform({ functions });
  try {
    const clients = platform.clients();
    const { managed } = clients;
    const lambda = { arn: await deployConnector(platform, CONNECTOR) };
    const { Id: CloudConnectorId = "" } = await managed.send("CreateCloudConnector", {
      Name: "stalls",
      EndpointConfig: { lambda },
    });
    const SecretsManager = await makeVendorSecret(clients, platform.file, "a key of the vendor's");
    const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager }];
    const destination = { CloudConnectorId, AuthConfig: { GeneralAuthorization } };
    const { Id: ConnectorDestinationId = "" } = await managed.send("CreateConnectorDestination", destination);
    const link = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
    const { AccountAssociationId } = await managed.send("CreateAccountAssociation", link);
    const state = async () => (await managed.send("GetAccountAssociation", { AccountAssociationId })).AssociationState;
    await expect.poll(state, { timeout: 30_000 }).toBe("ASSOCIATION_SUCCEEDED");

    const began = Date.now();
    const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
    const { Id: Identifier = "" } = await managed.send("StartDeviceDiscovery", search);
    const status = async () => (await managed.send("GetDeviceDiscovery", { Identifier })).Status;
    await expect.poll(status, { timeout: 60_000, interval: 200 }).toBe("FAILED");
    // Six times two seconds, and the pauses between: half of 0.2, 0.4, 0.8, 1.6 and 3.2 s at the least.
    expect(Date.now() - began).toBeGreaterThan(15_000);

    const logs = createClient("logs", {
      ...platform.file,
      endpoint: platform.file.apiEndpoint,
      credentials: platform.file,
    });
    const asked = async () => {
      const wanted = { logGroupName: "/aws/lambda/connector", filterPattern: '"asked for AWS.DiscoverDevices"' };
      return (await logs.send("FilterLogEvents", wanted)).events?.length;
    };
    await expect.poll(asked, { timeout: 30_000 }).toBe(6);
  } finally {
    await platform.stop();
  }
}, 120_000);
