import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { permissionsChanged } from "../messaging/message.ts";
import { AT, type OpenTestRoom, refusalOf, requestOf, type TestRoom } from "../test-room.ts";

/** On whatever database `open` gives. */
export function describeThings(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());

  const iot = () => room.iot.operations.iot;
  const create = (thingName: string, attributes?: Record<string, string>) =>
    room.call(iot().CreateThing, { thingName, ...(attributes ? { attributePayload: { attributes } } : {}) });
  const describeThing = (thingName: string) => room.call(iot().DescribeThing, { thingName });
  const arnOf = (certificateId: string) => `arn:aws:iot:us-east-1:000000000000:cert/${certificateId}`;

  /** A registered certificate, without the cost of a key pair. */
  async function certificate(status = "ACTIVE"): Promise<string> {
    const certificateId = Array.from({ length: 64 }, () => "0123456789abcdef"[Math.floor(Math.random() * 16)]).join("");
    await room.database.commit([
      {
        sql: `INSERT INTO iot_certificates (account_id, region, certificate_id, status, certificate_pem, certificate_mode,
              not_before, not_after, created_at, modified_at, customer_version, generation_id, revision)
            VALUES (?, ?, ?, ?, 'pem', 'DEFAULT', 0, 1, 0, 0, 1, 'g', 1)`,
        params: [AT.accountId, AT.region, certificateId, status],
      },
    ]);
    return certificateId;
  }

  describe("CreateThing", () => {
    test("answers name, ARN and id; repeated with the same values it answers the same", async () => {
      const first = await create("lamp-1", { color: "red", place: "hall" });
      expect(first).toEqual({
        thingName: "lamp-1",
        thingArn: "arn:aws:iot:us-east-1:000000000000:thing/lamp-1",
        thingId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect(await create("lamp-1", { place: "hall", color: "red" })).toEqual(first);
      expect((await refusalOf(create("lamp-1", { color: "blue" }))).name).toBe("ResourceAlreadyExistsException");
      expect(await describeThing("lamp-1")).toEqual({
        ...first,
        defaultClientId: "lamp-1",
        attributes: { color: "red", place: "hall" },
        version: 1,
      });
    });

    test("two at once make one thing", async () => {
      const answers = await Promise.all([create("twin"), create("twin"), create("twin")]);
      expect(new Set(answers.map((answer) => answer.thingId)).size).toBe(1);
    });

    test("refuses a fourth attribute without a type, and types and billing groups that do not exist", async () => {
      const four = { a: "1", b: "2", c: "3", d: "4" };
      expect((await refusalOf(create("many", four))).name).toBe("InvalidRequestException");
      for (const more of [{ thingTypeName: "t" }, { billingGroupName: "b" }]) {
        const refusal = await refusalOf(room.call(iot().CreateThing, { thingName: "typed", ...more }));
        expect(refusal.name).toBe("ResourceNotFoundException");
      }
    });

    test("is unknown to another account", async () => {
      await create("private");
      const other = requestOf({ ...AT, accountId: "111111111111" });
      const refusal = await refusalOf(room.call(iot().DescribeThing, { thingName: "private" }, other));
      expect(refusal.name).toBe("ResourceNotFoundException");
    });
  });

  describe("UpdateThing", () => {
    const update = (thingName: string, input: object) => room.call(iot().UpdateThing, { thingName, ...input });

    test("replaces attributes, or merges them, where an empty value deletes; the version grows", async () => {
      await create("u", { a: "1", b: "2" });
      await update("u", { attributePayload: { attributes: { b: "", c: "3" }, merge: true } });
      expect(await describeThing("u")).toMatchObject({ attributes: { a: "1", c: "3" }, version: 2 });
      await update("u", { attributePayload: { attributes: { d: "4" } } });
      expect(await describeThing("u")).toMatchObject({ attributes: { d: "4" }, version: 3 });
    });

    test("expectedVersion", async () => {
      await create("v");
      await update("v", { expectedVersion: 1 });
      expect((await refusalOf(update("v", { expectedVersion: 1 }))).name).toBe("VersionConflictException");
      expect((await refusalOf(update("nobody", {}))).name).toBe("ResourceNotFoundException");
    });
  });

  describe("ListThings", () => {
    test("pages by name with stable tokens, filters by attribute", async () => {
      const at = requestOf({ ...AT, accountId: "222222222222" });
      const list = (input: object) => room.call(iot().ListThings, input, at);
      for (const [name, color] of [
        ["t1", "red"],
        ["t2", "blue"],
        ["t3", "reddish"],
        ["t4", "red"],
      ] as const) {
        await room.call(iot().CreateThing, { thingName: name, attributePayload: { attributes: { color } } }, at);
      }
      const first = await list({ maxResults: 3 });
      expect(first.things?.map((thing) => thing.thingName)).toEqual(["t1", "t2", "t3"]);
      expect(first.nextToken).toMatch(/^[a-zA-Z0-9=_-]+$/);
      await room.call(iot().DeleteThing, { thingName: "t3" }, at);
      const second = await list({ maxResults: 3, nextToken: first.nextToken });
      expect(second.things?.map((thing) => thing.thingName)).toEqual(["t4"]);
      expect(second.nextToken).toBeUndefined();

      const names = async (input: object) => (await list(input)).things?.map((thing) => thing.thingName);
      expect(await names({ attributeName: "color", attributeValue: "red" })).toEqual(["t1", "t4"]);
      expect(await names({ attributeName: "color", attributeValue: "bl", usePrefixAttributeValue: true })).toEqual([
        "t2",
      ]);
      expect(await names({ attributeName: "color" })).toEqual(["t1", "t2", "t4"]);
      expect(await names({ attributeName: "size" })).toEqual([]);
      expect(await names({ thingTypeName: "any" })).toEqual([]);
      expect((await refusalOf(list({ attributeValue: "red" }))).name).toBe("InvalidRequestException");
      expect((await refusalOf(list({ nextToken: "ff" }))).name).toBe("InvalidRequestException");
    });
  });

  describe("principals", () => {
    test("attach, list both ways, detach; a thing with principals is not deleted", async () => {
      await create("p");
      const certificateId = await certificate();
      const principal = arnOf(certificateId);
      const heard = room.heard(permissionsChanged);
      await room.call(iot().AttachThingPrincipal, { thingName: "p", principal });
      expect(heard).toEqual([{ accountId: AT.accountId, certificateIds: [certificateId] }]);
      expect(await room.call(iot().ListThingPrincipals, { thingName: "p" })).toMatchObject({ principals: [principal] });
      expect(await room.call(iot().ListPrincipalThings, { principal })).toMatchObject({ things: ["p"] });
      expect(await room.call(iot().ListThingPrincipalsV2, { thingName: "p" })).toMatchObject({
        thingPrincipalObjects: [{ principal, thingPrincipalType: "NON_EXCLUSIVE_THING" }],
      });
      const exclusive = { principal, thingPrincipalType: "EXCLUSIVE_THING" as const };
      expect(await room.call(iot().ListPrincipalThingsV2, exclusive)).toMatchObject({ principalThingObjects: [] });

      expect((await refusalOf(room.call(iot().DeleteThing, { thingName: "p" }))).name).toBe("InvalidRequestException");
      await room.call(iot().DetachThingPrincipal, { thingName: "p", principal });
      const again = await refusalOf(room.call(iot().DetachThingPrincipal, { thingName: "p", principal }));
      expect(again.name).toBe("ResourceNotFoundException");
      await room.call(iot().DeleteThing, { thingName: "p" });
      expect((await refusalOf(describeThing("p"))).name).toBe("ResourceNotFoundException");
      expect(await room.call(iot().DeleteThing, { thingName: "p" })).toEqual({});
    });

    test("an exclusive attachment is the only one", async () => {
      for (const name of ["e1", "e2"]) await create(name);
      const exclusive = await certificate();
      const shared = await certificate();
      const attach = (thingName: string, id: string, thingPrincipalType?: "EXCLUSIVE_THING") =>
        room.call(iot().AttachThingPrincipal, { thingName, principal: arnOf(id), thingPrincipalType });
      await attach("e1", exclusive, "EXCLUSIVE_THING");
      expect((await refusalOf(attach("e2", exclusive))).name).toBe("InvalidRequestException");
      await attach("e1", shared);
      await attach("e2", shared);
      expect((await refusalOf(attach("e1", shared, "EXCLUSIVE_THING"))).name).toBe("InvalidRequestException");
      const raced = await certificate();
      const outcomes = await Promise.allSettled([
        attach("e1", raced, "EXCLUSIVE_THING"),
        attach("e2", raced, "EXCLUSIVE_THING"),
      ]);
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    });

    test("refuses what is no certificate, an unknown one, one of another account, an unknown thing", async () => {
      await create("q");
      const attach = (thingName: string, principal: string) =>
        refusalOf(room.call(iot().AttachThingPrincipal, { thingName, principal }));
      expect((await attach("q", "us-east-1:identity")).name).toBe("InvalidRequestException");
      expect((await attach("q", arnOf("0".repeat(64)))).name).toBe("ResourceNotFoundException");
      const foreign = arnOf(await certificate()).replace("000000000000", "111111111111");
      expect((await attach("q", foreign)).name).toBe("ResourceNotFoundException");
      expect((await attach("nobody", arnOf(await certificate()))).name).toBe("ResourceNotFoundException");
    });
  });
}
