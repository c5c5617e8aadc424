import "reflect-metadata";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { permissionsChanged } from "../messaging/message.ts";
import { AT, type OpenTestRoom, refusalOf } from "../test-room.ts";
import { describeClaims } from "./claims-suite.ts";
import { describeHook } from "./hook-suite.ts";
import { body, CLAIM, createTestProvisioning, DOCUMENT, outcome } from "./test-provisioning.ts";

/** On whatever database `open` gives. */
export function describeProvisioning(open: OpenTestRoom): void {
  const kit = createTestProvisioning(open);
  beforeAll(() => kit.open());
  afterAll(() => kit.close());
  beforeEach(() => kit.reset());

  describe("certificates for a claim", () => {
    test("create/json answers certificate, key and token; the certificate waits for its activation", async () => {
      const { topic, body: answer } = await outcome(kit.room.publish("$aws/certificates/create/json", "", CLAIM));
      expect(topic).toBe("$aws/certificates/create/json/accepted");
      expect(Object.keys(answer).sort()).toEqual([
        "certificateId",
        "certificateOwnershipToken",
        "certificatePem",
        "privateKey",
      ]);
      const certificate = new X509Certificate(answer["certificatePem"] as string);
      expect(certificate.checkPrivateKey(createPrivateKey(answer["privateKey"] as string))).toBe(true);
      expect(await kit.statusOf(answer["certificateId"] as string)).toBe("PENDING_ACTIVATION");
      const rows = await kit.room.database.query<{ token_hash: string }>("SELECT * FROM iot_ownership_tokens");
      expect(JSON.stringify(rows)).not.toContain(answer["certificateOwnershipToken"]);
    });

    test("a repeat with the client token gets the same answer for 24 h, from the same claim only", async () => {
      const ask = async (clientToken: string, publisher = CLAIM) =>
        (await outcome(kit.room.publish("$aws/certificates/create/json", { clientToken }, publisher))).body;
      const first = await ask("secret-1");
      expect(await ask("secret-1", { ...CLAIM, clientId: "again" })).toEqual(first);
      const other = { ...CLAIM, principalId: "c2".repeat(32), certificateId: "c2".repeat(32) };
      expect((await ask("secret-1", other))["certificateId"]).not.toBe(first["certificateId"]);
      await kit.room.call(kit.iot().UpdateCertificate, {
        certificateId: first["certificateId"] as string,
        newStatus: "ACTIVE",
      });
      kit.room.clock.advance(24 * 3_600_000 - 1);
      expect(await ask("secret-1")).toEqual(first);
      kit.room.clock.advance(1);
      expect((await ask("secret-1"))["certificateId"]).not.toBe(first["certificateId"]);
    });

    test("an unused certificate is deleted after an hour, and its client token is free again", async () => {
      const ask = async () =>
        (await outcome(kit.room.publish("$aws/certificates/create/json", { clientToken: "late" }, CLAIM))).body;
      const first = await ask();
      kit.room.clock.advance(3_600_000);
      await kit.room.timers.idle();
      const certificateId = first["certificateId"] as string;
      expect((await refusalOf(kit.room.call(kit.iot().DescribeCertificate, { certificateId }))).name).toBe(
        "ResourceNotFoundException",
      );
      expect((await ask())["certificateId"]).not.toBe(certificateId);
    });

    test("what is malformed is rejected to the requester", async () => {
      const ask = (topic: string, payload: unknown) =>
        outcome(kit.room.publish(`$aws/certificates/${topic}`, payload, CLAIM));
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
      const heard = kit.room.heard(permissionsChanged);
      const { certificateId, certificateOwnershipToken } = await kit.owned();
      const first = await kit.provision("plain", certificateOwnershipToken, "S1");
      expect(first).toEqual({
        topic: "$aws/provisioning-templates/plain/provision/json/accepted",
        body: { deviceConfiguration: { serial: "S1" }, thingName: "S1" },
      });
      expect(heard).toEqual([{ accountId: AT.accountId, certificateIds: [certificateId] }]);
      expect(await kit.statusOf(certificateId)).toBe("ACTIVE");
      expect(await kit.room.call(kit.iot().DescribeThing, { thingName: "S1" })).toMatchObject({
        attributes: { color: "red" },
      });
      expect(await kit.room.iot.directory.thing(AT.accountId, certificateId, "S1")).toMatchObject({ thingName: "S1" });
      expect(await kit.room.iot.directory.policies(AT.accountId, certificateId)).toEqual([
        { name: expect.stringMatching(/^[0-9a-f]{64}$/), document: DOCUMENT },
      ]);

      expect(
        await kit.provision("plain", certificateOwnershipToken, "S1", { ...CLAIM, clientId: "reconnected" }),
      ).toEqual(first);
      const spent = { statusCode: 400, errorCode: "InvalidCertificateOwnershipToken" };
      expect((await kit.provision("plain", certificateOwnershipToken, "S2")).body).toMatchObject(spent);
      const stranger = { ...CLAIM, principalId: "c3".repeat(32), certificateId: "c3".repeat(32) };
      expect((await kit.provision("plain", certificateOwnershipToken, "S1", stranger)).body).toMatchObject(spent);
      expect((await kit.provision("plain", "made-up", "S1")).body).toMatchObject(spent);

      kit.room.clock.advance(3_600_000);
      await kit.room.timers.idle();
      expect(await kit.statusOf(certificateId)).toBe("ACTIVE");
      expect((await kit.provision("plain", certificateOwnershipToken, "S1")).body).toMatchObject(spent);
    });

    test("requests at the same time with one token provision once and get one answer", async () => {
      const { certificateOwnershipToken } = await kit.owned();
      const answers = await Promise.all(
        [1, 2, 3].map(() => kit.provision("plain", certificateOwnershipToken, "S-once")),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]?.topic).toMatch(/accepted$/);
      const other = await kit.owned();
      const outcomes = await Promise.all(
        ["S-a", "S-b"].map((serial) => kit.provision("plain", other.certificateOwnershipToken, serial)),
      );
      expect(outcomes.map((answer) => answer.topic.split("/").pop()).sort()).toEqual(["accepted", "rejected"]);
    });

    test("a request that another overtakes between its readings gets the other's answer", async () => {
      const { certificateOwnershipToken } = await kit.owned();
      const ask = () => kit.provision("plain", certificateOwnershipToken, "S-overtaken");
      const { query } = kit.room.database;
      let first: ReturnType<typeof ask> | undefined;
      const spy = vi.spyOn(kit.room.database, "query").mockImplementation(async (sql, ...params) => {
        const rows = await query.call(kit.room.database, sql, ...params);
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
      await kit.room.iot.templates.create(AT, {
        templateName: "crowd",
        body: body().replace(JSON.stringify(DOCUMENT), JSON.stringify(document)),
      });
      const devices = await Promise.all(Array.from({ length: 20 }, () => kit.owned()));
      const answers = await Promise.all(
        devices.map((device, index) => kit.provision("crowd", device.certificateOwnershipToken, `crowd-${index}`)),
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
        await kit.room.iot.templates.create(AT, { templateName: `over-${override}`, body: body(override) });
        const thingName = `over-${override}`;
        await kit.room.iot.things.create(AT, { thingName, attributes: { color: "blue", size: "1" } });
        const { certificateId, certificateOwnershipToken } = await kit.owned();
        const answer = await kit.provision(`over-${override}`, certificateOwnershipToken, thingName);
        if (attributes === undefined) {
          expect(answer.body).toMatchObject({ statusCode: 409, errorCode: "ResourceConflict" });
          expect(await kit.statusOf(certificateId)).toBe("PENDING_ACTIVATION");
          continue;
        }
        expect(answer.topic).toMatch(/accepted$/);
        expect((await kit.room.iot.things.get(AT, thingName)).attributes).toEqual(attributes);
      }
    });

    test("puts the thing into its groups; of one that exists: FAIL, DO_NOTHING, REPLACE", async () => {
      for (const groupName of ["old", "lamps", "of-X"]) {
        await kit.room.call(kit.iot().CreateThingGroup, { thingGroupName: groupName });
      }
      const grouped = (override?: string, first = "lamps") => {
        const source = JSON.parse(body("DO_NOTHING"));
        source.Resources.thing.Properties.ThingGroups = [first, { "Fn::Sub": "of-${SerialNumber}" }];
        if (override !== undefined) source.Resources.thing.OverrideSettings.ThingGroups = override;
        return JSON.stringify(source);
      };
      const groupsOf = async (thingName: string) =>
        (await kit.room.call(kit.iot().ListThingGroupsForThing, { thingName })).thingGroups?.map(
          ({ groupName }) => groupName,
        );
      const start = async (templateName: string, templateBody: string, ThingName: string) => {
        await kit.room.iot.templates.create(AT, { templateName, body: templateBody });
        const { certificateOwnershipToken } = await kit.owned();
        const topic = `$aws/provisioning-templates/${templateName}/provision/json`;
        const parameters = { SerialNumber: "X", ThingName };
        return outcome(kit.room.publish(topic, { certificateOwnershipToken, parameters }, CLAIM));
      };
      expect((await start("grouped", grouped(), "fresh-")).topic).toMatch(/accepted$/);
      expect(await groupsOf("fresh-X")).toEqual(["lamps", "of-X"]);
      const expected = { FAIL: ["old"], DO_NOTHING: ["old"], REPLACE: ["lamps", "of-X"] };
      for (const [override, groups] of Object.entries(expected)) {
        await kit.room.iot.things.create(AT, { thingName: `${override}-X`, attributes: { color: "blue" } });
        await kit.room.call(kit.iot().AddThingToThingGroup, { thingName: `${override}-X`, thingGroupName: "old" });
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
      const { certificateOwnershipToken: token } = await kit.owned();
      expect((await kit.provision("nowhere", token, "S")).body).toMatchObject({
        statusCode: 404,
        errorCode: "ResourceNotFound",
      });
      await kit.room.iot.templates.create(AT, { templateName: "off", body: body(), enabled: false });
      expect((await kit.provision("off", token, "S")).body).toMatchObject({
        statusCode: 403,
        errorCode: "ACCESS_DENIED",
      });
      await kit.room.iot.templates.create(AT, {
        templateName: "theirs",
        body: body(),
        claimCertificateId: "c9".repeat(32),
      });
      expect((await kit.provision("theirs", token, "S")).body).toMatchObject({
        statusCode: 403,
        errorCode: "ACCESS_DENIED",
      });
      const asked = (payload: object) =>
        outcome(kit.room.publish("$aws/provisioning-templates/plain/provision/json", payload, CLAIM));
      const invalid = { statusCode: 400, errorCode: "InvalidParameter" };
      expect((await asked({ certificateOwnershipToken: token, parameters: {} })).body).toMatchObject(invalid);
      expect((await kit.provision("plain", token, "not a name")).body).toMatchObject(invalid);
      const malformed = { statusCode: 400, errorCode: "InvalidPayload" };
      expect((await asked({ certificateOwnershipToken: token, parameters: { SerialNumber: 1 } })).body).toMatchObject(
        malformed,
      );
      expect((await asked({ parameters: {} })).body).toMatchObject(malformed);
    });
  });

  describe("the pre-provisioning hook", () => describeHook(kit));
  describe("devices of managed integrations", () => describeClaims(kit));

  describe("template operations", () => {
    test("create, describe, list, delete", async () => {
      const create = (templateName: string, more: object = {}) =>
        kit.room.call(kit.iot().CreateProvisioningTemplate, {
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
      expect(await kit.room.call(kit.iot().DescribeProvisioningTemplate, { templateName: "api" })).toMatchObject({
        templateArn,
        enabled: true,
        templateBody: body(),
        type: "FLEET_PROVISIONING",
        creationDate: kit.room.clock.now() / 1000,
      });
      const change = (input: object) =>
        kit.room.call(kit.iot().UpdateProvisioningTemplate, { templateName: "api", ...input });
      await change({ enabled: false });
      await change({ description: "new" });
      const changed = await kit.room.call(kit.iot().DescribeProvisioningTemplate, { templateName: "api" });
      expect(changed).toMatchObject({ enabled: false, description: "new", templateBody: body() });
      expect((await refusalOf(change({ defaultVersionId: 2 }))).name).toBe("InvalidRequestException");
      expect((await refusalOf(change({ templateName: "none" }))).name).toBe("ResourceNotFoundException");
      const listed = await kit.room.call(kit.iot().ListProvisioningTemplates, { maxResults: 1 });
      expect(listed.templates?.map((one) => one.templateName)).toEqual(["api"]);
      expect(listed.nextToken).toMatch(/^[a-zA-Z0-9=_-]+$/);
      await kit.room.call(kit.iot().DeleteProvisioningTemplate, { templateName: "api" });
      const gone = kit.room.call(kit.iot().DeleteProvisioningTemplate, { templateName: "api" });
      expect((await refusalOf(gone)).name).toBe("ResourceNotFoundException");
    });
  });
}
