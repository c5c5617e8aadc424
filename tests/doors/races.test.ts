import { afterAll, beforeAll, expect, test } from "vitest";
import { REQUEST } from "./certificate-request.ts";
import { allow, type Door, type Input, openDoor, policy, type Service, sender } from "./door.ts";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

/** Sends all at once; counts the successes and the names of the refusals. */
async function race(service: Service, operation: string, inputs: readonly Input[]): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    inputs.map((input) =>
      sender(door.root[service])
        .send(operation, input)
        .then(
          () => "done",
          (error: Error) => error.name,
        ),
    ),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const times = (count: number, input: (index: number) => Input): Input[] =>
  Array.from({ length: count }, (_, i) => input(i));
const document = policy(allow("iot:Connect"));

test("of those who create the same, one does", async () => {
  const made: readonly [Service, string, (index: number) => Input, string][] = [
    [
      "iot",
      "CreateThing",
      (index) => ({ thingName: "raced", attributePayload: { attributes: { by: `${index}` } } }),
      "ResourceAlreadyExistsException",
    ],
    [
      "iot",
      "CreatePolicy",
      () => ({ policyName: "raced", policyDocument: document }),
      "ResourceAlreadyExistsException",
    ],
    ["kinesis", "CreateStream", () => ({ StreamName: "raced", ShardCount: 1 }), "ResourceInUseException"],
    ["iam", "CreateUser", () => ({ UserName: "raced" }), "EntityAlreadyExistsException"],
    [
      "iam",
      "CreateRole",
      () => ({
        RoleName: "raced",
        AssumeRolePolicyDocument: policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }),
      }),
      "EntityAlreadyExistsException",
    ],
    ["hearth", "CreateAccount", () => ({ AccountId: "444455556666" }), "ConflictException"],
    ["hearth", "CreateBackup", () => ({ Name: "raced" }), "ConflictException"],
    [
      "iot-managed-integrations",
      "CreateManagedThing",
      () => ({
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: "SN:raced;UPC:123456789012",
      }),
      "ConflictException",
    ],
    [
      "iot-managed-integrations",
      "CreateProvisioningProfile",
      () => ({ ProvisioningType: "FLEET_PROVISIONING", Name: "raced" }),
      "ConflictException",
    ],
  ];
  for (const [service, operation, input, refused] of made) {
    expect(await race(service, operation, times(6, input)), operation).toEqual({ done: 1, [refused]: 5 });
  }
});

test("limits hold when many come at once", async () => {
  const { iot, iam } = door.root;
  const { certificateArn = "" } = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  for (let index = 0; index < 14; index++) {
    await iot.send("CreatePolicy", { policyName: `limit-${index}`, policyDocument: document });
  }
  const attached = times(14, (index) => ({ policyName: `limit-${index}`, target: certificateArn }));
  expect(await race("iot", "AttachPolicy", attached)).toEqual({ done: 10, LimitExceededException: 4 });
  const versions = times(8, () => ({ policyName: "limit-0", policyDocument: document }));
  expect(await race("iot", "CreatePolicyVersion", versions)).toEqual({ done: 4, VersionsLimitExceededException: 4 });
  await iam.send("CreateUser", { UserName: "limit" });
  expect(
    await race(
      "iam",
      "CreateAccessKey",
      times(6, () => ({ UserName: "limit" })),
    ),
  ).toEqual({
    done: 2,
    LimitExceededException: 4,
  });
  const PolicyDocument = policy(allow("iot:Publish", `arn:aws:iot:*:*:topic/${"x".repeat(850)}`));
  const puts = times(6, (index) => ({ UserName: "limit", PolicyName: `p${index}`, PolicyDocument }));
  expect(await race("iam", "PutUserPolicy", puts)).toEqual({ done: 2, LimitExceededException: 4 });
});

test("of those who change one version, one does", async () => {
  const { iot, "iot-data": data } = door.root;
  await iot.send("CreateThing", { thingName: "versioned" });
  const changes = times(6, (index) => ({
    thingName: "versioned",
    expectedVersion: 1,
    attributePayload: { attributes: { by: `${index}` } },
  }));
  expect(await race("iot", "UpdateThing", changes)).toEqual({ done: 1, VersionConflictException: 5 });
  const payloadOf = (document: object): Uint8Array => new TextEncoder().encode(JSON.stringify(document));
  await data.send("UpdateThingShadow", { thingName: "versioned", payload: payloadOf({ state: {} }) });
  const updates = times(6, (index) => ({
    thingName: "versioned",
    payload: payloadOf({ state: { desired: { by: index } }, version: 1 }),
  }));
  expect(await race("iot-data", "UpdateThingShadow", updates)).toEqual({ done: 1, ConflictException: 5 });
  // Without a version nobody is refused and nobody's change is lost.
  const merges = times(20, (index) => ({
    thingName: "merged",
    payload: payloadOf({ state: { reported: { [`k${index}`]: index } } }),
  }));
  expect(await race("iot-data", "UpdateThingShadow", merges)).toEqual({ done: 20 });
  const { payload } = await data.send("GetThingShadow", { thingName: "merged" });
  const { state, version } = JSON.parse(new TextDecoder().decode(payload)) as {
    state: { reported: object };
    version: number;
  };
  expect({ members: Object.keys(state.reported).length, version }).toEqual({ members: 20, version: 20 });
});

test("nothing is attached to what is deleted meanwhile", async () => {
  const { iot } = door.root;
  for (let round = 0; round < 10; round++) {
    const names = { policyName: `gone-${round}`, thingName: `gone-${round}` };
    await iot.send("CreatePolicy", { ...names, policyDocument: document });
    await iot.send("CreateThing", names);
    const { certificateId = "", certificateArn = "" } = await iot.send("CreateCertificateFromCsr", {
      certificateSigningRequest: REQUEST,
    });
    await Promise.allSettled([
      iot.send("AttachPolicy", { ...names, target: certificateArn }),
      iot.send("AttachThingPrincipal", { ...names, principal: certificateArn }),
      iot.send("DeletePolicy", names),
      iot.send("DeleteThing", names),
      iot.send("DeleteCertificate", { certificateId }),
    ]);
    const there = async (look: Promise<unknown>): Promise<boolean> => look.then(() => true).catch(() => false);
    const [certificate, held, thing] = await Promise.all([
      there(iot.send("DescribeCertificate", { certificateId })),
      there(iot.send("GetPolicy", names)),
      there(iot.send("DescribeThing", names)),
    ]);
    if (held) {
      const { targets = [] } = await iot.send("ListTargetsForPolicy", names);
      if (targets.length > 0) expect(certificate).toBe(true);
    }
    if (thing) {
      const { principals = [] } = await iot.send("ListThingPrincipals", names);
      if (principals.length > 0) expect(certificate).toBe(true);
    }
    if (certificate) {
      const { policies = [] } = await iot.send("ListAttachedPolicies", { target: certificateArn });
      const { things = [] } = await iot.send("ListPrincipalThings", { principal: certificateArn });
      expect({ policies: policies.length <= Number(held), things: things.length <= Number(thing) }).toEqual({
        policies: true,
        things: true,
      });
    }
  }
});
