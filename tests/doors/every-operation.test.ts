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
  kinesis: "AccessDeniedException",
  iam: "AccessDenied",
  sts: "AccessDenied",
  hearth: "AccessDeniedException",
};

/** AWS: GetCallerIdentity needs no permission. */
const NEEDS_NO_PERMISSION: readonly string[] = ["GetCallerIdentity"];

/** Absence shows only with further members than the required ones. */
const ABSENT: Readonly<Record<string, Input>> = {
  CreateManagedThing: { CredentialLockerId: "absent" },
  UpdateManagedThing: { Name: "renamed" },
  CreateThing: { thingTypeName: "absent" },
  UpdateThing: { attributePayload: { attributes: {} } },
  CreateAccessKey: { UserName: "absent" },
  DeleteAccessKey: { UserName: "absent" },
  GetUser: { UserName: "absent" },
  ListAccessKeys: { UserName: "absent" },
  UpdateAccessKey: { UserName: "absent" },
  DeleteStream: { StreamName: "absent" },
  DescribeStream: { StreamName: "absent" },
  DescribeStreamSummary: { StreamName: "absent" },
  GetShardIterator: { StreamName: "absent" },
  ListShards: { StreamName: "absent" },
  PutRecord: { StreamName: "absent" },
  PutRecords: { StreamName: "absent" },
};

/** Operations that declare the error and cannot miss anything by an input of the sample's kind; tested by themselves. */
const NOTHING_TO_MISS: readonly string[] = [
  // Not until an endpoint is registered: tested with the endpoint.
  "GetCustomEndpoint",
  // AWS: DeleteThing of a thing that does not exist succeeds.
  "DeleteThing",
  // An iterator that nobody gave out is an invalid argument.
  "GetRecords",
];

let door: Door;
let nobody: Credentials;
beforeAll(async () => {
  door = await openDoor();
  nobody = await door.user("nobody");
});
afterAll(() => door.stop());

describe.each(SERVICES)("%s", (service) => {
  const model = modelOf(service);
  const built = handled[service];
  const guarded = built.filter((operation) => !NEEDS_NO_PERMISSION.includes(operation));

  test.each(guarded)("%s refuses a user without permission", async (operation) => {
    const input = sampleInput(model, operation, "required");
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
    .filter((operation) => !NOTHING_TO_MISS.includes(operation))
    .flatMap((operation) => {
      const error = missing.find((name) => model.operations[operation]?.errors.includes(name));
      return error ? [{ operation, error }] : [];
    })
    // Only a permissions boundary could be missed there, and there are none.
    .filter(({ operation }) => operation !== "CreateUser" && operation !== "CreateProvisioningProfile");

  if (findable.length > 0) {
    test.each(findable)("$operation says that there is no such thing", async ({ operation, error }) => {
      const input = { ...sampleInput(model, operation, "required"), ...ABSENT[operation] };
      const answer = sender(door.root[service]).send(operation, input);
      const { members } = await expectModelled(service, operation, error, answer);
      if (service === "iot-managed-integrations") {
        expect(members["ResourceId"]).toEqual(expect.any(String));
        expect(members["ResourceType"]).toEqual(expect.any(String));
      }
    });
  }

  const missingHandlers = Object.keys(model.operations).filter((operation) => !built.includes(operation));
  test.runIf(missingHandlers.length > 0)("what is not built answers 501 and names itself", async () => {
    const faults: string[] = [];
    for (const operation of missingHandlers) {
      const refusal = await refusalOf(door.call(service, operation, sampleInput(model, operation, "required")));
      const { name, status, message } = refusal;
      const notImplemented = /^NotImplemented(Exception)?$/.test(name) && status === 501 && message.includes(operation);
      if (!notImplemented) faults.push(`${operation}: ${status} ${name}: ${message}`);
    }
    expect(faults).toEqual([]);
  });
});
