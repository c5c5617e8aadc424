import { ServiceException } from "@hearth/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { modelOf, statusOf } from "./answers.ts";
import { type Door, expectModelled, type Input, openDoor, refusalOf, SERVICES, type Service, sender } from "./door.ts";
import { handled } from "./handled.ts";
import { sampleInput } from "./samples.ts";

/** How each service says that a caller has no permission (IoT and the query services without modelling it). */
const DENIED_AS: Readonly<Record<Service, string>> = {
  "iot-managed-integrations": "AccessDeniedException",
  iot: "AccessDeniedException",
  "iot-data": "ForbiddenException",
  "iot-jobs-data": "AccessDeniedException",
  kinesis: "AccessDeniedException",
  iam: "AccessDenied",
  sts: "AccessDenied",
  kms: "AccessDeniedException",
  logs: "AccessDeniedException",
  cloudtrail: "AccessDeniedException",
  lambda: "AccessDeniedException",
  secretsmanager: "AccessDeniedException",
  hearth: "AccessDeniedException",
};

/** AWS: GetCallerIdentity needs no permission. */
const NEEDS_NO_PERMISSION: readonly string[] = ["GetCallerIdentity"];

/** What an operation needs beside its required members before it looks for anything. */
const FURTHER: Readonly<Record<string, Input>> = {
  CreateThing: { thingTypeName: "absent" },
  CreateSecret: { KmsKeyId: "absent" },
  PutSecretValue: { SecretString: "x" },
  ValidateResourcePolicy: { SecretId: "absent" },
  CreateManagedThing: { CredentialLockerId: "absent" },
  CreateOtaTask: {
    OtaType: "ONE_TIME",
    Target: ["arn:aws:iotmanagedintegrations:us-east-1:000000000000:managed-thing/absent"],
  },
  DeleteSchemaVersion: { SchemaVersionedId: "acme.Absent@1.0" },
  DescribeLogStreams: { logGroupName: "absent" },
  FilterLogEvents: { logGroupName: "absent" },
  GetLogEvents: { logGroupName: "absent" },
  AddThingToThingGroup: { thingGroupName: "absent", thingName: "absent" },
  RemoveThingFromThingGroup: { thingGroupName: "absent", thingName: "absent" },
  UpdateThingGroupsForThing: { thingName: "absent", thingGroupsToAdd: ["absent"] },
  CreateJob: { targets: ["arn:aws:iot:us-east-1:000000000000:thing/absent"], document: "{}" },
  CreateOTAUpdate: {
    targets: ["arn:aws:iot:us-east-1:000000000000:thing/absent"],
    files: [{ fileLocation: { s3Location: { bucket: "absent", key: "absent" } } }],
  },
  CreateJobTemplate: { jobArn: "arn:aws:iot:us-east-1:000000000000:job/absent" },
  GetCommandExecution: { targetArn: "arn:aws:iot:us-east-1:000000000000:client/absent" },
  ListCommandExecutions: {
    commandArn: "arn:aws:iot:us-east-1:000000000000:command/absent",
    startedTimeFilter: { after: "2026-01-01T00:00" },
  },
  ListJobs: { thingGroupName: "absent" },
  ListManagedJobTemplates: { templateName: "absent" },
  ListThingGroups: { parentGroup: "absent" },
  StartCommandExecution: {
    commandArn: "arn:aws:iot:us-east-1:000000000000:command/absent",
    targetArn: "arn:aws:iot:us-east-1:000000000000:client/absent",
  },
  StartDeviceDiscovery: { DiscoveryType: "CLOUD", AccountAssociationId: "absent" },
  PutDefaultEncryptionConfiguration: {
    encryptionType: "CUSTOMER_KEY_ENCRYPTION",
    kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/absent",
  },
  GetSchemaVersion: { SchemaVersionedId: "matter.Absent@1.4" },
  ...Object.fromEntries(
    [
      ...["DeleteStream", "DescribeStream", "DescribeStreamSummary", "GetShardIterator"],
      ...["ListShards", "PutRecord", "PutRecords"],
    ].map((operation) => [operation, { StreamName: "absent" }]),
  ),
  ...Object.fromEntries(
    ["CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "UpdateAccessKey"].map((operation) => [
      operation,
      { UserName: "absent" },
    ]),
  ),
};

/** These declare the error and do not miss anything by an input of the sample's kind. */
const MISSES_NOTHING: readonly string[] = [
  // Tested by themselves: what they miss comes of other things that exist.
  "CreateStream",
  "GetCustomEndpoint",
  "GetDefaultEncryptionConfiguration",
  "GetRecords",
  "RestoreBackup",
  "UpdateNotificationConfiguration",
  // Cannot miss anything: see tools/coverage/unraisable.ts.
  "BatchGetSecretValue",
  "CreateFunction",
  "CreateProvisioningProfile",
  "CreateUser",
  "ListOtaTasks",
  "PutHubConfiguration",
  "RegisterCACertificate",
  "DeleteThing",
  "DetachPrincipalPolicy",
  "ListNamedShadowsForThing",
  "ListPrincipalThings",
  "ListPrincipalThingsV2",
];

let door: Door;
let nobody: Credentials;
/** Inputs that only a running platform gives. */
let given: Readonly<Record<string, Input>>;
beforeAll(async () => {
  door = await openDoor();
  nobody = await door.user("nobody");
  const stream = { StreamName: "present", ShardCount: 1 };
  await door.root.kinesis.send("CreateStream", stream);
  const start = { ShardId: "shardId-000000000000", ShardIteratorType: "LATEST" } as const;
  const { ShardIterator } = await door.root.kinesis.send("GetShardIterator", { ...start, StreamName: "present" });
  given = { GetRecords: { ShardIterator } };
});
afterAll(() => door.stop());

function refusal(error: unknown): { name: string; status: number; message: string } {
  if (error instanceof ServiceException) return error;
  throw error;
}

describe.each(SERVICES)("%s", (service) => {
  const model = modelOf(service);
  const built = handled[service];
  const guarded = built.filter((operation) => !NEEDS_NO_PERMISSION.includes(operation));

  test.each(guarded)("%s refuses a user without permission", async (operation) => {
    const input = { ...sampleInput(model, operation, "required"), ...FURTHER[operation], ...given[operation] };
    const refusal = await refusalOf(door.call(service, operation, input, nobody));
    const name = DENIED_AS[service];
    expect(refusal).toMatchObject({ name, status: statusOf(service, name) ?? 403 });
    if (service === "iot-data") expect(refusal.message).toBe("Forbidden");
    else {
      const { accountId } = door.file;
      const action = `${model.actionPrefix}:${operation}`;
      expect(refusal.message).toContain(`User: arn:aws:iam::${accountId}:user/nobody is not authorized to perform`);
      expect(refusal.message).toContain(action);
    }
  });

  const missing = ["ResourceNotFoundException", "NoSuchEntityException"];
  const findable = built
    .filter((operation) => !MISSES_NOTHING.includes(operation))
    .flatMap((operation) => {
      const error = missing.find((name) => model.operations[operation]?.errors.includes(name));
      return error ? [{ operation, error }] : [];
    });

  if (findable.length > 0) {
    test.each(findable)("$operation says that there is no such thing", async ({ operation, error }) => {
      const input = { ...sampleInput(model, operation, "required"), ...FURTHER[operation] };
      const answer = sender(door.root[service]).send(operation, input);
      const { members } = await expectModelled(service, operation, error, answer);
      if (service === "iot-managed-integrations") {
        expect(members["ResourceId"]).toEqual(expect.any(String));
        expect(members["ResourceType"]).toEqual(expect.any(String));
      }
    });
  }

  const missingHandlers = Object.keys(model.operations).filter((operation) => !built.includes(operation));
  test("what is not built answers 501 and names itself", async () => {
    const faults: string[] = [];
    for (const operation of missingHandlers) {
      const answer = door.call(service, operation, sampleInput(model, operation, "required"));
      const { name, status, message } = await answer.then(() => ({ name: "", status: 200, message: "" }), refusal);
      const notImplemented = /^NotImplemented(Exception)?$/.test(name) && status === 501 && message.includes(operation);
      if (!notImplemented) faults.push(`${operation}: ${status} ${name}: ${message}`);
    }
    expect(faults).toEqual([]);
  });
});
