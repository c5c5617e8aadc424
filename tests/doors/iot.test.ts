import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REQUEST } from "./certificate-request.ts";
import { allow, type Clients, type Door, type Input, openDoor, policy, refusing } from "./door.ts";

let door: Door;
let iot: Clients["iot"];
let arnOf: (resource: string) => string;
beforeAll(async () => {
  door = await openDoor();
  iot = door.root.iot;
  const { region, accountId } = door.file;
  arnOf = (resource) => `arn:aws:iot:${region}:${accountId}:${resource}`;
});
afterAll(() => door.stop());

const document = policy(allow("iot:Connect"));

async function certificate(
  status: "ACTIVE" | "INACTIVE" = "ACTIVE",
): Promise<{ id: string; arn: string; pem: string }> {
  const made = await iot.send("CreateKeysAndCertificate", { setAsActive: status === "ACTIVE" });
  return { id: made.certificateId ?? "", arn: made.certificateArn ?? "", pem: made.certificatePem ?? "" };
}

const refused = refusing("iot", () => door.root);

describe("the endpoint", () => {
  test.each(["iot:Data-ATS", "iot:Data", "iot:CredentialProvider", "iot:Jobs", undefined])("%s", async (type) => {
    const { endpointAddress } = await iot.send("DescribeEndpoint", type ? { endpointType: type } : {});
    // A name alone: the model of managed integrations' endpoint allows no port.
    expect(endpointAddress).toMatch(/^[a-zA-Z0-9.-]+$/);
    expect(await iot.send("DescribeEndpoint", type ? { endpointType: type } : {})).toEqual({ endpointAddress });
  });

  test("of an unknown type is refused", () =>
    refused("DescribeEndpoint", "InvalidRequestException", { endpointType: "iot:Moon" }));
});

describe("things", () => {
  test("live from creation to deletion", async () => {
    const created = await iot.send("CreateThing", {
      thingName: "lamp:1_a-b",
      attributePayload: { attributes: { colour: "red", room: "k/1" } },
    });
    expect(created).toEqual({
      thingName: "lamp:1_a-b",
      thingArn: arnOf("thing/lamp:1_a-b"),
      thingId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    const described = await iot.send("DescribeThing", { thingName: "lamp:1_a-b" });
    expect(described).toEqual({
      ...created,
      defaultClientId: "lamp:1_a-b",
      attributes: { colour: "red", room: "k/1" },
      version: 1,
    });
    await iot.send("UpdateThing", {
      thingName: "lamp:1_a-b",
      expectedVersion: 1,
      attributePayload: { attributes: { colour: "", size: "xl" }, merge: true },
    });
    expect(await iot.send("DescribeThing", { thingName: "lamp:1_a-b" })).toMatchObject({
      version: 2,
      attributes: { room: "k/1", size: "xl" },
    });
    await iot.send("UpdateThing", { thingName: "lamp:1_a-b", attributePayload: { attributes: { only: "this" } } });
    const { attributes, version } = await iot.send("DescribeThing", { thingName: "lamp:1_a-b" });
    expect({ attributes, version }).toEqual({ attributes: { only: "this" }, version: 3 });
    await iot.send("DeleteThing", { thingName: "lamp:1_a-b", expectedVersion: 3 });
    await refused("DescribeThing", "ResourceNotFoundException", { thingName: "lamp:1_a-b" });
    await iot.send("DeleteThing", { thingName: "lamp:1_a-b" });
  });

  test("of the same values are created again without effect", async () => {
    const attributePayload = { attributes: { a: "1" } };
    const first = await iot.send("CreateThing", { thingName: "twice", attributePayload });
    expect(await iot.send("CreateThing", { thingName: "twice", attributePayload })).toEqual(first);
    const { members } = await refused("CreateThing", "ResourceAlreadyExistsException", { thingName: "twice" });
    expect(members).toMatchObject({ resourceId: "twice", resourceArn: arnOf("thing/twice") });
    expect(await iot.send("DescribeThing", { thingName: "twice" })).toMatchObject({
      version: 1,
      attributes: { a: "1" },
    });
  });

  test("are listed by attribute", async () => {
    const made = [
      ["by-1", "north"],
      ["by-2", "north-west"],
      ["by-3", "south"],
    ];
    for (const [thingName, wing] of made) {
      await iot.send("CreateThing", {
        thingName: thingName ?? "",
        attributePayload: { attributes: { wing: wing ?? "" } },
      });
    }
    const listed = async (more: Input) => {
      const { things } = await iot.send("ListThings", { attributeName: "wing", ...more });
      return things?.map(({ thingName }) => thingName);
    };
    expect(await listed({ attributeValue: "north" })).toEqual(["by-1"]);
    expect(await listed({ attributeValue: "north", usePrefixAttributeValue: true })).toEqual(["by-1", "by-2"]);
    expect(await listed({ attributeValue: "east" })).toEqual([]);
    const { things } = await iot.send("ListThings", {});
    expect(things?.find(({ thingName }) => thingName === "by-3")).toEqual({
      thingName: "by-3",
      thingArn: arnOf("thing/by-3"),
      attributes: { wing: "south" },
      version: 1,
    });
  });

  test("refuse a version that is not theirs", async () => {
    await iot.send("CreateThing", { thingName: "versioned" });
    const wrong = { thingName: "versioned", expectedVersion: 7 };
    await refused("UpdateThing", "VersionConflictException", { ...wrong, attributePayload: { attributes: {} } });
    await refused("DeleteThing", "VersionConflictException", wrong);
  });

  test("without a type have three attributes at most", async () => {
    const attributes = { a: "1", b: "2", c: "3", d: "4" };
    await refused("CreateThing", "InvalidRequestException", { thingName: "many", attributePayload: { attributes } });
  });
});

describe("certificates", () => {
  test("are made with a key that is theirs, and die in 2049", async () => {
    const made = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
    const { certificateId = "", certificateArn, certificatePem = "", keyPair } = made;
    const read = new X509Certificate(certificatePem);
    expect(certificateId).toBe(createHash("sha256").update(read.raw).digest("hex"));
    expect(certificateArn).toBe(arnOf(`cert/${certificateId}`));
    expect(read.checkPrivateKey(createPrivateKey(keyPair?.PrivateKey ?? ""))).toBe(true);
    expect(read.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(read.publicKey.export({ type: "spki", format: "pem" })).toBe(keyPair?.PublicKey);
    expect(Date.parse(read.validTo)).toBe(Date.parse("2049-12-31T23:59:59Z"));

    const { certificateDescription } = await iot.send("DescribeCertificate", { certificateId });
    expect(certificateDescription).toMatchObject({
      certificateId,
      certificateArn,
      certificatePem,
      status: "ACTIVE",
      ownedBy: door.file.accountId,
      validity: { notAfter: Date.parse("2049-12-31T23:59:59Z") / 1000 },
    });
    const { certificates } = await iot.send("ListCertificates", { pageSize: 250 });
    expect(certificates).toContainEqual(expect.objectContaining({ certificateId, certificateArn, status: "ACTIVE" }));
  });

  test("go through their states", async () => {
    const { id: certificateId } = await certificate("INACTIVE");
    const status = async () =>
      (await iot.send("DescribeCertificate", { certificateId })).certificateDescription?.status;
    expect(await status()).toBe("INACTIVE");
    for (const newStatus of ["ACTIVE", "REVOKED", "INACTIVE"] as const) {
      await iot.send("UpdateCertificate", { certificateId, newStatus });
      expect(await status()).toBe(newStatus);
    }
    await iot.send("DeleteCertificate", { certificateId });
    await refused("DescribeCertificate", "ResourceNotFoundException", { certificateId });
  });

  test("that nobody can ask for in a state of the platform's own are refused", async () => {
    const { id: certificateId } = await certificate("INACTIVE");
    for (const newStatus of ["PENDING_TRANSFER", "PENDING_ACTIVATION"]) {
      await refused("UpdateCertificate", "InvalidRequestException", { certificateId, newStatus });
    }
  });

  test("are registered without a CA, once", async () => {
    const { pem: certificatePem, id } = await certificate();
    await refused("RegisterCertificateWithoutCA", "ResourceAlreadyExistsException", { certificatePem });
    await iot.send("UpdateCertificate", { certificateId: id, newStatus: "INACTIVE" });
    await iot.send("DeleteCertificate", { certificateId: id });
    const registered = await iot.send("RegisterCertificateWithoutCA", { certificatePem, status: "ACTIVE" });
    expect(registered).toEqual({ certificateId: id, certificateArn: arnOf(`cert/${id}`) });
    const { certificateDescription } = await iot.send("DescribeCertificate", { certificateId: id });
    expect(certificateDescription).toMatchObject({ status: "ACTIVE", certificateMode: "SNI_ONLY" });
    const rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    await refused("RegisterCertificateWithoutCA", "CertificateValidationException", { certificatePem: rubbish });
  });

  test("are made for a request, and not for rubbish", async () => {
    const made = await iot.send("CreateCertificateFromCsr", { certificateSigningRequest: REQUEST, setAsActive: true });
    const { certificateId = "", certificatePem = "" } = made;
    expect(made).toEqual({ certificateId, certificatePem, certificateArn: arnOf(`cert/${certificateId}`) });
    expect(new X509Certificate(certificatePem).publicKey.asymmetricKeyType).toBe("ec");
    const again = await iot.send("CreateCertificateFromCsr", { certificateSigningRequest: REQUEST });
    expect(again.certificateId).not.toBe(certificateId);
    const rubbish = REQUEST.replace("BEGIN", "BEGAN");
    await refused("CreateCertificateFromCsr", "InvalidRequestException", { certificateSigningRequest: rubbish });
  });

  test("are not deleted while they are in use", async () => {
    const { id: certificateId, arn: principal } = await certificate();
    const policyName = "in-use";
    await iot.send("CreatePolicy", { policyName, policyDocument: document });
    await iot.send("CreateThing", { thingName: "in-use" });
    await iot.send("AttachPolicy", { policyName, target: principal });
    await iot.send("AttachThingPrincipal", { thingName: "in-use", principal });
    await refused("DeleteCertificate", "CertificateStateException", { certificateId });
    await refused("DeletePolicy", "DeleteConflictException", { policyName });
    await refused("DeleteThing", "InvalidRequestException", { thingName: "in-use" });
    await iot.send("UpdateCertificate", { certificateId, newStatus: "INACTIVE" });
    await refused("DeleteCertificate", "DeleteConflictException", { certificateId });
    await refused("DeleteCertificate", "DeleteConflictException", { certificateId, forceDelete: true });
    await iot.send("DetachThingPrincipal", { thingName: "in-use", principal });
    await refused("DeleteCertificate", "DeleteConflictException", { certificateId });
    await iot.send("DeleteCertificate", { certificateId, forceDelete: true });
    expect(await iot.send("ListTargetsForPolicy", { policyName })).toEqual({ targets: [] });
    await iot.send("DeletePolicy", { policyName });
    await iot.send("DeleteThing", { thingName: "in-use" });
  });
});

describe("policies", () => {
  test("have up to five versions, one of them the default", async () => {
    const policyName = "versions+=,.@-";
    const policyArn = arnOf(`policy/${policyName}`);
    const created = await iot.send("CreatePolicy", { policyName, policyDocument: document });
    expect(created).toEqual({ policyName, policyArn, policyDocument: document, policyVersionId: "1" });
    await refused("CreatePolicy", "ResourceAlreadyExistsException", { policyName, policyDocument: document });

    const second = policy(allow("iot:Publish"));
    const version = await iot.send("CreatePolicyVersion", { policyName, policyDocument: second });
    expect(version).toEqual({ policyArn, policyDocument: second, policyVersionId: "2", isDefaultVersion: false });
    expect(await iot.send("GetPolicy", { policyName })).toMatchObject({
      policyDocument: document,
      defaultVersionId: "1",
    });
    await iot.send("SetDefaultPolicyVersion", { policyName, policyVersionId: "2" });
    expect(await iot.send("GetPolicy", { policyName })).toMatchObject({
      policyDocument: second,
      defaultVersionId: "2",
    });
    expect(await iot.send("GetPolicyVersion", { policyName, policyVersionId: "1" })).toMatchObject({
      policyDocument: document,
      isDefaultVersion: false,
    });
    for (let count = 3; count <= 5; count++) {
      await iot.send("CreatePolicyVersion", { policyName, policyDocument: document, setAsDefault: count === 5 });
    }
    await refused("CreatePolicyVersion", "VersionsLimitExceededException", { policyName, policyDocument: document });
    await refused("DeletePolicyVersion", "DeleteConflictException", { policyName, policyVersionId: "5" });
    await refused("DeletePolicyVersion", "ResourceNotFoundException", { policyName, policyVersionId: "9" });
    await refused("GetPolicyVersion", "ResourceNotFoundException", { policyName, policyVersionId: "9" });
    await refused("SetDefaultPolicyVersion", "ResourceNotFoundException", { policyName, policyVersionId: "9" });
    await refused("DeletePolicy", "DeleteConflictException", { policyName });
    for (const policyVersionId of ["1", "2", "3", "4"]) {
      await iot.send("DeletePolicyVersion", { policyName, policyVersionId });
    }
    const { policyVersions } = await iot.send("ListPolicyVersions", { policyName });
    expect(policyVersions).toEqual([{ versionId: "5", isDefaultVersion: true, createDate: expect.any(Number) }]);
    await iot.send("DeletePolicy", { policyName });
    await refused("GetPolicy", "ResourceNotFoundException", { policyName });
  });

  const malformed = ["", "{", "[]", "{}", '{"Statement":[]}', document.replace("Allow", "Perhaps"), `${document}}`];
  test.each(malformed)("are no %j", async (policyDocument) => {
    await refused("CreatePolicy", "MalformedPolicyException", { policyName: "malformed", policyDocument });
  });

  test("of a malformed version or above the size are refused", async () => {
    await iot.send("CreatePolicy", { policyName: "sound", policyDocument: document });
    await refused("CreatePolicyVersion", "MalformedPolicyException", { policyName: "sound", policyDocument: "{" });
    const large = policy(allow("iot:Publish", "x".repeat(2049)));
    await refused("CreatePolicy", "MalformedPolicyException", { policyName: "large", policyDocument: large });
  });

  test("are attached and detached, ten to a certificate", async () => {
    const { arn: target } = await certificate();
    const names = Array.from({ length: 11 }, (_, index) => `ten-${index}`);
    for (const policyName of names) await iot.send("CreatePolicy", { policyName, policyDocument: document });
    for (const policyName of names.slice(0, 10)) await iot.send("AttachPolicy", { policyName, target });
    await iot.send("AttachPolicy", { policyName: "ten-0", target });
    await refused("AttachPolicy", "LimitExceededException", { policyName: "ten-10", target });
    await refused("AttachPrincipalPolicy", "LimitExceededException", { policyName: "ten-10", principal: target });

    const { policies } = await iot.send("ListAttachedPolicies", { target });
    expect(policies?.map(({ policyName }) => policyName).sort()).toEqual(names.slice(0, 10).sort());
    expect((await iot.send("ListPrincipalPolicies", { principal: target })).policies).toHaveLength(10);
    expect(await iot.send("ListTargetsForPolicy", { policyName: "ten-3" })).toEqual({ targets: [target] });
    expect(await iot.send("ListPolicyPrincipals", { policyName: "ten-3" })).toEqual({ principals: [target] });
    await iot.send("DetachPolicy", { policyName: "ten-3", target });
    await iot.send("DetachPolicy", { policyName: "ten-3", target });
    await iot.send("DetachPrincipalPolicy", { policyName: "ten-4", principal: target });
    await iot.send("AttachPrincipalPolicy", { policyName: "ten-10", principal: target });
    expect((await iot.send("ListAttachedPolicies", { target })).policies).toHaveLength(9);
    const { policies: all } = await iot.send("ListPolicies", { pageSize: 250 });
    expect(all).toContainEqual({ policyName: "ten-3", policyArn: arnOf("policy/ten-3") });
  });

  test("are not attached to what is no target", async () => {
    await iot.send("CreatePolicy", { policyName: "targets", policyDocument: document });
    for (const target of ["x", arnOf("thing/x"), "arn:aws:iam::000000000000:role/x"]) {
      await refused("AttachPolicy", "InvalidRequestException", { policyName: "targets", target });
      await refused("DetachPolicy", "InvalidRequestException", { policyName: "targets", target });
    }
  });
});

describe("principals", () => {
  test("are attached to things", async () => {
    const { arn: principal } = await certificate();
    const { arn: other } = await certificate();
    for (const thingName of ["p1", "p2"]) await iot.send("CreateThing", { thingName });
    await iot.send("AttachThingPrincipal", { thingName: "p1", principal });
    await iot.send("AttachThingPrincipal", { thingName: "p2", principal });
    expect(await iot.send("ListThingPrincipals", { thingName: "p1" })).toEqual({ principals: [principal] });
    expect(await iot.send("ListPrincipalThings", { principal })).toEqual({ things: ["p1", "p2"] });
    expect(await iot.send("ListPrincipalThings", { principal: other })).toEqual({ things: [] });
    await refused("DetachThingPrincipal", "ResourceNotFoundException", { thingName: "p1", principal: other });
    await iot.send("DetachThingPrincipal", { thingName: "p1", principal });
    expect(await iot.send("ListPrincipalThings", { principal })).toEqual({ things: ["p2"] });

    await iot.send("AttachThingPrincipal", {
      thingName: "p1",
      principal: other,
      thingPrincipalType: "EXCLUSIVE_THING",
    });
    await refused("AttachThingPrincipal", "InvalidRequestException", { thingName: "p2", principal: other });
    expect(await iot.send("ListThingPrincipalsV2", { thingName: "p1" })).toEqual({
      thingPrincipalObjects: [{ principal: other, thingPrincipalType: "EXCLUSIVE_THING" }],
    });
    const shared = { thingName: "p2", thingPrincipalType: "NON_EXCLUSIVE_THING" };
    expect(await iot.send("ListPrincipalThingsV2", { principal })).toEqual({ principalThingObjects: [shared] });
    const exclusive = { thingPrincipalType: "EXCLUSIVE_THING" } as const;
    expect(await iot.send("ListPrincipalThingsV2", { principal, ...exclusive })).toEqual({ principalThingObjects: [] });
  });

  test.each(["AttachThingPrincipal", "DetachThingPrincipal"])("%s wants a principal", async (operation) => {
    await iot.send("CreateThing", { thingName: "wants" });
    await refused(operation, "InvalidRequestException", { thingName: "wants", principal: "nobody" });
  });
});

describe("provisioning templates", () => {
  const body = {
    Parameters: { SerialNumber: { Type: "String" } },
    Resources: {
      thing: { Type: "AWS::IoT::Thing", Properties: { ThingName: { Ref: "SerialNumber" } } },
      certificate: {
        Type: "AWS::IoT::Certificate",
        Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: "Active" },
      },
    },
  };

  test("live from creation to deletion", async () => {
    const templateName = "template-1_a";
    const provisioningRoleArn = `arn:aws:iam::${door.file.accountId}:role/provisioning`;
    const given = { templateName, provisioningRoleArn, templateBody: JSON.stringify(body), description: "first" };
    const templateArn = arnOf(`provisioningtemplate/${templateName}`);
    expect(await iot.send("CreateProvisioningTemplate", given)).toEqual({
      templateArn,
      templateName,
      defaultVersionId: 1,
    });
    await refused("CreateProvisioningTemplate", "ResourceAlreadyExistsException", given);
    const described = await iot.send("DescribeProvisioningTemplate", { templateName });
    expect(described).toMatchObject({ ...given, templateArn, enabled: false, type: "FLEET_PROVISIONING" });
    await iot.send("UpdateProvisioningTemplate", { templateName, enabled: true, description: "second" });
    const { templates } = await iot.send("ListProvisioningTemplates", {});
    expect(templates).toContainEqual(expect.objectContaining({ templateName, enabled: true, description: "second" }));
    await refused("UpdateProvisioningTemplate", "InvalidRequestException", { templateName, defaultVersionId: 2 });
    await iot.send("DeleteProvisioningTemplate", { templateName });
    await refused("DescribeProvisioningTemplate", "ResourceNotFoundException", { templateName });
  });

  test.each(["{}", "{", JSON.stringify({ ...body, Resources: { x: { Type: "AWS::S3::Bucket" } } })])(
    "of the body %s are refused",
    async (templateBody) => {
      const provisioningRoleArn = `arn:aws:iam::${door.file.accountId}:role/provisioning`;
      const wrong = { templateName: "wrong", provisioningRoleArn, templateBody };
      await refused("CreateProvisioningTemplate", "InvalidRequestException", wrong);
    },
  );
});
