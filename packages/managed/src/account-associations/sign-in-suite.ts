import { randomHex } from "@hearth/base";
import { type ManagedIntegrations, ServiceError } from "@hearth/contract";
import { expect, test } from "vitest";
import type { VendorAnswer } from "../../test/vendor.ts";
import { AT, CALLBACK_URL, refusalOf } from "../test-room.ts";
import { SIGN_IN_MS } from "./linking.ts";
import { COMPLETE, DAY, eventually, PLANTED, SECRET, type TestLinking, token } from "./test-linking.ts";

/** From the authorization URL to the link: what the browser, the vendor and the secret may bring. */
export function describeSignIn(kit: TestLinking): void {
  test("asks for what the destination says, spends the code once, and activates the user", async () => {
    const { id, url } = await kit.begun();
    const asked = Object.fromEntries(url.searchParams);
    expect(url.href).toMatch(kit.vendor.authUrl.split("?")[0] ?? "");
    expect(asked).toEqual({
      audience: "home",
      response_type: "code",
      client_id: "client",
      redirect_uri: CALLBACK_URL,
      scope: "lights fans",
      state: expect.stringMatching(/^[0-9a-f]{64}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    expect(await kit.found(id)).toMatchObject({
      OAuthAuthorizationUrl: url.href,
      AssociationState: "ASSOCIATION_IN_PROGRESS",
    });
    expect(await kit.back(url)).toEqual({ status: 302, location: COMPLETE });
    expect(kit.vendor.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from(`client:${PLANTED.secret}`).toString("base64")}`,
        body: {
          grant_type: "authorization_code",
          code: PLANTED.code,
          redirect_uri: CALLBACK_URL,
          code_verifier: expect.stringMatching(/^[\w-]{43}$/),
        },
      },
    ]);
    expect(kit.activated).toEqual([PLANTED.access]);
    const { OAuthAuthorizationUrl, AssociationState, Arn } = await kit.found(id);
    expect([OAuthAuthorizationUrl, AssociationState]).toEqual(["", "ASSOCIATION_SUCCEEDED"]);
    expect(new Set(kit.sourceArns)).toEqual(new Set([Arn]));
    expect(await kit.states(id)).toEqual(["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"]);
  });

  test("sends id and secret in the body, without PKCE where the secret says so, or no secret of a public client", async () => {
    kit.secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret, pkce: "none" });
    const tokenEndpointAuthenticationScheme = "REQUEST_BODY_CREDENTIALS";
    const body = await kit.begun(await kit.destination({ tokenEndpointAuthenticationScheme }));
    expect(body.url.searchParams.has("code_challenge")).toBe(false);
    await kit.back(body.url);
    expect(kit.vendor.asked.at(-1)).toEqual({
      authorization: undefined,
      body: {
        ...{ grant_type: "authorization_code", code: PLANTED.code, redirect_uri: CALLBACK_URL },
        ...{ client_id: "client", client_secret: PLANTED.secret },
      },
    });
    kit.secretText = JSON.stringify({ clientId: "public" });
    const open = await kit.begun();
    await kit.back(open.url);
    expect(kit.vendor.asked.at(-1)).toMatchObject({ authorization: undefined, body: { client_id: "public" } });
  });

  test("a state is taken once, by one of two that bring it at the same time", async () => {
    const { id, url } = await kit.begun();
    const answers = await Promise.all([kit.back(url), kit.back(url), kit.back(url)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 400, 400]);
    expect(kit.vendor.asked).toHaveLength(1);
    expect(await kit.back(url)).toMatchObject({ status: 400, page: expect.not.stringContaining(PLANTED.code) });
    expect((await kit.found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
  });

  test("a forged state changes nothing", async () => {
    const { id, url } = await kit.begun();
    const state = url.searchParams.get("state") ?? "";
    const forged: [string, string][][] = [
      [
        ["state", randomHex(32)],
        ["code", "c"],
      ],
      [
        ["state", state.toUpperCase()],
        ["code", "c"],
      ],
      [
        ["state", state],
        ["state", state],
        ["code", "c"],
      ],
      [
        ["state", state],
        ["code", "c"],
        ["code", "d"],
      ],
      [
        ["state", state],
        ["code", "c\r\n"],
      ],
      [
        ["state", state],
        ["code", "c".repeat(5000)],
      ],
      [["code", "c"]],
      [],
    ];
    for (const query of forged) {
      expect(await kit.room.managed.acceptCallback(new URLSearchParams(query)), JSON.stringify(query)).toMatchObject({
        status: 400,
      });
    }
    expect(kit.vendor.asked).toEqual([]);
    expect(await kit.back(url)).toEqual({ status: 302, location: COMPLETE });
    expect((await kit.found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
  });

  test.each([
    ["about:blank", 200, undefined],
    [undefined, 200, undefined],
    ["javascript:alert(1)", 200, undefined],
    ["http://app.local/x", 302, "http://app.local/x"],
  ])("goes on to the app's own URL alone: %s", async (oAuthCompleteRedirectUrl, status, location) => {
    const { url } = await kit.begun(await kit.destination({ oAuthCompleteRedirectUrl }));
    const answer = await kit.back(url, {
      code: "c",
      redirect_uri: "https://evil.example.com",
      location: "https://evil.example.com",
    });
    expect([answer.status, answer.location]).toEqual([status, location]);
    expect(answer.page ?? "").not.toContain("evil");
  });

  test("the vendor's refusal reaches the app, in characters that a redirect may carry", async () => {
    const { id, url } = await kit.begun();
    const description = `no,\r\nSet-Cookie: a=b <b>"quoted"\\ ${"x".repeat(300)}`;
    const { location = "" } = await kit.back(url, { error: "access_denied", error_description: description });
    const went = new URL(location);
    expect(went.searchParams.get("from")).toBe("hearth");
    expect(went.searchParams.get("error")).toBe("access_denied");
    const shown = went.searchParams.get("error_description") ?? "";
    expect(shown).toMatch(/^no, Set-Cookie: a=b <b> quoted\s+x+$/);
    expect(shown.length).toBeLessThanOrEqual(256);
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED", OAuthAuthorizationUrl: "" });
    expect((await kit.found(id)).ErrorMessage).toMatch(/^[\w -]+$/);
    expect(kit.vendor.asked).toEqual([]);
  });

  test("an answer of another issuer is refused, that of the vendor's own is not", async () => {
    const bad = await kit.begun();
    const { location = "" } = await kit.back(bad.url, { code: "c", iss: "https://other.example.com" });
    expect(new URL(location).searchParams.get("error_description")).toContain("another issuer");
    expect(kit.vendor.asked).toEqual([]);
    const neither = await kit.begun();
    expect((await kit.back(neither.url, {})).location).toContain("neither+a+code+nor+an+error");
    const good = await kit.begun();
    expect(await kit.back(good.url, { code: "c", iss: new URL(kit.vendor.authUrl).origin })).toEqual({
      status: 302,
      location: COMPLETE,
    });
  });

  const long = "x".repeat(17_000);
  const answers: [string, VendorAnswer, RegExp][] = [
    ["HTML", { body: "<html>", type: "text/html" }, /not JSON/],
    ["a redirect to another host", { status: 302, body: "", location: "https://evil.example.com/" }, /status 302/],
    [
      "more than 64 KiB",
      { body: { ...token(), more: "x".repeat(70_000) } },
      /could not be reached.*more than 65536 bytes/,
    ],
    ["truncated JSON", { body: '{"access_token":' }, /not JSON/],
    ["a list", { body: [] }, /not an object/],
    ["no token", { body: {} }, /not a token of RFC 6749/],
    ["a token that is a number", { body: token({ access_token: 1 }) }, /not a token of RFC 6749/],
    ["a token of another type", { body: token({ token_type: "mac" }) }, /not a token of RFC 6749/],
    ["a token bound to a key", { body: token({ token_type: "DPoP" }) }, /not a bearer token/],
    ["a token with a line break", { body: token({ access_token: "a\r\nb" }) }, /not visible ASCII/],
    ["a token of 17,000 characters", { body: token({ access_token: long }) }, /longer than 16384/],
    ["500", { status: 500, body: "oops", type: "text/plain" }, /status 500/],
    ["429 in JSON", { status: 429, body: { message: "slow down" } }, /status 429/],
    [
      "an error that echoes what it was sent",
      {
        status: 400,
        body: { error: "invalid_grant", error_description: `${PLANTED.code} ${PLANTED.secret} is bad` },
      },
      /refused: invalid_grant - \*\*\* \*\*\* is bad/,
    ],
    [
      "an error that echoes the header it was sent",
      {
        status: 401,
        body: {
          error: "invalid_client",
          error_description: `Basic ${Buffer.from(`client:${PLANTED.secret}`).toString("base64")}`,
        },
      },
      /refused: invalid_client - Basic \*\*\*$/,
    ],
  ];
  test("ends in words of ours, and can be begun again, whatever the token URL answers", async () => {
    const { id, url } = await kit.begun();
    let next = url;
    for (const [name, answer, why] of answers) {
      kit.vendor.answer = () => answer;
      const { location = "" } = await kit.back(next);
      const said = new URL(location).searchParams;
      expect(said.get("error_description"), name).toMatch(why);
      expect(said.get("error"), name).toMatch(/^(server_error|invalid_grant|invalid_client|temporarily_unavailable)$/);
      const { AssociationState, ErrorMessage } = await kit.found(id);
      expect(AssociationState, name).toBe("ASSOCIATION_FAILED");
      expect(ErrorMessage, name).toMatch(/^[\w -]{1,512}$/);
      next = await kit.again(id);
    }
    kit.vendor.answer = () => ({ body: token() });
    expect(await kit.back(next)).toEqual({ status: 302, location: COMPLETE });
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
    expect((await kit.found(id)).ErrorMessage).toBeUndefined();
    expect(kit.activated).toEqual([PLANTED.access]);
  });

  test("a token URL that hangs is given up after 10 seconds, one that is away at once", async () => {
    kit.vendor.answer = () => "never";
    const { id, url } = await kit.begun();
    const returned = kit.back(url);
    await eventually(() => kit.vendor.asked.length).toBe(1);
    kit.room.clock.advance(10_000);
    const { location = "" } = await returned;
    expect(location).toContain("error=temporarily_unavailable");
    expect((await kit.found(id)).ErrorMessage).toBe("The token URL did not answer within 10 seconds");
    const away = await kit.begun(await kit.destination({ tokenUrl: "https://127.0.0.1:1/token" }));
    expect((await kit.back(away.url)).location).toContain("ECONNREFUSED");
  });

  test("times that mean nothing count as not said", async () => {
    for (const expires_in of [0, -1, null, "soon", 1e15, "7200"]) {
      kit.vendor.answer = () => ({ body: token({ expires_in, refresh_token: null, id_token: "not.a.jwt" }) });
      const id = await kit.linked();
      expect(await kit.discover(id), String(expires_in)).toBe(PLANTED.access);
    }
    const rows = await kit.room.database.query<{ access_expires_at: number | null }>(
      "SELECT access_expires_at FROM account_token ORDER BY access_expires_at",
    );
    const ten = kit.room.clock.now() + 3660 * DAY;
    for (const { access_expires_at } of rows) expect(access_expires_at ?? 0).toBeLessThanOrEqual(ten);
  });

  test("a secret that cannot be read ends it: before it begins, and between", async () => {
    const denied = new ServiceError("AccessDeniedException", "no");
    const { id, url } = await kit.begun();
    kit.secretText = denied;
    const refusal = await refusalOf(kit.begun());
    expect(refusal.name).toBe("AccessDeniedException");
    expect(refusal.message).toContain(SECRET.arn);
    expect(refusal.message).toContain(`arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:account-association/*`);
    const { location = "" } = await kit.back(url);
    expect(location).toContain("The+secret+could+not+be+read");
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
    for (const bad of [
      "",
      "[]",
      "{}",
      '{"clientId":7}',
      '{"clientId":"a","pkce":"plain"}',
      '{"clientId":"a","pkce":"none"}',
    ]) {
      kit.secretText = bad;
      expect(await refusalOf(kit.begun()), bad).toMatchObject({ name: "ValidationException" });
    }
    kit.secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret });
    expect(await kit.back(await kit.again(id))).toEqual({ status: 302, location: COMPLETE });
  });

  test("nobody signed in: it fails after an hour, and its state with it", async () => {
    const { id, url } = await kit.begun();
    kit.room.clock.advance(SIGN_IN_MS);
    await eventually(async () => (await kit.found(id)).AssociationState).toBe("ASSOCIATION_FAILED");
    expect((await kit.found(id)).ErrorMessage).toBe("Nobody signed in within an hour");
    expect(await kit.back(url)).toMatchObject({ status: 400 });
  });

  test("a new attempt voids the state of the one before, and a deleted association every one", async () => {
    const { id, url } = await kit.begun();
    await kit.back(url, { error: "access_denied" });
    const second = await kit.again(id);
    expect(second.searchParams.get("state")).not.toBe(url.searchParams.get("state"));
    expect(await kit.back(url)).toMatchObject({ status: 400 });
    await kit.room.call(kit.operations().DeleteAccountAssociation, { AccountAssociationId: id });
    expect(await kit.back(second)).toMatchObject({ status: 400 });
  });

  test("an association that is deleted while the code is spent keeps no tokens", async () => {
    const { id, url } = await kit.begun();
    let gone: Promise<unknown> | undefined;
    kit.vendor.answer = () => {
      gone = kit.room.call(kit.operations().DeleteAccountAssociation, { AccountAssociationId: id });
      return { body: token() };
    };
    kit.connectorAnswers = () => new Promise<never>(() => {});
    const returned = kit.back(url);
    await eventually(() => gone).toBeDefined();
    await gone;
    kit.room.clock.advance(60_000);
    expect([302, 400]).toContain((await kit.settled(() => returned)).status);
    await kit.settled(() => kit.room.outbox.idle());
    for (const table of ["account_token", "account_link"]) {
      expect(await kit.room.database.query(`SELECT 1 AS one FROM ${table} WHERE association_id = ?`, [id])).toEqual([]);
    }
    await refusalOf(kit.found(id));
  });

  test("URLs must be https, without a fragment, and lead where the platform may call", async () => {
    const bad: [Partial<ManagedIntegrations.OAuthConfig>, RegExp][] = [
      [{ tokenUrl: "http://127.0.0.1/token" }, /tokenUrl must be an https URL/],
      [{ authUrl: "http://127.0.0.1/authorize" }, /authUrl must be an https URL/],
      [{ authUrl: "https://127.0.0.1/authorize#top" }, /fragment/],
      [{ tokenUrl: "https://10.0.0.1/token" }, /tokenUrl: .*not on the public internet/],
    ];
    for (const [oAuth, why] of bad) {
      const refusal = await refusalOf(kit.destination(oAuth));
      expect(refusal.name).toBe("ValidationException");
      expect(refusal.message).toMatch(why);
    }
    const long = await kit.destination({ scope: "x".repeat(900) });
    expect((await refusalOf(kit.begun(long))).message).toMatch(/authorization URL would have/);
  });
}
