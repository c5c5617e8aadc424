import { type ServiceClient, ServiceException, type ServiceOperations } from "@hearth/client";
import type { StateProperty } from "@hearth/data-model";
import type { StreamedNotification, StreamReader } from "../stream-reader.ts";
import { eventually, type Timeline } from "../timeline.ts";
import type { awsCli } from "./aws-cli.ts";
import { consent } from "./consent.ts";
import type { Built, Connector, Stage } from "./stage.ts";

type Client<Service extends keyof ServiceOperations> = ServiceClient<ServiceOperations[Service]>;

export interface Walk {
  stage: Stage;
  line: Timeline;
  aws: ReturnType<typeof awsCli>;
  managed: Client<"iot-managed-integrations">;
  hearth: Client<"hearth">;
  notifications: StreamReader;
  roleArn: string;
  secret: { arn: string; versionId: string };
  /** Starts the process that hands the vendor's events on. */
  forward(connector: Connector, functionArn: string): Promise<{ stop(): Promise<void> }>;
}

const LAMP = "lamp-u-alice-1";
const ON_OFF = "matter.OnOff@1.4";

/** The walk of reference 9.9 with one connector, from its function's deployment to its removal. */
export async function walkConnector(walk: Walk, built: Built): Promise<void> {
  const { stage, line, managed } = walk;
  line.title(`The connector in ${built.language}`);
  const functionArn = await deploy(walk, built);
  const connector = await managed.createCloudConnector({
    Name: built.functionName,
    EndpointType: "LAMBDA",
    EndpointConfig: { lambda: { arn: functionArn } },
  });
  const connectorId = connector.Id ?? "";
  line.step("builder", `1  CreateCloudConnector: ${connectorId}`);
  const forwarder = await walk.forward(built, functionArn);
  line.step("builder", "   starts a forwarder of the vendor's event stream, for a function cannot listen");
  const destination = await managed.createConnectorDestination({
    Name: built.functionName,
    CloudConnectorId: connectorId,
    AuthType: "OAUTH",
    AuthConfig: {
      oAuth: {
        ...{ authUrl: stage.vendor.authorizationUrl, tokenUrl: stage.vendor.tokenUrl },
        ...{ scope: "devices:read devices:control", tokenEndpointAuthenticationScheme: "HTTP_BASIC" },
        oAuthCompleteRedirectUrl: "about:blank",
      },
    },
    SecretsManager: walk.secret,
  });
  const destinationId = destination.Id ?? "";
  line.step(
    "app",
    `2  CreateConnectorDestination: ${destinationId}, whose client id and secret are in Secrets Manager`,
  );

  const associationId = await link(walk, destinationId);
  const { thing, discovery } = await find(walk, associationId);
  await managed.registerAccountAssociation({
    ...{ AccountAssociationId: associationId, DeviceDiscoveryId: discovery, ManagedThingId: thing },
  });
  line.step("app", `4f RegisterAccountAssociation: ${await statusOf(walk, thing)}`);
  await command(walk, associationId, thing);
  await pressSwitch(walk, thing);

  await managed.deregisterAccountAssociation({ AccountAssociationId: associationId, ManagedThingId: thing });
  await managed.deleteManagedThing({ Identifier: thing });
  line.step("app", "   DeregisterAccountAssociation, DeleteManagedThing");
  await unlink(walk, associationId);

  await walk.hearth.updateCloudConnectorListing({
    ...{ AccountId: stage.file.accountId, CloudConnectorId: connectorId, Type: "LISTED" },
  });
  const { Type } = await managed.getCloudConnector({ Identifier: connectorId });
  line.step(
    "cloud",
    `7  the operator lists the connector: ${Type}, and every account of ${stage.file.region} may use it`,
  );

  await managed.deleteConnectorDestination({ Identifier: destinationId });
  await managed.deleteCloudConnector({ Identifier: connectorId });
  await forwarder.stop();
  await walk.aws("lambda", "delete-function", "--function-name", built.functionName);
  line.step("builder", "   removes destination, connector and function");
}

/** The function and who may call it, with the AWS CLI as it is. */
async function deploy({ stage, line, aws, roleArn }: Walk, built: Built): Promise<string> {
  const { file, vendor } = stage;
  const Variables = {
    VENDOR_URL: vendor.url,
    VENDOR_CLIENT_ID: vendor.partner.id,
    VENDOR_CLIENT_SECRET: vendor.partner.secret,
  };
  line.doing("aws lambda create-function");
  const made = await aws(
    ...["lambda", "create-function", "--function-name", built.functionName, "--runtime", built.runtime],
    ...["--handler", built.handler, "--role", roleArn, "--timeout", "60", "--zip-file", `fileb://${built.zip}`],
    ...["--environment", JSON.stringify({ Variables })],
  );
  line.step("builder", `0  aws lambda create-function: ${made["FunctionArn"]}`);
  line.doing("aws lambda add-permission");
  await aws(
    ...["lambda", "add-permission", "--function-name", built.functionName, "--statement-id", "platform"],
    ...["--action", "lambda:InvokeFunction", "--principal", "iotmanagedintegrations.amazonaws.com"],
    ...["--source-arn", `arn:aws:iotmanagedintegrations:${file.region}:${file.accountId}:account-association/*`],
  );
  line.step("builder", "0  aws lambda add-permission: the platform may call it for account associations");
  return String(made["FunctionArn"]);
}

/** Step 3: Alice lets the platform at her account. */
async function link({ stage, line, managed }: Walk, destinationId: string): Promise<string> {
  const { AccountAssociationId, AssociationState, OAuthAuthorizationUrl } = await managed.createAccountAssociation({
    ConnectorDestinationId: destinationId,
    Name: "alice",
  });
  line.step("app", `3  CreateAccountAssociation: ${AccountAssociationId} is ${AssociationState}`);
  const { vendor, file } = stage;
  line.doing("Alice signs in at the vendor");
  const way = await consent({
    ...{ url: OAuthAuthorizationUrl, ...vendor.user, callbackUrl: file.callbackUrl },
    ca: [vendor.ca, stage.serverCa],
  });
  line.step("alice", `   signs in at the vendor and allows (${way}); the browser goes back to ${file.callbackUrl}`);
  const state = await eventually("the link", async () => {
    const found = await managed.getAccountAssociation({ AccountAssociationId });
    if (found.AssociationState === "ASSOCIATION_FAILED") throw new Error(`not linked: ${found.ErrorMessage}`);
    return found.AssociationState === "ASSOCIATION_SUCCEEDED" ? found.AssociationState : undefined;
  });
  line.step("cloud", `   has tokens, and the connector knows the user (AWS.ActivateUser): ${state}`);
  return AccountAssociationId;
}

/** Steps 4a to 4e. */
async function find({ line, managed, ...walk }: Walk, AccountAssociationId: string) {
  const { Id: discovery = "" } = await managed.startDeviceDiscovery({ DiscoveryType: "CLOUD", AccountAssociationId });
  line.step("app", `4a StartDeviceDiscovery: ${discovery} (AWS.DiscoverDevices)`);
  line.doing("the connector lists the vendor's devices");
  const status = await eventually("the discovery", async () => {
    const { Status } = await managed.getDeviceDiscovery({ Identifier: discovery });
    return Status === "RUNNING" ? undefined : Status;
  });
  line.step("app", `4b GetDeviceDiscovery: ${status}`);
  const { Items = [] } = await managed.listDiscoveredDevices({ Identifier: discovery });
  line.step("app", `4c ListDiscoveredDevices: ${Items.map((one) => one.ConnectorDeviceId).join(", ")}`);
  const found = Items.find((one) => one.ConnectorDeviceId === LAMP);
  if (!found) throw new Error(`the discovery is ${status} without ${LAMP}`);
  const { Id: thing = "" } = await managed.createManagedThing({
    Role: "DEVICE",
    Name: "Lamp of the demo",
    AuthenticationMaterialType: "DISCOVERED_DEVICE",
    AuthenticationMaterial: found.AuthenticationMaterial ?? "",
  });
  line.step("app", `4d CreateManagedThing: ${thing}`);
  line.step("app", `4e GetManagedThing: ${await statusOf({ managed, ...walk }, thing)}`);
  return { thing, discovery };
}

/** Step 5, and the connector's half of step 6. */
async function command({ line, managed, ...walk }: Walk, AccountAssociationId: string, ManagedThingId: string) {
  const { TraceId } = await managed.sendManagedThingCommand({
    ...{ ManagedThingId, AccountAssociationId },
    Endpoints: [
      {
        endpointId: "1",
        capabilities: [{ id: ON_OFF, name: "On/Off", version: "6", actions: [{ name: "On", parameters: {} }] }],
      },
    ],
  });
  line.step("app", `5  SendManagedThingCommand: On (trace ${TraceId})`);
  line.doing("the lamp turns on");
  const { payload } = await notified(walk, "DEVICE_COMMAND", (one) => one.payload["traceId"] === TraceId);
  if (payload["result"] !== "succeeded") throw new Error(`the command has ${payload["result"]}`);
  line.step("stream", "6  DEVICE_COMMAND succeeded, since the connector sent DEVICE_COMMAND_RESPONSE");
  await isOn({ managed }, ManagedThingId, true);
  line.step("app", "   GetManagedThingState: OnOff: true");
}

/** Step 6 as the vendor begins it. */
async function pressSwitch({ stage, line, managed, ...walk }: Walk, ManagedThingId: string) {
  const pressed = await fetch(`${stage.vendor.adminUrl}/simulate/devices/${LAMP}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ on: false }),
  });
  if (!pressed.ok) throw new Error(`the vendor's switch answered ${pressed.status}`);
  line.step("alice", "   presses the lamp's switch: off");
  await notified(walk, "DEVICE_EVENT", (one) => JSON.stringify(one.payload).includes("false"));
  line.step("stream", "6  DEVICE_EVENT OnOff: false, since the forwarder sent it");
  await isOn({ managed }, ManagedThingId, false);
  line.step("app", "   GetManagedThingState: OnOff: false");
}

async function unlink({ stage, line, managed }: Walk, AccountAssociationId: string) {
  const revocations = () => stage.vendor.log.output().match(/^POST \/oauth\/revoke 200$/gm)?.length ?? 0;
  const before = revocations();
  await managed.deleteAccountAssociation({ AccountAssociationId });
  line.doing("the connector revokes the tokens");
  await eventually("the end of the association", async () => {
    try {
      await managed.getAccountAssociation({ AccountAssociationId });
      return undefined;
    } catch (error) {
      if (error instanceof ServiceException && error.name === "ResourceNotFoundException") return true;
      throw error;
    }
  });
  await eventually("the revocation", async () => (revocations() > before ? true : undefined));
  line.step("app", "   DeleteAccountAssociation: the tokens are revoked at the vendor (AWS.DeactivateUser)");
}

const statusOf = async ({ managed }: Pick<Walk, "managed">, Identifier: string) =>
  (await managed.getManagedThing({ Identifier })).ProvisioningStatus;

const notified = (
  { notifications }: Pick<Walk, "notifications">,
  type: string,
  fits: (notification: StreamedNotification) => boolean,
) => eventually(type, () => notifications.next((one) => one.messageType === type && fits(one)));

const isOn = ({ managed }: Pick<Walk, "managed">, ManagedThingId: string, expected: boolean) =>
  eventually(`OnOff: ${expected}`, async () => {
    const { Endpoints } = await managed.getManagedThingState({ ManagedThingId });
    const capability = Endpoints[0]?.capabilities?.find((one) => one.id === ON_OFF);
    const properties = capability?.properties as StateProperty[] | undefined;
    const onOff = properties?.find((one) => one.name === "OnOff")?.value.propertyValue;
    return onOff === expected ? true : undefined;
  });
