import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { OpenTestRoom } from "../test-room.ts";
import { describeActivation } from "./activation-suite.ts";
import { EXCHANGE_MS } from "./linking.ts";
import { describeRenewal } from "./renewal-suite.ts";
import { describeSignIn } from "./sign-in-suite.ts";
import { activatedAs, COMPLETE, createTestLinking, eventually, PLANTED } from "./test-linking.ts";

/** Account linking against a vendor's token URL whose answers the test writes, on whatever database `open` gives. */
export function describeLinking(open: OpenTestRoom): void {
  const kit = createTestLinking(open);
  beforeAll(() => kit.open());
  afterAll(() => kit.close());
  beforeEach(() => kit.reset());

  describe("a link", () => describeSignIn(kit));
  describe("activation", () => describeActivation(kit));
  describe("tokens", () => describeRenewal(kit));

  describe("a platform that was killed", () => {
    const phase = (id: string) =>
      kit.room.database.query<{ phase: string }>("SELECT phase FROM account_link WHERE association_id = ?", [id]);

    test("a code whose exchange was cut off fails, and can be linked again", async () => {
      kit.isKilled = true;
      const { id, url } = await kit.begun();
      kit.back(url).catch(() => undefined);
      await eventually(() => kit.vendor.asked.length).toBe(1);
      expect(await phase(id)).toEqual([{ phase: "EXCHANGING" }]);
      kit.isKilled = false;
      await kit.restart();
      await kit.room.timers.idle();
      kit.room.clock.advance(EXCHANGE_MS);
      await eventually(async () => (await kit.found(id)).AssociationState).toBe("ASSOCIATION_FAILED");
      expect((await kit.found(id)).ErrorMessage).toContain("the code may be spent");
      expect(await kit.back(url)).toMatchObject({ status: 400 });
      expect(await kit.back(await kit.again(id))).toEqual({ status: 302, location: COMPLETE });
    });

    test("an activation cut off goes on", async () => {
      kit.connectorAnswers = () => new Promise<never>(() => {});
      const { id, url } = await kit.begun();
      const returned = kit.back(url);
      await eventually(() => kit.activated.length).toBe(1);
      expect(await phase(id)).toEqual([{ phase: "ACTIVATING" }]);
      kit.connectorAnswers = () => activatedAs("user-1");
      await kit.restart();
      expect(await returned).toEqual({ status: 302, location: COMPLETE });
      await kit.room.outbox.idle();
      expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      expect(kit.activated).toEqual([PLANTED.access, PLANTED.access]);
    });
  });

  test("no token, code, verifier or secret is readable in the database, the log and the events", async () => {
    await kit.linked();
    kit.vendor.answer = () => ({ status: 400, body: { error: "invalid_grant", error_description: PLANTED.code } });
    await kit.back((await kit.begun()).url);
    const dump: string[] = [];
    const texts: string[] = [];
    for (const table of [
      "account_association",
      "account_link",
      "account_token",
      "connector_destination",
      "hearth_outbox",
      "hearth_timer",
    ]) {
      for (const row of await kit.room.database.query<Record<string, unknown>>(`SELECT * FROM ${table}`)) {
        for (const value of Object.values(row)) {
          texts.push(value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value));
        }
      }
    }
    dump.push(...texts, ...kit.logged, JSON.stringify(kit.room.delivered));
    const verifiers = kit.vendor.asked.flatMap(({ body }) => body["code_verifier"] ?? []);
    for (const needle of [...Object.values(PLANTED), ...verifiers]) {
      expect(
        dump.filter((text) => text.includes(needle)),
        needle,
      ).toEqual([]);
    }
    expect(verifiers).toHaveLength(2);
    expect(kit.logged.length).toBeGreaterThan(0);
    expect(texts.length).toBeGreaterThan(10);
  });
}
