import { expect, test } from "vitest";
import { AT } from "../test-room.ts";
import { activatedAs, COMPLETE, DAY, eventually, PLANTED, type TestLinking, token } from "./test-linking.ts";

/** How tokens are renewed, and how they end. */
export function describeRenewal(kit: TestLinking): void {
  test("row 54 (part): an access token that has expired is renewed unseen, and the refresh token rotates", async () => {
    const id = await kit.linked();
    expect(await kit.discover(id)).toBe(PLANTED.access);
    kit.room.clock.advance(3_600_000 - 59_000);
    kit.vendor.answer = () => ({ body: token({ access_token: "second", refresh_token: "second-refresh" }) });
    expect(await kit.discover(id)).toBe("second");
    expect(kit.vendor.asked.at(-1)?.body).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: PLANTED.refresh,
    });
    kit.room.clock.advance(3_600_000);
    kit.vendor.answer = () => ({ body: token({ access_token: "third", refresh_token: undefined }) });
    expect(await kit.discover(id)).toBe("third");
    expect(kit.vendor.asked.at(-1)?.body).toMatchObject({ refresh_token: "second-refresh" });
    kit.room.clock.advance(3_600_000);
    expect(await kit.discover(id)).toBe("third");
    expect(kit.vendor.asked.at(-1)?.body).toMatchObject({ refresh_token: "second-refresh" });
    expect(await kit.states(id)).toEqual(["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"]);
  });

  test("row 54 (part): a refresh token that the vendor takes no more ends in REFRESH_TOKEN_EXPIRED, and a new URL links again", async () => {
    const id = await kit.linked();
    kit.room.clock.advance(DAY);
    kit.vendor.answer = () => ({ status: 400, body: { error: "invalid_grant", error_description: "expired" } });
    expect(await kit.discover(id)).toBeUndefined();
    expect(await kit.found(id)).toMatchObject({
      AssociationState: "REFRESH_TOKEN_EXPIRED",
      ErrorMessage: "The token URL refused invalid_grant - expired",
    });
    const url = await kit.again(id);
    kit.vendor.answer = () => ({ body: token() });
    expect(await kit.back(url)).toEqual({ status: 302, location: COMPLETE });
    expect(await kit.states(id)).toEqual([
      ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED", "REFRESH_TOKEN_EXPIRED"],
      ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"],
    ]);
  });

  test("one renewal serves many callers", async () => {
    const id = await kit.linked();
    kit.room.clock.advance(DAY);
    kit.vendor.asked.length = 0;
    kit.vendor.answer = () => ({ body: token({ access_token: "shared" }) });
    const used: string[] = [];
    kit.connectorAnswers = (_operation, given) => {
      used.push(given);
      return activatedAs("user-1");
    };
    const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId: id };
    await Promise.all([1, 2, 3, 4, 5].map(() => kit.room.call(kit.operations().StartDeviceDiscovery, input)));
    await kit.room.outbox.idle();
    expect(used).toEqual(["shared", "shared", "shared", "shared", "shared"]);
    expect(kit.vendor.asked).toHaveLength(1);
  });

  test("a connector's 401 has the token renewed before its time", async () => {
    const id = await kit.linked();
    kit.vendor.answer = () => ({ body: token({ access_token: "fresh" }) });
    kit.connectorAnswers = (_operation, given) =>
      given === "fresh" ? activatedAs("user-1") : { header: { responseCode: 401 } };
    expect(await kit.discover(id)).toBe("fresh");
  });

  test("a token URL that is down for now changes no state, and is left alone for a while", async () => {
    const id = await kit.linked();
    kit.room.clock.advance(DAY);
    kit.vendor.asked.length = 0;
    kit.vendor.answer = () => ({ status: 503, body: "down", type: "text/plain" });
    const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId: id };
    await kit.room.call(kit.operations().StartDeviceDiscovery, input);
    await eventually(() => kit.logged.some((text) => text.includes("were not renewed"))).toBe(true);
    // Of the caller's six attempts most come within these seconds.
    for (let passed = 0; passed < 4500; passed += 250) {
      kit.room.clock.advance(250);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(kit.vendor.asked.length).toBe(1);
    await kit.settled(() => kit.room.outbox.idle());
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
    kit.room.clock.advance(60_000);
    kit.vendor.answer = () => ({ body: token() });
    expect(await kit.discover(id)).toBe(PLANTED.access);
  });

  test("without a refresh token the end of the access token is the end of the link, asked for or not", async () => {
    kit.vendor.answer = () => ({ body: token({ refresh_token: undefined }) });
    const id = await kit.linked();
    kit.room.clock.advance(3_600_000);
    await eventually(async () => (await kit.found(id)).AssociationState).toBe("REFRESH_TOKEN_EXPIRED");
  });

  test("refresh tokens are renewed ahead of their end where the destination says so", async () => {
    const renewal = { enabled: true, DaysBeforeRenewal: 30 };
    const ConnectorDestinationId = await kit.destination({ proactiveRefreshTokenRenewal: renewal });
    kit.vendor.answer = () => ({ body: token({ refresh_expires_in: (40 * DAY) / 1000, refresh_token: "one" }) });
    const id = await kit.linked(ConnectorDestinationId);
    kit.vendor.asked.length = 0;
    const days = async () => {
      const sql = "SELECT due_at FROM hearth_timer WHERE kind = 'token-renewal' AND id = ?";
      const named = `${AT.accountId}/${AT.region}/${id}`;
      const [timer] = await kit.room.database.query<{ due_at: number }>(sql, [named]);
      return ((timer?.due_at ?? 0) - kit.room.clock.now()) / DAY;
    };
    expect(await days()).toBe(10);
    const renewals = () => kit.vendor.asked.map(({ body }) => body["refresh_token"]);
    kit.room.clock.advance(10 * DAY - 1);
    await kit.room.timers.idle();
    expect(renewals()).toEqual([]);
    kit.vendor.answer = () => ({ status: 500, body: "" });
    kit.room.clock.advance(1);
    await eventually(renewals).toEqual(["one"]);
    await kit.room.timers.idle();
    kit.vendor.answer = () => ({ body: token({ refresh_token: "two" }) });
    kit.room.clock.advance(6 * 3_600_000);
    await eventually(renewals).toEqual(["one", "one"]);
    await kit.room.timers.idle();
    // The vendor did not say when the second one ends: so many days after the renewal.
    expect(await days()).toBe(30);
    kit.room.clock.advance(30 * DAY);
    await eventually(renewals).toEqual(["one", "one", "two"]);
    await kit.room.timers.idle();
    // What ends sooner than in 30 days is renewed once a day.
    kit.vendor.answer = () => ({ body: token({ refresh_token: "three", refresh_token_expires_in: (7 * DAY) / 1000 }) });
    kit.room.clock.advance(30 * DAY);
    await eventually(() => renewals().length).toBe(4);
    await kit.room.timers.idle();
    expect(await days()).toBe(1);
  });
}
