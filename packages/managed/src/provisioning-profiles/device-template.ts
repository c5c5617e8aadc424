/** The fleet-provisioning template and the two policies behind a provisioning profile (reference 3.3, 11.2). */

interface Place {
  accountId: string;
  region: string;
}

const arn = ({ accountId, region }: Place, resource: string): string =>
  `arn:aws:iot:${region}:${accountId}:${resource}`;

/** What the shared claim certificate may do: exchange itself for a permanent one with this template, nothing else. */
export function claimPolicy(place: Place, templateName: string): string {
  const topics = [
    "$aws/certificates/create/*",
    "$aws/certificates/create-from-csr/*",
    `$aws/provisioning-templates/${templateName}/provision/*`,
  ];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:Connect", Resource: arn(place, "client/*") },
      {
        Effect: "Allow",
        Action: ["iot:Publish", "iot:Receive"],
        Resource: topics.map((topic) => arn(place, `topic/${topic}`)),
      },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: topics.map((topic) => arn(place, `topicfilter/${topic}`)) },
    ],
  });
}

/**
 * What a provisioned device may do: be itself, and use its own topics. One document for all devices of a region, so it says
 * nothing of HTTPS, where thing variables have no value (reference 7).
 * `signed`: it has its certificate from its maker, may begin as that certificate's id, and be told its own.
 */
export function devicePolicy(place: Place, signed = false): string {
  const self = "${iot:Connection.Thing.ThingName}";
  const certificate = "${iot:CertificateId}";
  const mine = [`$aws/things/${self}/*`, `$aws/managed-integrations/${self}/*`, `$aws/commands/things/${self}/*`];
  const publish = [`north/${self}/*`, ...mine];
  const receive = [`south/${self}/*`, ...mine];
  if (signed) receive.push(`$aws/managed-integrations/${certificate}/identity`);
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "iot:Connect",
        Resource: [self, ...(signed ? [certificate] : [])].map((id) => arn(place, `client/${id}`)),
      },
      { Effect: "Allow", Action: "iot:Publish", Resource: publish.map((topic) => arn(place, `topic/${topic}`)) },
      { Effect: "Allow", Action: "iot:Receive", Resource: receive.map((topic) => arn(place, `topic/${topic}`)) },
      {
        Effect: "Allow",
        Action: "iot:Subscribe",
        Resource: receive.map((topic) => arn(place, `topicfilter/${topic}`)),
      },
    ],
  });
}

/**
 * `ManagedThingId` comes from the hook, never from the device. The registry thing's name, the managed thing's id and
 * the permanent client id are equal.
 */
export const deviceTemplate = (place: Place): string => templateOf({ Type: "String" }, devicePolicy(place));

/**
 * The same for devices whose certificate is their claim. A certificate may say no product code; and its device does
 * not know its managed thing's id yet when it first comes, so it may be its certificate's id to begin with.
 */
export const signedDeviceTemplate = (place: Place): string =>
  templateOf({ Type: "String", Default: "" }, devicePolicy(place, true));

function templateOf(productCode: object, policyDocument: string): string {
  return JSON.stringify({
    Parameters: {
      SerialNumber: { Type: "String" },
      UniversalProductCode: productCode,
      ManagedThingId: { Type: "String", Default: "" },
      "AWS::IoT::Certificate::Id": { Type: "String" },
    },
    Resources: {
      thing: {
        Type: "AWS::IoT::Thing",
        Properties: { ThingName: { Ref: "ManagedThingId" } },
        OverrideSettings: { AttributePayload: "MERGE" },
      },
      certificate: {
        Type: "AWS::IoT::Certificate",
        Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: "Active" },
      },
      policy: { Type: "AWS::IoT::Policy", Properties: { PolicyDocument: policyDocument } },
    },
    DeviceConfiguration: {
      managedThingId: { Ref: "ManagedThingId" },
      clientId: { Ref: "ManagedThingId" },
    },
  });
}
