import { createOutbound } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import { type ManagedIntegrations, ServiceError } from "@hearth/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startVendor, VENDOR_CERTIFICATE, type Vendor, type VendorAnswer } from "../../test/vendor.ts";
import { AT, CALLBACK_URL, type OpenTestRoom, refusalOf, type TestRoom, type TestRoomOptions } from "../test-room.ts";
import { EXCHANGE_MS, SIGN_IN_MS } from "./linking.ts";

type OAuthConfig = ManagedIntegrations.OAuthConfig;

const SECRET = {
  arn: `arn:aws:secretsmanager:us-east-1:${AT.accountId}:secret:vendor-aaaaaa`,
  versionId: "v".repeat(32),
};
const COMPLETE = "https://app.example.com/done?from=hearth";
const DAY = 86_400_000;

/** Nothing that holds one of these may be readable outside the sealed columns. */
const PLANTED = {
  code: "planted-code",
  access: "planted-access",
  refresh: "planted-refresh",
  secret: "planted-secret",
};

/** A machine that has much to do takes its time. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000, interval: 10 });

/** Account linking against a vendor's token URL whose answers the test writes, on whatever database `open` gives. */
export function describeLinking(open: OpenTestRoom): void {
  let vendor: Vendor;
  let room: TestRoom;
  let first: TestRoom;
  /** Requests are sent, and nobody is there any more who could take their answers. */
  let isKilled = false;
  /** Requests to the vendor that have no answer yet. */
  let inFlight = 0;
  let options: TestRoomOptions;
  let secretText: string | Error;
  let connectorAnswers: (operation: string, token: string) => object | string | Promise<never>;
  let usual: string | undefined;
  const activated: string[] = [];
  const logged: string[] = [];
  const sourceArns: string[] = [];

  beforeAll(async () => {
    vendor = await startVendor();
    const line = (...given: unknown[]) => void logged.push(JSON.stringify(given));
    const log = { debug: line, info: line, warn: line, error: line, fatal: line, child: () => log } as never;
    const outbound = createOutbound({ allow: ["127.0.0.1"], ca: [VENDOR_CERTIFICATE] });
    options = {
      log,
      outbound: {
        check: outbound.check,
        async request(url, request) {
          inFlight++;
          const answer = outbound.request(url, request).finally(() => inFlight--);
          if (!isKilled) return answer;
          await answer.catch(() => undefined);
          return new Promise<never>(() => {});
        },
      },
      async readSecret({ sourceArn }) {
        sourceArns.push(sourceArn);
        if (secretText instanceof Error) throw secretText;
        return secretText;
      },
      async invokeFunction({ payload }) {
        const { header, payload: asked } = JSON.parse(payload);
        if (asked.operationName === "AWS.ActivateUser") activated.push(header.auth.token);
        const answer = await connectorAnswers(asked.operationName, header.auth.token);
        return { payload: typeof answer === "string" ? answer : JSON.stringify(answer) };
      },
    };
    first = await open(options);
    room = first;
    await room.configure("all", ["ACCOUNT_ASSOCIATION", "CONNECTOR_ERROR_REPORT"]);
  });
  afterAll(async () => {
    if (room !== first) await room.close();
    await first.close();
    vendor.close();
  });
  beforeEach(() => {
    secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret });
    connectorAnswers = () => activatedAs("user-1");
    vendor.answer = () => ({ body: token() });
    vendor.asked.length = 0;
    activated.length = 0;
    sourceArns.length = 0;
  });

  const activatedAs = (userId: unknown) => ({ header: { responseCode: 200 }, payload: { userId } });
  const token = (more: object = {}) => ({
    ...{ access_token: PLANTED.access, token_type: "Bearer", expires_in: 3600, refresh_token: PLANTED.refresh },
    ...more,
  });
  const operations = () => room.managed.operations;

  async function destination(oAuth: Partial<OAuthConfig> = {}, more: object = {}): Promise<string> {
    const connector = { Name: "c", EndpointConfig: { lambda: { arn: "vendor" } } };
    const { Id: CloudConnectorId = "" } = await room.call(operations().CreateCloudConnector, connector);
    const { Id = "" } = await room.call(operations().CreateConnectorDestination, {
      CloudConnectorId,
      AuthConfig: {
        oAuth: {
          authUrl: vendor.authUrl,
          tokenUrl: vendor.tokenUrl,
          scope: "lights fans",
          tokenEndpointAuthenticationScheme: "HTTP_BASIC",
          oAuthCompleteRedirectUrl: COMPLETE,
          ...oAuth,
        },
      },
      SecretsManager: SECRET,
      ...more,
    });
    return Id;
  }
  async function begun(ConnectorDestinationId?: string) {
    usual ??= await destination();
    const given = { ConnectorDestinationId: ConnectorDestinationId ?? usual };
    const made = await room.call(operations().CreateAccountAssociation, given);
    return { id: made.AccountAssociationId, url: new URL(made.OAuthAuthorizationUrl) };
  }
  const found = (AccountAssociationId: string) =>
    room.call(operations().GetAccountAssociation, { AccountAssociationId });
  /** The browser comes back with the state of this authorization URL. */
  const back = (url: URL, more: Record<string, string> = { code: PLANTED.code }) =>
    room.managed.acceptCallback(new URLSearchParams({ state: url.searchParams.get("state") ?? "", ...more }));
  /** Linked: id. */
  async function linked(ConnectorDestinationId?: string): Promise<string> {
    const { id, url } = await begun(ConnectorDestinationId);
    expect(await back(url)).toEqual({ status: 302, location: COMPLETE });
    expect((await found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
    return id;
  }
  const again = async (AccountAssociationId: string) =>
    new URL(
      (await room.call(operations().StartAccountAssociationRefresh, { AccountAssociationId })).OAuthAuthorizationUrl,
    );
  const states = async (id: string) =>
    (await room.notified(id))
      .filter(({ type }) => type === "ACCOUNT_ASSOCIATION")
      .map(({ payload }) => payload["associationState"]);
  /** Has the connector search: what it was called with, or why it was not. */
  async function discover(AccountAssociationId: string): Promise<string | undefined> {
    let used: string | undefined;
    const before = connectorAnswers;
    connectorAnswers = (operation, given) => {
      used = given;
      return before(operation, given);
    };
    const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
    await room.call(operations().StartDeviceDiscovery, input);
    await settled(() => room.outbox.idle());
    connectorAnswers = before;
    return used;
  }
  /** Lets time pass where somebody waits for it, between attempts; not while the vendor is being asked. */
  async function settled<T>(work: () => Promise<T>): Promise<T> {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      if (inFlight === 0) room.clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return done;
  }

  describe("a link", () => {
    test("asks for what the destination says, spends the code once, and activates the user", async () => {
      const { id, url } = await begun();
      const asked = Object.fromEntries(url.searchParams);
      expect(url.href).toMatch(vendor.authUrl.split("?")[0] ?? "");
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
      expect(await found(id)).toMatchObject({
        OAuthAuthorizationUrl: url.href,
        AssociationState: "ASSOCIATION_IN_PROGRESS",
      });
      expect(await back(url)).toEqual({ status: 302, location: COMPLETE });
      expect(vendor.asked).toEqual([
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
      expect(activated).toEqual([PLANTED.access]);
      const { OAuthAuthorizationUrl, AssociationState, Arn } = await found(id);
      expect([OAuthAuthorizationUrl, AssociationState]).toEqual(["", "ASSOCIATION_SUCCEEDED"]);
      expect(new Set(sourceArns)).toEqual(new Set([Arn]));
      expect(await states(id)).toEqual(["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"]);
    });

    test("sends id and secret in the body, without PKCE where the secret says so, or no secret of a public client", async () => {
      secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret, pkce: "none" });
      const tokenEndpointAuthenticationScheme = "REQUEST_BODY_CREDENTIALS";
      const body = await begun(await destination({ tokenEndpointAuthenticationScheme }));
      expect(body.url.searchParams.has("code_challenge")).toBe(false);
      await back(body.url);
      expect(vendor.asked.at(-1)).toEqual({
        authorization: undefined,
        body: {
          ...{ grant_type: "authorization_code", code: PLANTED.code, redirect_uri: CALLBACK_URL },
          ...{ client_id: "client", client_secret: PLANTED.secret },
        },
      });
      secretText = JSON.stringify({ clientId: "public" });
      const open = await begun();
      await back(open.url);
      expect(vendor.asked.at(-1)).toMatchObject({ authorization: undefined, body: { client_id: "public" } });
    });

    test("a state is taken once, by one of two that bring it at the same time", async () => {
      const { id, url } = await begun();
      const answers = await Promise.all([back(url), back(url), back(url)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([302, 400, 400]);
      expect(vendor.asked).toHaveLength(1);
      expect(await back(url)).toMatchObject({ status: 400, page: expect.not.stringContaining(PLANTED.code) });
      expect((await found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
    });

    test("a forged state changes nothing", async () => {
      const { id, url } = await begun();
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
        expect(await room.managed.acceptCallback(new URLSearchParams(query)), JSON.stringify(query)).toMatchObject({
          status: 400,
        });
      }
      expect(vendor.asked).toEqual([]);
      expect(await back(url)).toEqual({ status: 302, location: COMPLETE });
      expect((await found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
    });

    test.each([
      ["about:blank", 200, undefined],
      [undefined, 200, undefined],
      ["javascript:alert(1)", 200, undefined],
      ["http://app.local/x", 302, "http://app.local/x"],
    ])("goes on to the app's own URL alone: %s", async (oAuthCompleteRedirectUrl, status, location) => {
      const { url } = await begun(await destination({ oAuthCompleteRedirectUrl }));
      const answer = await back(url, {
        code: "c",
        redirect_uri: "https://evil.example.com",
        location: "https://evil.example.com",
      });
      expect([answer.status, answer.location]).toEqual([status, location]);
      expect(answer.page ?? "").not.toContain("evil");
    });

    test("the vendor's refusal reaches the app, in characters that a redirect may carry", async () => {
      const { id, url } = await begun();
      const description = `no,\r\nSet-Cookie: a=b <b>"quoted"\\ ${"x".repeat(300)}`;
      const { location = "" } = await back(url, { error: "access_denied", error_description: description });
      const went = new URL(location);
      expect(went.searchParams.get("from")).toBe("hearth");
      expect(went.searchParams.get("error")).toBe("access_denied");
      const shown = went.searchParams.get("error_description") ?? "";
      expect(shown).toMatch(/^no, Set-Cookie: a=b <b> quoted\s+x+$/);
      expect(shown.length).toBeLessThanOrEqual(256);
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED", OAuthAuthorizationUrl: "" });
      expect((await found(id)).ErrorMessage).toMatch(/^[\w -]+$/);
      expect(vendor.asked).toEqual([]);
    });

    test("an answer of another issuer is refused, that of the vendor's own is not", async () => {
      const bad = await begun();
      const { location = "" } = await back(bad.url, { code: "c", iss: "https://other.example.com" });
      expect(new URL(location).searchParams.get("error_description")).toContain("another issuer");
      expect(vendor.asked).toEqual([]);
      const neither = await begun();
      expect((await back(neither.url, {})).location).toContain("neither+a+code+nor+an+error");
      const good = await begun();
      expect(await back(good.url, { code: "c", iss: new URL(vendor.authUrl).origin })).toEqual({
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
      const { id, url } = await begun();
      let next = url;
      for (const [name, answer, why] of answers) {
        vendor.answer = () => answer;
        const { location = "" } = await back(next);
        const said = new URL(location).searchParams;
        expect(said.get("error_description"), name).toMatch(why);
        expect(said.get("error"), name).toMatch(
          /^(server_error|invalid_grant|invalid_client|temporarily_unavailable)$/,
        );
        const { AssociationState, ErrorMessage } = await found(id);
        expect(AssociationState, name).toBe("ASSOCIATION_FAILED");
        expect(ErrorMessage, name).toMatch(/^[\w -]{1,512}$/);
        next = await again(id);
      }
      vendor.answer = () => ({ body: token() });
      expect(await back(next)).toEqual({ status: 302, location: COMPLETE });
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      expect((await found(id)).ErrorMessage).toBeUndefined();
      expect(activated).toEqual([PLANTED.access]);
    });

    test("a token URL that hangs is given up after 10 seconds, one that is away at once", async () => {
      vendor.answer = () => "never";
      const { id, url } = await begun();
      const returned = back(url);
      await eventually(() => vendor.asked.length).toBe(1);
      room.clock.advance(10_000);
      const { location = "" } = await returned;
      expect(location).toContain("error=temporarily_unavailable");
      expect((await found(id)).ErrorMessage).toBe("The token URL did not answer within 10 seconds");
      const away = await begun(await destination({ tokenUrl: "https://127.0.0.1:1/token" }));
      expect((await back(away.url)).location).toContain("ECONNREFUSED");
    });

    test("times that mean nothing count as not said", async () => {
      for (const expires_in of [0, -1, null, "soon", 1e15, "7200"]) {
        vendor.answer = () => ({ body: token({ expires_in, refresh_token: null, id_token: "not.a.jwt" }) });
        const id = await linked();
        expect(await discover(id), String(expires_in)).toBe(PLANTED.access);
      }
      const rows = await room.database.query<{ access_expires_at: number | null }>(
        "SELECT access_expires_at FROM account_token ORDER BY access_expires_at",
      );
      const ten = room.clock.now() + 3660 * DAY;
      for (const { access_expires_at } of rows) expect(access_expires_at ?? 0).toBeLessThanOrEqual(ten);
    });

    test("a secret that cannot be read ends it: before it begins, and between", async () => {
      const denied = new ServiceError("AccessDeniedException", "no");
      const { id, url } = await begun();
      secretText = denied;
      const refusal = await refusalOf(begun());
      expect(refusal.name).toBe("AccessDeniedException");
      expect(refusal.message).toContain(SECRET.arn);
      expect(refusal.message).toContain(
        `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:account-association/*`,
      );
      const { location = "" } = await back(url);
      expect(location).toContain("The+secret+could+not+be+read");
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
      for (const bad of [
        "",
        "[]",
        "{}",
        '{"clientId":7}',
        '{"clientId":"a","pkce":"plain"}',
        '{"clientId":"a","pkce":"none"}',
      ]) {
        secretText = bad;
        expect(await refusalOf(begun()), bad).toMatchObject({ name: "ValidationException" });
      }
      secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret });
      expect(await back(await again(id))).toEqual({ status: 302, location: COMPLETE });
    });

    test("nobody signed in: it fails after an hour, and its state with it", async () => {
      const { id, url } = await begun();
      room.clock.advance(SIGN_IN_MS);
      await eventually(async () => (await found(id)).AssociationState).toBe("ASSOCIATION_FAILED");
      expect((await found(id)).ErrorMessage).toBe("Nobody signed in within an hour");
      expect(await back(url)).toMatchObject({ status: 400 });
    });

    test("a new attempt voids the state of the one before, and a deleted association every one", async () => {
      const { id, url } = await begun();
      await back(url, { error: "access_denied" });
      const second = await again(id);
      expect(second.searchParams.get("state")).not.toBe(url.searchParams.get("state"));
      expect(await back(url)).toMatchObject({ status: 400 });
      await room.call(operations().DeleteAccountAssociation, { AccountAssociationId: id });
      expect(await back(second)).toMatchObject({ status: 400 });
    });

    test("an association that is deleted while the code is spent keeps no tokens", async () => {
      const { id, url } = await begun();
      let gone: Promise<unknown> | undefined;
      vendor.answer = () => {
        gone = room.call(operations().DeleteAccountAssociation, { AccountAssociationId: id });
        return { body: token() };
      };
      connectorAnswers = () => new Promise<never>(() => {});
      const returned = back(url);
      await eventually(() => gone).toBeDefined();
      await gone;
      room.clock.advance(60_000);
      expect([302, 400]).toContain((await settled(() => returned)).status);
      await settled(() => room.outbox.idle());
      for (const table of ["account_token", "account_link"]) {
        expect(await room.database.query(`SELECT 1 AS one FROM ${table} WHERE association_id = ?`, [id])).toEqual([]);
      }
      await refusalOf(found(id));
    });

    test("URLs must be https, without a fragment, and lead where the platform may call", async () => {
      const bad: [Partial<OAuthConfig>, RegExp][] = [
        [{ tokenUrl: "http://127.0.0.1/token" }, /tokenUrl must be an https URL/],
        [{ authUrl: "http://127.0.0.1/authorize" }, /authUrl must be an https URL/],
        [{ authUrl: "https://127.0.0.1/authorize#top" }, /fragment/],
        [{ tokenUrl: "https://10.0.0.1/token" }, /tokenUrl: .*not on the public internet/],
      ];
      for (const [oAuth, why] of bad) {
        const refusal = await refusalOf(destination(oAuth));
        expect(refusal.name).toBe("ValidationException");
        expect(refusal.message).toMatch(why);
      }
      const long = await destination({ scope: "x".repeat(900) });
      expect((await refusalOf(begun(long))).message).toMatch(/authorization URL would have/);
    });
  });

  describe("activation", () => {
    const nonsense: [string, object | string, RegExp][] = [
      ["no userId", activatedAs(undefined), /without a userId/],
      ["an empty userId", activatedAs(""), /without a userId/],
      ["a userId of 65 characters", activatedAs("u".repeat(65)), /without a userId/],
      ["a userId with a line break", activatedAs("a\nb"), /without a userId/],
      ["an object as userId", activatedAs({ id: 1 }), /without a userId/],
      [
        "a refusal that echoes the token",
        { header: { responseCode: 403 }, payload: { responseMessage: `bad ${PLANTED.access}` } },
        /CONNECTOR_REFUSED - bad \*\*\*/,
      ],
    ];
    test("row 56 (part): without a usable userId the link fails and its tokens go", async () => {
      const { id, url } = await begun();
      let next = url;
      for (const [name, answer, why] of nonsense) {
        connectorAnswers = () => answer;
        const { location = "" } = await back(next);
        expect(new URL(location).searchParams.get("error_description"), name).toMatch(why);
        expect(await found(id), name).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
        expect(await room.database.query("SELECT 1 AS one FROM account_token WHERE association_id = ?", [id])).toEqual(
          [],
        );
        next = await again(id);
      }
      const reports = (await room.notified(id)).filter(({ type }) => type === "CONNECTOR_ERROR_REPORT");
      expect(reports.map(({ payload }) => [payload["operationName"], payload["errorCode"]])).toEqual([
        ["AWS.ActivateUser", "CONNECTOR_REFUSED"],
      ]);
    });

    test("another user's sign-in is refused, the same user's links again", async () => {
      const id = await linked();
      vendor.answer = () => ({ status: 400, body: { error: "invalid_grant" } });
      room.clock.advance(DAY);
      expect(await discover(id)).toBeUndefined();
      vendor.answer = () => ({ body: token() });
      connectorAnswers = () => activatedAs("user-2");
      const { location = "" } = await back(await again(id));
      expect(location).toContain("Another+user");
      connectorAnswers = () => activatedAs("user-1");
      expect(await back(await again(id))).toEqual({ status: 302, location: COMPLETE });
    });

    test("a connector that takes its time lets the browser go on after 15 seconds", async () => {
      connectorAnswers = () => new Promise<never>(() => {});
      const { id, url } = await begun();
      const returned = back(url);
      await eventually(() => activated.length).toBe(1);
      expect(await settled(() => returned)).toEqual({
        status: 302,
        location: expect.stringMatching(/TIMED_OUT|done\?from=hearth$/),
      });
      await settled(() => room.outbox.idle());
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
    });

    test("General Authorization has the named secret as its token, and no page to sign in", async () => {
      secretText = PLANTED.secret;
      const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager: SECRET }];
      const ConnectorDestinationId = await destination(
        {},
        { AuthConfig: { GeneralAuthorization }, SecretsManager: undefined },
      );
      const input = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
      const made = await room.call(operations().CreateAccountAssociation, input);
      expect(made).toMatchObject({ OAuthAuthorizationUrl: "", AssociationState: "ASSOCIATION_IN_PROGRESS" });
      await room.outbox.idle();
      const id = made.AccountAssociationId;
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      expect(activated).toEqual([PLANTED.secret]);
      expect(await discover(id)).toBe(PLANTED.secret);
      secretText = new ServiceError("AccessDeniedException", "no");
      expect(await discover(id)).toBeUndefined();
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      const { AccountAssociationId: failed } = await room.call(operations().CreateAccountAssociation, input);
      await settled(() => room.outbox.idle());
      expect(await found(failed)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
      expect((await found(failed)).ErrorMessage).toContain("AUTHORIZATION_FAILED");
      secretText = PLANTED.secret;
      const refresh = { AccountAssociationId: failed };
      const started = await room.call(operations().StartAccountAssociationRefresh, refresh);
      expect(started).toEqual({ OAuthAuthorizationUrl: "" });
      await room.outbox.idle();
      expect(await found(failed)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
    });
  });

  describe("tokens", () => {
    test("row 54 (part): an access token that has expired is renewed unseen, and the refresh token rotates", async () => {
      const id = await linked();
      expect(await discover(id)).toBe(PLANTED.access);
      room.clock.advance(3_600_000 - 59_000);
      vendor.answer = () => ({ body: token({ access_token: "second", refresh_token: "second-refresh" }) });
      expect(await discover(id)).toBe("second");
      expect(vendor.asked.at(-1)?.body).toMatchObject({ grant_type: "refresh_token", refresh_token: PLANTED.refresh });
      room.clock.advance(3_600_000);
      vendor.answer = () => ({ body: token({ access_token: "third", refresh_token: undefined }) });
      expect(await discover(id)).toBe("third");
      expect(vendor.asked.at(-1)?.body).toMatchObject({ refresh_token: "second-refresh" });
      room.clock.advance(3_600_000);
      expect(await discover(id)).toBe("third");
      expect(vendor.asked.at(-1)?.body).toMatchObject({ refresh_token: "second-refresh" });
      expect(await states(id)).toEqual(["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"]);
    });

    test("row 54 (part): a refresh token that the vendor takes no more ends in REFRESH_TOKEN_EXPIRED, and a new URL links again", async () => {
      const id = await linked();
      room.clock.advance(DAY);
      vendor.answer = () => ({ status: 400, body: { error: "invalid_grant", error_description: "expired" } });
      expect(await discover(id)).toBeUndefined();
      expect(await found(id)).toMatchObject({
        AssociationState: "REFRESH_TOKEN_EXPIRED",
        ErrorMessage: "The token URL refused invalid_grant - expired",
      });
      const url = await again(id);
      vendor.answer = () => ({ body: token() });
      expect(await back(url)).toEqual({ status: 302, location: COMPLETE });
      expect(await states(id)).toEqual([
        ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED", "REFRESH_TOKEN_EXPIRED"],
        ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"],
      ]);
    });

    test("one renewal serves many callers", async () => {
      const id = await linked();
      room.clock.advance(DAY);
      vendor.asked.length = 0;
      vendor.answer = () => ({ body: token({ access_token: "shared" }) });
      const used: string[] = [];
      connectorAnswers = (_operation, given) => {
        used.push(given);
        return activatedAs("user-1");
      };
      const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId: id };
      await Promise.all([1, 2, 3, 4, 5].map(() => room.call(operations().StartDeviceDiscovery, input)));
      await room.outbox.idle();
      expect(used).toEqual(["shared", "shared", "shared", "shared", "shared"]);
      expect(vendor.asked).toHaveLength(1);
    });

    test("a connector's 401 has the token renewed before its time", async () => {
      const id = await linked();
      vendor.answer = () => ({ body: token({ access_token: "fresh" }) });
      connectorAnswers = (_operation, given) =>
        given === "fresh" ? activatedAs("user-1") : { header: { responseCode: 401 } };
      expect(await discover(id)).toBe("fresh");
    });

    test("a token URL that is down for now changes no state, and is left alone for a while", async () => {
      const id = await linked();
      room.clock.advance(DAY);
      vendor.asked.length = 0;
      vendor.answer = () => ({ status: 503, body: "down", type: "text/plain" });
      const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId: id };
      await room.call(operations().StartDeviceDiscovery, input);
      await eventually(() => logged.some((text) => text.includes("were not renewed"))).toBe(true);
      // Of the caller's six attempts most come within these seconds.
      for (let passed = 0; passed < 4500; passed += 250) {
        room.clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(vendor.asked.length).toBe(1);
      await settled(() => room.outbox.idle());
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      room.clock.advance(60_000);
      vendor.answer = () => ({ body: token() });
      expect(await discover(id)).toBe(PLANTED.access);
    });

    test("without a refresh token the end of the access token is the end of the link, asked for or not", async () => {
      vendor.answer = () => ({ body: token({ refresh_token: undefined }) });
      const id = await linked();
      room.clock.advance(3_600_000);
      await eventually(async () => (await found(id)).AssociationState).toBe("REFRESH_TOKEN_EXPIRED");
    });

    test("refresh tokens are renewed ahead of their end where the destination says so", async () => {
      const renewal = { enabled: true, DaysBeforeRenewal: 30 };
      const ConnectorDestinationId = await destination({ proactiveRefreshTokenRenewal: renewal });
      vendor.answer = () => ({ body: token({ refresh_expires_in: (40 * DAY) / 1000, refresh_token: "one" }) });
      const id = await linked(ConnectorDestinationId);
      vendor.asked.length = 0;
      const days = async () => {
        const sql = "SELECT due_at FROM hearth_timer WHERE kind = 'token-renewal' AND id = ?";
        const named = `${AT.accountId}/${AT.region}/${id}`;
        const [timer] = await room.database.query<{ due_at: number }>(sql, [named]);
        return ((timer?.due_at ?? 0) - room.clock.now()) / DAY;
      };
      expect(await days()).toBe(10);
      const renewals = () => vendor.asked.map(({ body }) => body["refresh_token"]);
      room.clock.advance(10 * DAY - 1);
      await room.timers.idle();
      expect(renewals()).toEqual([]);
      vendor.answer = () => ({ status: 500, body: "" });
      room.clock.advance(1);
      await eventually(renewals).toEqual(["one"]);
      await room.timers.idle();
      vendor.answer = () => ({ body: token({ refresh_token: "two" }) });
      room.clock.advance(6 * 3_600_000);
      await eventually(renewals).toEqual(["one", "one"]);
      await room.timers.idle();
      // The vendor did not say when the second one ends: so many days after the renewal.
      expect(await days()).toBe(30);
      room.clock.advance(30 * DAY);
      await eventually(renewals).toEqual(["one", "one", "two"]);
      await room.timers.idle();
      // What ends sooner than in 30 days is renewed once a day.
      vendor.answer = () => ({ body: token({ refresh_token: "three", refresh_token_expires_in: (7 * DAY) / 1000 }) });
      room.clock.advance(30 * DAY);
      await eventually(() => renewals().length).toBe(4);
      await room.timers.idle();
      expect(await days()).toBe(1);
    });
  });

  describe("a platform that was killed", () => {
    const phase = (id: string) =>
      room.database.query<{ phase: string }>("SELECT phase FROM account_link WHERE association_id = ?", [id]);

    test("a code whose exchange was cut off fails, and can be linked again", async () => {
      isKilled = true;
      const { id, url } = await begun();
      back(url).catch(() => undefined);
      await eventually(() => vendor.asked.length).toBe(1);
      expect(await phase(id)).toEqual([{ phase: "EXCHANGING" }]);
      isKilled = false;
      const before = room;
      room = await room.restart();
      if (before !== first) await before.close();
      await room.timers.idle();
      room.clock.advance(EXCHANGE_MS);
      await eventually(async () => (await found(id)).AssociationState).toBe("ASSOCIATION_FAILED");
      expect((await found(id)).ErrorMessage).toContain("the code may be spent");
      expect(await back(url)).toMatchObject({ status: 400 });
      expect(await back(await again(id))).toEqual({ status: 302, location: COMPLETE });
    });

    test("an activation cut off goes on", async () => {
      connectorAnswers = () => new Promise<never>(() => {});
      const { id, url } = await begun();
      const returned = back(url);
      await eventually(() => activated.length).toBe(1);
      expect(await phase(id)).toEqual([{ phase: "ACTIVATING" }]);
      connectorAnswers = () => activatedAs("user-1");
      const before = room;
      room = await room.restart();
      if (before !== first) await before.close();
      expect(await returned).toEqual({ status: 302, location: COMPLETE });
      await room.outbox.idle();
      expect(await found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
      expect(activated).toEqual([PLANTED.access, PLANTED.access]);
    });
  });

  test("no token, code, verifier or secret is readable in the database, the log and the events", async () => {
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
      for (const row of await room.database.query<Record<string, unknown>>(`SELECT * FROM ${table}`)) {
        for (const value of Object.values(row)) {
          texts.push(value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value));
        }
      }
    }
    dump.push(...texts, ...logged, JSON.stringify(room.delivered));
    const verifiers = vendor.asked.flatMap(({ body }) => body["code_verifier"] ?? []);
    for (const needle of [...Object.values(PLANTED), ...verifiers]) {
      expect(
        dump.filter((text) => text.includes(needle)),
        needle,
      ).toEqual([]);
    }
    expect(logged.length).toBeGreaterThan(0);
    expect(texts.length).toBeGreaterThan(10);
  });
}
