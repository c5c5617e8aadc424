import "reflect-metadata";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { WriteConflict } from "@hearth/backplane";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  disconnectRequested,
  type Outcome,
  type Publisher,
  permissionsChanged,
  policyDeleted,
} from "../messaging/message.ts";
import { AT, jsonOf, type OpenTestRoom, refusalOf, type TestRoom } from "../test-room.ts";
import type { ProvisioningHook } from "./provisioning-hook.ts";

/** On whatever database `open` gives. */
export function describeProvisioning(open: OpenTestRoom): void {
  const hooks: Record<string, ProvisioningHook> = {};
  let room: TestRoom;
  beforeAll(async () => {
    room = await open({ hooks });
  });
  afterAll(() => room.close());
  beforeEach(() => {
    for (const name of Object.keys(hooks)) delete hooks[name];
  });

  const CLAIM: Partial<Publisher> = {
    clientId: "new-device",
    principalId: "c1".repeat(32),
    certificateId: "c1".repeat(32),
  };
  const iot = () => room.iot.operations.iot;
  const DOCUMENT = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "arn:aws:iot:us-east-1:000000000000:client/*" }],
  });

  const body = (override = "FAIL", color: unknown = "red") =>
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

  async function outcome(asked: Promise<Outcome>): Promise<{ topic: string; body: Record<string, unknown> }> {
    const { reply, publish } = await asked;
    expect(publish).toBeUndefined();
    expect(reply).toHaveLength(1);
    const [message] = reply ?? [];
    return { topic: message?.topic ?? "", body: jsonOf(message) as Record<string, unknown> };
  }

  async function csr(): Promise<string> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as never;
    const parameters = { name: "CN=device", keys, signingAlgorithm: algorithm };
    return (await x509.Pkcs10CertificateRequestGenerator.create(parameters as never)).toString("pem");
  }

  /** By CSR, which is quick. */
  async function owned(publisher = CLAIM): Promise<{ certificateId: string; certificateOwnershipToken: string }> {
    const asked = room.publish(
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
      room.publish(
        `$aws/provisioning-templates/${templateName}/provision/json`,
        { certificateOwnershipToken, parameters: { SerialNumber } },
        publisher,
      ),
    );

  const statusOf = async (certificateId: string) =>
    (await room.call(iot().DescribeCertificate, { certificateId })).certificateDescription?.status;

  describe("certificates for a claim", () => {
    test("create/json answers certificate, key and token; the certificate waits for its activation", async () => {
      const { topic, body: answer } = await outcome(room.publish("$aws/certificates/create/json", "", CLAIM));
      expect(topic).toBe("$aws/certificates/create/json/accepted");
      expect(Object.keys(answer).sort()).toEqual([
        "certificateId",
        "certificateOwnershipToken",
        "certificatePem",
        "privateKey",
      ]);
      const certificate = new X509Certificate(answer["certificatePem"] as string);
      expect(certificate.checkPrivateKey(createPrivateKey(answer["privateKey"] as string))).toBe(true);
      expect(await statusOf(answer["certificateId"] as string)).toBe("PENDING_ACTIVATION");
      const rows = await room.database.query<{ token_hash: string }>("SELECT * FROM iot_ownership_tokens");
      expect(JSON.stringify(rows)).not.toContain(answer["certificateOwnershipToken"]);
    });

    test("a repeat with the client token gets the same answer for 24 h, from the same claim only", async () => {
      const ask = async (clientToken: string, publisher = CLAIM) =>
        (await outcome(room.publish("$aws/certificates/create/json", { clientToken }, publisher))).body;
      const first = await ask("secret-1");
      expect(await ask("secret-1", { ...CLAIM, clientId: "again" })).toEqual(first);
      const other = { ...CLAIM, principalId: "c2".repeat(32), certificateId: "c2".repeat(32) };
      expect((await ask("secret-1", other))["certificateId"]).not.toBe(first["certificateId"]);
      await room.call(iot().UpdateCertificate, {
        certificateId: first["certificateId"] as string,
        newStatus: "ACTIVE",
      });
      room.clock.advance(24 * 3_600_000 - 1);
      expect(await ask("secret-1")).toEqual(first);
      room.clock.advance(1);
      expect((await ask("secret-1"))["certificateId"]).not.toBe(first["certificateId"]);
    });

    test("an unused certificate is deleted after an hour, and its client token is free again", async () => {
      const ask = async () =>
        (await outcome(room.publish("$aws/certificates/create/json", { clientToken: "late" }, CLAIM))).body;
      const first = await ask();
      room.clock.advance(3_600_000);
      await room.timers.idle();
      const certificateId = first["certificateId"] as string;
      expect((await refusalOf(room.call(iot().DescribeCertificate, { certificateId }))).name).toBe(
        "ResourceNotFoundException",
      );
      expect((await ask())["certificateId"]).not.toBe(certificateId);
    });

    test("what is malformed is rejected to the requester", async () => {
      const ask = (topic: string, payload: unknown) =>
        outcome(room.publish(`$aws/certificates/${topic}`, payload, CLAIM));
      expect(await ask("create/json", "[")).toEqual({
        topic: "$aws/certificates/create/json/rejected",
        body: { statusCode: 400, errorCode: "InvalidPayload", errorMessage: "The payload is not JSON" },
      });
      expect((await ask("create/json", { clientToken: "a b" })).body).toMatchObject({ errorCode: "InvalidPayload" });
      expect((await ask("create-from-csr/json", {})).body).toMatchObject({
        statusCode: 400,
        errorCode: "InvalidPayload",
      });
      const bad = await ask("create-from-csr/json", { certificateSigningRequest: "no" });
      expect(bad.body).toMatchObject({ statusCode: 400, errorCode: "InvalidParameter" });
    });
  });

  describe("provisioning", () => {
    test("thing, certificate and policy come in one step; a repeat gets the same answer, anything else is refused", async () => {
      await room.iot.templates.create(AT, { templateName: "plain", body: body() });
      const heard = room.heard(permissionsChanged);
      const { certificateId, certificateOwnershipToken } = await owned();
      const first = await provision("plain", certificateOwnershipToken, "S1");
      expect(first).toEqual({
        topic: "$aws/provisioning-templates/plain/provision/json/accepted",
        body: { deviceConfiguration: { serial: "S1" }, thingName: "S1" },
      });
      expect(heard).toEqual([{ accountId: AT.accountId, certificateIds: [certificateId] }]);
      expect(await statusOf(certificateId)).toBe("ACTIVE");
      expect(await room.call(iot().DescribeThing, { thingName: "S1" })).toMatchObject({ attributes: { color: "red" } });
      expect(await room.iot.directory.thing(AT.accountId, certificateId, "S1")).toMatchObject({ thingName: "S1" });
      expect(await room.iot.directory.policies(AT.accountId, certificateId)).toEqual([
        { name: expect.stringMatching(/^[0-9a-f]{64}$/), document: DOCUMENT },
      ]);

      expect(await provision("plain", certificateOwnershipToken, "S1", { ...CLAIM, clientId: "reconnected" })).toEqual(
        first,
      );
      const spent = { statusCode: 400, errorCode: "InvalidCertificateOwnershipToken" };
      expect((await provision("plain", certificateOwnershipToken, "S2")).body).toMatchObject(spent);
      const stranger = { ...CLAIM, principalId: "c3".repeat(32), certificateId: "c3".repeat(32) };
      expect((await provision("plain", certificateOwnershipToken, "S1", stranger)).body).toMatchObject(spent);
      expect((await provision("plain", "made-up", "S1")).body).toMatchObject(spent);

      room.clock.advance(3_600_000);
      await room.timers.idle();
      expect(await statusOf(certificateId)).toBe("ACTIVE");
      expect((await provision("plain", certificateOwnershipToken, "S1")).body).toMatchObject(spent);
    });

    test("requests at the same time with one token provision once and get one answer", async () => {
      const { certificateOwnershipToken } = await owned();
      const answers = await Promise.all([1, 2, 3].map(() => provision("plain", certificateOwnershipToken, "S-once")));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]?.topic).toMatch(/accepted$/);
      const other = await owned();
      const outcomes = await Promise.all(
        ["S-a", "S-b"].map((serial) => provision("plain", other.certificateOwnershipToken, serial)),
      );
      expect(outcomes.map((answer) => answer.topic.split("/").pop()).sort()).toEqual(["accepted", "rejected"]);
    });

    test("a request that another overtakes between its readings gets the other's answer", async () => {
      const { certificateOwnershipToken } = await owned();
      const ask = () => provision("plain", certificateOwnershipToken, "S-overtaken");
      const { query } = room.database;
      let first: ReturnType<typeof ask> | undefined;
      const spy = vi.spyOn(room.database, "query").mockImplementation(async (sql, ...params) => {
        const rows = await query.call(room.database, sql, ...params);
        if (!first && sql.includes("FROM iot_ownership_tokens")) {
          first = ask();
          await first;
        }
        return rows as never;
      });
      try {
        const second = await ask();
        expect(second.topic).toMatch(/accepted$/);
        expect(second).toEqual(await first);
      } finally {
        spy.mockRestore();
      }
    });

    test("a crowd of devices with one new policy are all provisioned", async () => {
      const document = DOCUMENT.replace("client/*", "client/crowd");
      await room.iot.templates.create(AT, {
        templateName: "crowd",
        body: body().replace(JSON.stringify(DOCUMENT), JSON.stringify(document)),
      });
      const devices = await Promise.all(Array.from({ length: 20 }, () => owned()));
      const answers = await Promise.all(
        devices.map((device, index) => provision("crowd", device.certificateOwnershipToken, `crowd-${index}`)),
      );
      expect(answers.filter((answer) => answer.topic.endsWith("/accepted"))).toHaveLength(20);
    });

    test("a thing that exists with other attributes: FAIL, DO_NOTHING, MERGE, REPLACE", async () => {
      const expected = {
        FAIL: undefined,
        DO_NOTHING: { color: "blue", size: "1" },
        MERGE: { color: "red", size: "1" },
        REPLACE: { color: "red" },
      };
      for (const [override, attributes] of Object.entries(expected)) {
        await room.iot.templates.create(AT, { templateName: `over-${override}`, body: body(override) });
        const thingName = `over-${override}`;
        await room.iot.things.create(AT, { thingName, attributes: { color: "blue", size: "1" } });
        const { certificateId, certificateOwnershipToken } = await owned();
        const answer = await provision(`over-${override}`, certificateOwnershipToken, thingName);
        if (attributes === undefined) {
          expect(answer.body).toMatchObject({ statusCode: 409, errorCode: "ResourceConflict" });
          expect(await statusOf(certificateId)).toBe("PENDING_ACTIVATION");
          continue;
        }
        expect(answer.topic).toMatch(/accepted$/);
        expect((await room.iot.things.get(AT, thingName)).attributes).toEqual(attributes);
      }
    });

    test("puts the thing into its groups; of one that exists: FAIL, DO_NOTHING, REPLACE", async () => {
      for (const groupName of ["old", "lamps", "of-X"]) {
        await room.call(iot().CreateThingGroup, { thingGroupName: groupName });
      }
      const grouped = (override?: string, first = "lamps") => {
        const source = JSON.parse(body("DO_NOTHING"));
        source.Resources.thing.Properties.ThingGroups = [first, { "Fn::Sub": "of-${SerialNumber}" }];
        if (override !== undefined) source.Resources.thing.OverrideSettings.ThingGroups = override;
        return JSON.stringify(source);
      };
      const groupsOf = async (thingName: string) =>
        (await room.call(iot().ListThingGroupsForThing, { thingName })).thingGroups?.map(({ groupName }) => groupName);
      const start = async (templateName: string, templateBody: string, ThingName: string) => {
        await room.iot.templates.create(AT, { templateName, body: templateBody });
        const { certificateOwnershipToken } = await owned();
        const topic = `$aws/provisioning-templates/${templateName}/provision/json`;
        const parameters = { SerialNumber: "X", ThingName };
        return outcome(room.publish(topic, { certificateOwnershipToken, parameters }, CLAIM));
      };
      expect((await start("grouped", grouped(), "fresh-")).topic).toMatch(/accepted$/);
      expect(await groupsOf("fresh-X")).toEqual(["lamps", "of-X"]);
      const expected = { FAIL: ["old"], DO_NOTHING: ["old"], REPLACE: ["lamps", "of-X"] };
      for (const [override, groups] of Object.entries(expected)) {
        await room.iot.things.create(AT, { thingName: `${override}-X`, attributes: { color: "blue" } });
        await room.call(iot().AddThingToThingGroup, { thingName: `${override}-X`, thingGroupName: "old" });
        const answer = await start(`grouped-${override}`, grouped(override), `${override}-`);
        if (override === "FAIL") expect(answer.body).toMatchObject({ statusCode: 409, errorCode: "ResourceConflict" });
        else expect(answer.topic).toMatch(/accepted$/);
        expect(await groupsOf(`${override}-X`)).toEqual(groups);
      }
      expect((await start("nowhere-to-go", grouped(undefined, "absent"), "lost-")).body).toMatchObject({
        statusCode: 404,
        errorCode: "ResourceNotFound",
      });
    });

    test("refuses unknown and disabled templates, other claims, missing parameters, bad names", async () => {
      const { certificateOwnershipToken: token } = await owned();
      expect((await provision("nowhere", token, "S")).body).toMatchObject({
        statusCode: 404,
        errorCode: "ResourceNotFound",
      });
      await room.iot.templates.create(AT, { templateName: "off", body: body(), enabled: false });
      expect((await provision("off", token, "S")).body).toMatchObject({ statusCode: 403, errorCode: "ACCESS_DENIED" });
      await room.iot.templates.create(AT, {
        templateName: "theirs",
        body: body(),
        claimCertificateId: "c9".repeat(32),
      });
      expect((await provision("theirs", token, "S")).body).toMatchObject({
        statusCode: 403,
        errorCode: "ACCESS_DENIED",
      });
      const asked = (payload: object) =>
        outcome(room.publish("$aws/provisioning-templates/plain/provision/json", payload, CLAIM));
      const invalid = { statusCode: 400, errorCode: "InvalidParameter" };
      expect((await asked({ certificateOwnershipToken: token, parameters: {} })).body).toMatchObject(invalid);
      expect((await provision("plain", token, "not a name")).body).toMatchObject(invalid);
      const malformed = { statusCode: 400, errorCode: "InvalidPayload" };
      expect((await asked({ certificateOwnershipToken: token, parameters: { SerialNumber: 1 } })).body).toMatchObject(
        malformed,
      );
      expect((await asked({ parameters: {} })).body).toMatchObject(malformed);
    });
  });

  describe("the pre-provisioning hook", () => {
    const guarded = { templateName: "hooked", body: body(), hook: "gate" };

    test("is told who asks; its overrides and its writes go into the same commit", async () => {
      await room.iot.templates.create(AT, guarded);
      const seen: unknown[] = [];
      hooks["gate"] = async (input) => {
        seen.push(input);
        return {
          allowProvisioning: true,
          parameterOverrides: { ThingName: "managed-" },
          writes: [
            {
              sql: "UPDATE iot_provisioning_templates SET description = 'hooked' WHERE template_name = 'hooked'",
              params: [],
            },
          ],
        };
      };
      const { certificateId, certificateOwnershipToken } = await owned();
      const answer = await provision("hooked", certificateOwnershipToken, "H1");
      expect(answer.body).toEqual({ deviceConfiguration: { serial: "H1" }, thingName: "managed-H1" });
      expect(seen).toEqual([
        {
          ...AT,
          templateName: "hooked",
          claimCertificateId: CLAIM.certificateId,
          certificateId,
          certificatePem: expect.stringContaining("BEGIN CERTIFICATE"),
          signed: false,
          clientId: "new-device",
          parameters: { SerialNumber: "H1" },
        },
      ]);
      expect((await room.iot.templates.get(AT, "hooked")).description).toBe("hooked");
    });

    test("no, an error, a missing hook and silence for 5 s are all 403, and nothing is left behind", async () => {
      const denied = { statusCode: 403, errorCode: "ACCESS_DENIED" };
      const { certificateId, certificateOwnershipToken: token } = await owned();
      expect((await provision("hooked", token, "H2")).body).toMatchObject(denied);
      hooks["gate"] = async () => ({ allowProvisioning: false });
      expect((await provision("hooked", token, "H2")).body).toMatchObject(denied);
      hooks["gate"] = async () => ({ allowProvisioning: "yes" as unknown as boolean });
      expect((await provision("hooked", token, "H2")).body).toMatchObject(denied);
      hooks["gate"] = async () => {
        throw new Error("broken");
      };
      expect((await provision("hooked", token, "H2")).body).toMatchObject(denied);
      const asked = new Promise<void>((resolve) => {
        hooks["gate"] = () => {
          resolve();
          return new Promise(() => {});
        };
      });
      const silent = provision("hooked", token, "H2");
      await asked;
      room.clock.advance(5_000);
      expect((await silent).body).toMatchObject(denied);
      expect(await statusOf(certificateId)).toBe("PENDING_ACTIVATION");
      expect((await refusalOf(room.iot.things.get(AT, "H2"))).name).toBe("ResourceNotFoundException");
    });

    test("is asked again when its writes conflict", async () => {
      let asked = 0;
      hooks["gate"] = async () => ({
        allowProvisioning: true,
        writes: [
          {
            sql: "UPDATE iot_things SET version = 1 WHERE thing_name = ?",
            params: [asked++ ? "S1" : "nobody"],
            rows: 1,
          },
        ],
      });
      const { certificateOwnershipToken } = await owned();
      expect((await provision("hooked", certificateOwnershipToken, "H3")).topic).toMatch(/accepted$/);
      expect(asked).toBe(2);
    });

    test("a replaced certificate is deactivated, detached and cut off with it", async () => {
      hooks["gate"] = async () => ({ allowProvisioning: true });
      const first = await owned();
      await provision("hooked", first.certificateOwnershipToken, "H4");
      hooks["gate"] = async () => ({ allowProvisioning: true, replacesCertificateId: first.certificateId });
      const cutOff = room.heard(disconnectRequested);
      const second = await owned();
      expect((await provision("hooked", second.certificateOwnershipToken, "H4")).topic).toMatch(/accepted$/);
      expect(await statusOf(first.certificateId)).toBe("INACTIVE");
      expect(cutOff).toMatchObject([{ certificateId: first.certificateId }]);
      const principals = await room.call(iot().ListThingPrincipals, { thingName: "H4" });
      expect(principals.principals).toEqual([`arn:aws:iot:us-east-1:000000000000:cert/${second.certificateId}`]);
      expect(await room.iot.directory.policies(AT.accountId, first.certificateId)).toEqual([]);
    });
  });

  describe("devices of managed integrations", () => {
    const claim = { ...AT, templateName: "profile", templateBody: body(), hook: "gate", policyDocument: DOCUMENT };

    test("a claim admits devices to its own template until it is removed", async () => {
      const made = await room.iot.createClaim(claim);
      await room.database.commit(made.writes);
      expect(made.privateKey).toMatch(/PRIVATE KEY/);
      expect(await room.iot.directory.registrations(made.certificateId)).toMatchObject([{ status: "ACTIVE" }]);
      expect(await room.iot.directory.policies(AT.accountId, made.certificateId)).toMatchObject([
        { document: DOCUMENT },
      ]);
      expect((await room.iot.certificates.find(AT, made.certificateId))?.certificatePem).toBe(made.certificatePem);

      hooks["gate"] = async () => ({ allowProvisioning: true });
      const publisher = { clientId: "d", principalId: made.certificateId, certificateId: made.certificateId };
      const device = await owned(publisher);
      expect((await provision("profile", device.certificateOwnershipToken, "P1", publisher)).topic).toMatch(
        /accepted$/,
      );
      const foreign = await owned();
      expect((await provision("profile", foreign.certificateOwnershipToken, "P2")).body).toMatchObject({
        statusCode: 403,
      });

      const heard = room.heard(disconnectRequested);
      const removal = await room.iot.removeClaim({
        ...AT,
        templateName: "profile",
        certificateId: made.certificateId,
      });
      await room.database.commit(removal.writes);
      removal.closed();
      expect(heard).toMatchObject([{ certificateId: made.certificateId }]);
      expect(await room.iot.directory.registrations(made.certificateId)).toEqual([]);
      expect((await refusalOf(room.iot.templates.get(AT, "profile"))).name).toBe("ResourceNotFoundException");
      expect(await room.iot.directory.registrations(device.certificateId)).toMatchObject([{ status: "ACTIVE" }]);
    });

    test("a claim's policy that is removed is gone for whoever knows it by name, or has it attached too", async () => {
      const made = await room.iot.createClaim({ ...claim, templateName: "named" });
      await room.database.commit(made.writes);
      const { certificateId } = made;
      const [policyName = ""] = await room.iot.policies.attachedTo(AT, certificateId);
      const other = await room.iot.certificates.createFromRequest(AT, await csr(), "ACTIVE");
      await room.iot.policies.attach(AT, policyName, other.certificateId);
      expect(await room.iot.directory.policies(AT.accountId, other.certificateId)).toHaveLength(1);

      const removed = { ...AT, templateName: "named", certificateId };
      const late = await room.iot.removeClaim(removed);
      await room.iot.policies.detach(AT, policyName, other.certificateId);
      await room.iot.policies.attach(AT, policyName, other.certificateId);
      // Attached since it was planned: it has to be planned again.
      await expect(room.database.commit(late.writes)).rejects.toThrow(WriteConflict);

      const gone = room.heard(policyDeleted);
      const changed = room.heard(permissionsChanged);
      const removal = await room.iot.removeClaim(removed);
      await room.database.commit(removal.writes);
      expect(gone).toEqual([]);
      removal.closed();
      expect(gone).toEqual([{ ...AT, policyName }]);
      expect(changed.flatMap(({ certificateIds }) => certificateIds ?? [])).toContain(other.certificateId);
      expect(await room.iot.directory.policies(AT.accountId, other.certificateId)).toEqual([]);
      // What is gone already is no obstacle.
      expect((await room.iot.removeClaim(removed)).writes).toHaveLength(1);
    });

    test("a claim may bring its own certificate, once", async () => {
      const keys = (await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
        "sign",
        "verify",
      ])) as never;
      const certificatePem = (await x509.X509CertificateGenerator.createSelfSigned({ name: "CN=own", keys })).toString(
        "pem",
      );
      const made = await room.iot.createClaim({ ...claim, templateName: "own", certificatePem });
      expect(made.privateKey).toBeUndefined();
      await room.database.commit(made.writes);
      const again = await room.iot.createClaim({ ...claim, templateName: "own2", certificatePem });
      await expect(room.database.commit(again.writes)).rejects.toThrow("unique");
      const nonsense = room.iot.createClaim({ ...claim, templateName: "own3", certificatePem: "nonsense" });
      expect((await refusalOf(nonsense)).name).toBe("ValidationException");
    });

    test("a device is forgotten with thing, shadows and certificate", async () => {
      hooks["gate"] = async () => ({ allowProvisioning: true });
      const { certificateId, certificateOwnershipToken } = await owned();
      await provision("hooked", certificateOwnershipToken, "F1");
      const thing = { ...AT, thingName: "F1" };
      const reported = await room.iot.shadows.planUpdate(thing, {
        state: { reported: { "1": { "matter.OnOff": { OnOff: true } } } },
      });
      await room.database.commit(reported.writes);
      reported.committed();
      expect(JSON.parse(await room.iot.shadows.get(thing))).toMatchObject({
        state: { reported: { "1": { "matter.OnOff": { OnOff: true } } } },
      });
      const cutOff = room.heard(disconnectRequested);
      const forgotten = await room.iot.forgetDevice({ ...thing, certificateId });
      await room.database.commit(forgotten.writes);
      forgotten.closed();
      expect(cutOff).toMatchObject([{ certificateId }]);
      expect(await statusOf(certificateId)).toBe("INACTIVE");
      expect((await refusalOf(room.iot.things.get(AT, "F1"))).name).toBe("ResourceNotFoundException");
      expect((await refusalOf(room.iot.shadows.get(thing))).name).toBe("ResourceNotFoundException");
      const gone = await room.iot.forgetDevice({ ...AT, thingName: "never", certificateId: "0".repeat(64) });
      await room.database.commit(gone.writes);
      expect((await room.iot.shadows.update(thing, { state: {} }, { principalId: "tester" })).messages).toHaveLength(2);
    });
  });

  describe("template operations", () => {
    test("create, describe, list, delete", async () => {
      const create = (templateName: string, more: object = {}) =>
        room.call(iot().CreateProvisioningTemplate, {
          templateName,
          templateBody: body(),
          provisioningRoleArn: "arn:aws:iam::000000000000:role/provisioning",
          ...more,
        });
      const templateArn = "arn:aws:iot:us-east-1:000000000000:provisioningtemplate/api";
      expect(await create("api", { enabled: true, description: "d" })).toEqual({
        templateArn,
        templateName: "api",
        defaultVersionId: 1,
      });
      expect((await refusalOf(create("api"))).name).toBe("ResourceAlreadyExistsException");
      expect((await refusalOf(create("bad", { templateBody: "{}" }))).name).toBe("InvalidRequestException");
      const hooked = create("bad", { preProvisioningHook: { targetArn: "arn:aws:lambda:::function:x" } });
      expect((await refusalOf(hooked)).name).toBe("InvalidRequestException");
      expect(await room.call(iot().DescribeProvisioningTemplate, { templateName: "api" })).toMatchObject({
        templateArn,
        enabled: true,
        templateBody: body(),
        type: "FLEET_PROVISIONING",
        creationDate: room.clock.now() / 1000,
      });
      const change = (input: object) => room.call(iot().UpdateProvisioningTemplate, { templateName: "api", ...input });
      await change({ enabled: false });
      await change({ description: "new" });
      const changed = await room.call(iot().DescribeProvisioningTemplate, { templateName: "api" });
      expect(changed).toMatchObject({ enabled: false, description: "new", templateBody: body() });
      expect((await refusalOf(change({ defaultVersionId: 2 }))).name).toBe("InvalidRequestException");
      expect((await refusalOf(change({ templateName: "none" }))).name).toBe("ResourceNotFoundException");
      const listed = await room.call(iot().ListProvisioningTemplates, { maxResults: 1 });
      expect(listed.templates?.map((one) => one.templateName)).toEqual(["api"]);
      expect(listed.nextToken).toMatch(/^[a-zA-Z0-9=_-]+$/);
      await room.call(iot().DeleteProvisioningTemplate, { templateName: "api" });
      const gone = room.call(iot().DeleteProvisioningTemplate, { templateName: "api" });
      expect((await refusalOf(gone)).name).toBe("ResourceNotFoundException");
    });
  });
}
