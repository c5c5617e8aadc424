/** A call of managed integrations that must succeed. */
export interface Call {
  operation: string;
  /** A text `$name.Member` stands for that member of an earlier answer, or for a given value. */
  input: Readonly<Record<string, unknown>>;
  /** The answer's name for those that follow. */
  as?: string;
  /** Called again until these members are in the answer: the platform works on after what it has acknowledged. */
  until?: Readonly<Record<string, unknown>>;
}

/** What the function behind the connector does: it acknowledges, except to a user whose secret the vendor has ended. */
export const CONNECTOR = `
export const handler = async ({ header, payload }) => {
  if (header.auth.token === "ended") return { header: { responseCode: 403 }, payload: { responseMessage: "not any more" } };
  return { header: { responseCode: 200 }, payload: { responseMessage: payload.operationName, userId: "ann" } };
};`;

/** A lamp in Matter's ids, as the connector tells of it. */
const BULB = {
  ConnectorDeviceId: "bulb",
  ConnectorDeviceName: "Bulb",
  CapabilityReport: {
    version: "1.0.0",
    nodeId: "1",
    endpoints: [
      {
        id: "1",
        deviceTypes: ["On/Off Light"],
        clusters: [
          { id: "0x0006", revision: 6, attributes: [{ id: "0x0000", value: true }], commands: ["0x00"], events: [] },
        ],
      },
    ],
  },
};

/**
 * Each noun from its creation to its end: every operation that is built, at least once, for each client to do.
 * Given are `name` (the run's own), `role`, `stream`, `lamp` (a thing whose device is connected), `function` (which does
 * what CONNECTOR says), `secret` and `ended` (secrets of users at the vendor), `document` (of an update, in a bucket).
 */
export const calls: readonly Call[] = [
  // Things, their tags and lockers.
  { operation: "RegisterCustomEndpoint", input: {} },
  { operation: "GetCustomEndpoint", input: {} },
  { operation: "CreateCredentialLocker", input: { Name: "$name" }, as: "locker" },
  { operation: "GetCredentialLocker", input: { Identifier: "$locker.Id" } },
  { operation: "ListCredentialLockers", input: {} },
  {
    operation: "CreateManagedThing",
    input: {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: "$label",
      Owner: "somebody",
      Tags: { env: "test" },
      CredentialLockerId: "$locker.Id",
    },
    as: "thing",
  },
  { operation: "GetManagedThing", input: { Identifier: "$thing.Id" }, as: "shown" },
  { operation: "ListManagedThings", input: { OwnerFilter: "somebody" } },
  { operation: "UpdateManagedThing", input: { Identifier: "$thing.Id", Name: "lamp" } },
  { operation: "GetManagedThingMetaData", input: { Identifier: "$thing.Id" } },
  { operation: "ListManagedThingSchemas", input: { Identifier: "$thing.Id" } },
  { operation: "TagResource", input: { ResourceArn: "$thing.Arn", Tags: { room: "hall" } } },
  { operation: "ListTagsForResource", input: { ResourceArn: "$thing.Arn" }, as: "tagged" },
  { operation: "UntagResource", input: { ResourceArn: "$thing.Arn", TagKeys: ["room"] } },
  {
    operation: "PutRuntimeLogConfiguration",
    input: { ManagedThingId: "$thing.Id", RuntimeLogConfigurations: { LogLevel: "DEBUG" } },
  },
  { operation: "GetRuntimeLogConfiguration", input: { ManagedThingId: "$thing.Id" } },
  { operation: "ResetRuntimeLogConfiguration", input: { ManagedThingId: "$thing.Id" } },
  { operation: "DeleteManagedThing", input: { Identifier: "$thing.Id" } },
  { operation: "DeleteCredentialLocker", input: { Identifier: "$locker.Id" } },

  // A device that is there.
  { operation: "GetManagedThingCapabilities", input: { Identifier: "$lamp" } },
  { operation: "GetManagedThingCertificate", input: { Identifier: "$lamp" } },
  { operation: "GetManagedThingConnectivityData", input: { Identifier: "$lamp" }, as: "connectivity" },
  {
    operation: "SendManagedThingCommand",
    input: {
      ManagedThingId: "$lamp",
      Endpoints: [
        {
          endpointId: "1",
          capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On" }] }],
        },
      ],
    },
  },
  { operation: "GetManagedThingState", input: { ManagedThingId: "$lamp" } },

  // A hub that is not, and its search.
  {
    operation: "CreateManagedThing",
    input: { Role: "CONTROLLER", AuthenticationMaterialType: "PRE_ONBOARDED_CLOUD", AuthenticationMaterial: "$name" },
    as: "hub",
  },
  {
    operation: "StartDeviceDiscovery",
    input: { DiscoveryType: "ZIGBEE", ControllerIdentifier: "$hub.Id" },
    as: "discovery",
  },
  { operation: "GetDeviceDiscovery", input: { Identifier: "$discovery.Id" } },
  { operation: "ListDeviceDiscoveries", input: {} },
  { operation: "ListDiscoveredDevices", input: { Identifier: "$discovery.Id" } },
  { operation: "PutHubConfiguration", input: { HubTokenTimerExpirySettingInSeconds: 3600 } },
  { operation: "GetHubConfiguration", input: {} },

  // Schemas and profiles.
  { operation: "ListSchemaVersions", input: { Type: "capability", MaxResults: 1 } },
  { operation: "GetSchemaVersion", input: { Type: "capability", SchemaVersionedId: "matter.OnOff@1.4" } },
  {
    operation: "CreateProvisioningProfile",
    input: { ProvisioningType: "FLEET_PROVISIONING", Name: "$name" },
    as: "profile",
  },
  { operation: "GetProvisioningProfile", input: { Identifier: "$profile.Id" } },
  { operation: "ListProvisioningProfiles", input: {} },
  { operation: "DeleteProvisioningProfile", input: { Identifier: "$profile.Id" } },

  // Destinations and configurations.
  {
    operation: "CreateDestination",
    input: {
      Name: "$name",
      DeliveryDestinationType: "KINESIS",
      DeliveryDestinationArn: "$stream",
      RoleArn: "$role",
    },
  },
  { operation: "GetDestination", input: { Name: "$name" } },
  { operation: "UpdateDestination", input: { Name: "$name", Description: "better" } },
  { operation: "ListDestinations", input: {} },
  { operation: "CreateNotificationConfiguration", input: { EventType: "DEVICE_STATE", DestinationName: "$name" } },
  { operation: "GetNotificationConfiguration", input: { EventType: "DEVICE_STATE" } },
  { operation: "UpdateNotificationConfiguration", input: { EventType: "DEVICE_STATE", DestinationName: "$name" } },
  { operation: "ListNotificationConfigurations", input: {} },
  { operation: "DeleteNotificationConfiguration", input: { EventType: "DEVICE_STATE" } },
  { operation: "DeleteDestination", input: { Name: "$name" } },

  // Connectors, their destinations and associations.
  {
    operation: "CreateCloudConnector",
    input: { Name: "$name", EndpointConfig: { lambda: { arn: "$function" } } },
    as: "connector",
  },
  { operation: "GetCloudConnector", input: { Identifier: "$connector.Id" } },
  { operation: "UpdateCloudConnector", input: { Identifier: "$connector.Id", Name: "better" } },
  { operation: "ListCloudConnectors", input: {} },
  {
    operation: "CreateConnectorDestination",
    input: {
      CloudConnectorId: "$connector.Id",
      AuthType: "OAUTH",
      AuthConfig: {
        oAuth: {
          authUrl: "https://vendor.example.com/authorize",
          tokenUrl: "https://vendor.example.com/token",
          scope: "devices",
          tokenEndpointAuthenticationScheme: "HTTP_BASIC",
        },
        GeneralAuthorization: [
          { AuthMaterialName: "good", SecretsManager: "$secret" },
          { AuthMaterialName: "ended", SecretsManager: "$ended" },
        ],
      },
      SecretsManager: "$secret",
    },
    as: "destination",
  },
  { operation: "GetConnectorDestination", input: { Identifier: "$destination.Id" } },
  { operation: "UpdateConnectorDestination", input: { Identifier: "$destination.Id", Name: "better" } },
  { operation: "ListConnectorDestinations", input: { CloudConnectorId: "$connector.Id" } },
  {
    operation: "CreateAccountAssociation",
    input: { ConnectorDestinationId: "$destination.Id" },
    as: "association",
  },
  { operation: "GetAccountAssociation", input: { AccountAssociationId: "$association.AccountAssociationId" } },
  {
    operation: "UpdateAccountAssociation",
    input: { AccountAssociationId: "$association.AccountAssociationId", Name: "better" },
  },
  { operation: "ListAccountAssociations", input: {} },
  { operation: "DeleteAccountAssociation", input: { AccountAssociationId: "$association.AccountAssociationId" } },

  // A user whom the connector takes, and a device of theirs.
  {
    operation: "CreateAccountAssociation",
    input: { ConnectorDestinationId: "$destination.Id", GeneralAuthorization: { AuthMaterialName: "good" } },
    as: "link",
  },
  {
    operation: "GetAccountAssociation",
    input: { AccountAssociationId: "$link.AccountAssociationId" },
    until: { AssociationState: "ASSOCIATION_SUCCEEDED" },
  },
  {
    operation: "StartDeviceDiscovery",
    input: { DiscoveryType: "CLOUD", AccountAssociationId: "$link.AccountAssociationId" },
    as: "search",
  },
  {
    operation: "SendConnectorEvent",
    input: {
      ConnectorId: "$connector.Id",
      UserId: "ann",
      Operation: "DEVICE_DISCOVERY",
      OperationVersion: "1.0",
      StatusCode: 200,
      DeviceDiscoveryId: "$search.Id",
      Devices: [BULB],
    },
  },
  { operation: "ListDiscoveredDevices", input: { Identifier: "$search.Id" }, as: "found" },
  {
    operation: "CreateManagedThing",
    input: {
      Role: "DEVICE",
      AuthenticationMaterialType: "DISCOVERED_DEVICE",
      AuthenticationMaterial: "$found.Items.0.AuthenticationMaterial",
    },
    as: "bulb",
  },
  {
    operation: "RegisterAccountAssociation",
    input: {
      AccountAssociationId: "$link.AccountAssociationId",
      DeviceDiscoveryId: "$search.Id",
      ManagedThingId: "$bulb.Id",
    },
  },
  {
    operation: "ListManagedThingAccountAssociations",
    input: { ManagedThingId: "$bulb.Id" },
    as: "registered",
  },
  {
    operation: "SendConnectorEvent",
    input: {
      ConnectorId: "$connector.Id",
      UserId: "ann",
      Operation: "DEVICE_EVENT",
      OperationVersion: "1.0",
      ConnectorDeviceId: "bulb",
      MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", attributes: { "0x0000": false } }] },
    },
  },
  {
    operation: "DeregisterAccountAssociation",
    input: { AccountAssociationId: "$link.AccountAssociationId", ManagedThingId: "$bulb.Id" },
  },
  { operation: "DeleteAccountAssociation", input: { AccountAssociationId: "$link.AccountAssociationId" } },

  // A user whom the vendor does not know any more, and who links again.
  {
    operation: "CreateAccountAssociation",
    input: { ConnectorDestinationId: "$destination.Id", GeneralAuthorization: { AuthMaterialName: "ended" } },
    as: "ended",
  },
  {
    operation: "GetAccountAssociation",
    input: { AccountAssociationId: "$ended.AccountAssociationId" },
    until: { AssociationState: "ASSOCIATION_FAILED" },
  },
  { operation: "StartAccountAssociationRefresh", input: { AccountAssociationId: "$ended.AccountAssociationId" } },
  { operation: "DeleteAccountAssociation", input: { AccountAssociationId: "$ended.AccountAssociationId" } },
  {
    operation: "ListAccountAssociations",
    input: { ConnectorDestinationId: "$destination.Id" },
    until: { Items: [] },
  },
  { operation: "DeleteConnectorDestination", input: { Identifier: "$destination.Id" } },
  { operation: "DeleteCloudConnector", input: { Identifier: "$connector.Id" } },

  // Keys, configurations of logs and of updates.
  {
    operation: "PutDefaultEncryptionConfiguration",
    input: { encryptionType: "MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION" },
  },
  { operation: "GetDefaultEncryptionConfiguration", input: {} },
  { operation: "CreateOtaTaskConfiguration", input: { Name: "$name", PushConfig: {} }, as: "task" },
  { operation: "GetOtaTaskConfiguration", input: { Identifier: "$task.TaskConfigurationId" } },
  { operation: "ListOtaTaskConfigurations", input: {} },
  {
    operation: "CreateOtaTask",
    input: {
      S3Url: "$document",
      OtaType: "CONTINUOUS",
      OtaTargetQueryString: "attributes.owner=managedintegrations",
      TaskConfigurationId: "$task.TaskConfigurationId",
    },
    as: "update",
  },
  { operation: "GetOtaTask", input: { Identifier: "$update.TaskId" } },
  { operation: "ListOtaTasks", input: {} },
  { operation: "ListOtaTaskExecutions", input: { Identifier: "$update.TaskId" } },
  { operation: "UpdateOtaTask", input: { Identifier: "$update.TaskId", Description: "better" } },
  { operation: "DeleteOtaTask", input: { Identifier: "$update.TaskId" } },
  { operation: "DeleteOtaTaskConfiguration", input: { Identifier: "$task.TaskConfigurationId" } },
  {
    operation: "CreateEventLogConfiguration",
    input: { ResourceType: "managed-thing", EventLogLevel: "INFO" },
    as: "log",
  },
  { operation: "GetEventLogConfiguration", input: { Id: "$log.Id" } },
  { operation: "ListEventLogConfigurations", input: {} },
  { operation: "UpdateEventLogConfiguration", input: { Id: "$log.Id", EventLogLevel: "ERROR" } },
  { operation: "DeleteEventLogConfiguration", input: { Id: "$log.Id" } },
];

/** The input with what earlier answers and the given values say. */
export function resolved(value: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === "string" && value.startsWith("$")) {
    const [name = "", ...members] = value.slice(1).split(".");
    return members.reduce((at, member) => (at as Record<string, unknown>)[member], values[name]);
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, values)]));
}
