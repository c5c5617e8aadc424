import { createHmac } from "node:crypto";
import { createServer, type Server, request as tlsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { startVendorCloud, type VendorCloud, type VendorEvent } from "@hearth/vendor-cloud";
import * as oauth from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createBrowser } from "../kit/sign-in.ts";
import { startTestVendor } from "../kit/vendor-cloud.ts";

const CALLBACK = "https://partner.example/callback";
const ALICE = { username: "alice", password: "correct horse" };
const BOB = { username: "bob", password: "battery staple" };
const SECRET = "a-secret/with:odd+characters%";

let vendor: Awaited<ReturnType<typeof startTestVendor>>;
let cloud: VendorCloud;
const log: string[] = [];

beforeAll(async () => {
  vendor = await startTestVendor({
    adminPort: 0,
    users: [
      { name: "alice", password: ALICE.password },
      { name: "bob", password: BOB.password },
    ],
    clients: [{ id: "partner", secret: SECRET, name: "Partner <b>", redirectUris: [CALLBACK] }],
    pushRetryMilliseconds: 5,
    log: (line) => log.push(line),
  });
  cloud = vendor.cloud;
});

const fetch = (url: string, init: RequestInit) => vendor.fetch(url, init);

afterAll(() => vendor.stop());
afterEach(() => {
  vi.useRealTimers();
  cloud.clearFaults();
  cloud.setTokenRules({ accessTokenSeconds: 3_600, refreshTokenSeconds: 86_400, rotateRefreshTokens: false });
});

const configuration = (scheme: "basic" | "post" = "basic", secret = SECRET): oauth.Configuration => {
  const authentication = scheme === "basic" ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret);
  const server = {
    issuer: cloud.url,
    authorization_endpoint: cloud.authorizationUrl,
    token_endpoint: cloud.tokenUrl,
    revocation_endpoint: cloud.revocationUrl,
    introspection_endpoint: cloud.introspectionUrl,
  };
  const made = new oauth.Configuration(server, "partner", undefined, authentication);
  made[oauth.customFetch] = fetch as unknown as oauth.CustomFetch;
  return made;
};

interface Link {
  scheme?: "basic" | "post";
  pkce?: boolean;
  scope?: string;
  user?: { username: string; password: string };
}

/** Each user's own, in which they stay signed in. */
const browsers = new Map<string, ReturnType<typeof createBrowser>>();

const link = async ({ scheme = "basic", pkce = true, scope, user = ALICE }: Link = {}) => {
  const config = configuration(scheme);
  const state = oauth.randomState();
  const verifier = oauth.randomPKCECodeVerifier();
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    state,
    ...(scope ? { scope } : {}),
    ...(pkce
      ? { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" }
      : {}),
  });
  const browser = browsers.get(user.username) ?? createBrowser(fetch);
  browsers.set(user.username, browser);
  const back = await browser.signIn(url.href, user);
  const checks = { expectedState: state, ...(pkce ? { pkceCodeVerifier: verifier } : {}) };
  const tokens = await oauth.authorizationCodeGrant(config, back, checks);
  return { config, tokens, back };
};

const call = async (
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const answer = await fetch(`${cloud.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : text, headers: answer.headers };
};

const refused = async (grant: Promise<unknown>): Promise<string> => {
  const error = await grant.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) return error.error;
  throw error ?? new Error("it was not refused");
};

const authorizationUrl = (parameters: Record<string, string> = {}): string => {
  const query = { response_type: "code", client_id: "partner", redirect_uri: CALLBACK, state: "s", ...parameters };
  return `${cloud.authorizationUrl}?${new URLSearchParams(query)}`;
};

const soon = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 5 });

/** The clock of this process, and so the vendor's, is so much ahead. */
const later = (seconds: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1_000 });

describe("linking an account", () => {
  test.each([
    ["basic", true],
    ["basic", false],
    ["post", true],
    ["post", false],
  ] as const)("with client_secret_%s, PKCE: %s", async (scheme, pkce) => {
    const { tokens, config } = await link({ scheme, pkce });
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3_600, scope: "devices:read devices:control" });
    expect(await call(tokens.access_token, "GET", "/users/me")).toMatchObject({
      status: 200,
      body: { id: "u-alice", name: "alice" },
    });
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(renewed.access_token).not.toBe(tokens.access_token);
    expect(renewed.refresh_token).toBe(tokens.refresh_token);
  });

  test("by OpenID Connect, discovered", async () => {
    const options = { [oauth.customFetch]: fetch as unknown as oauth.CustomFetch };
    const config = await oauth.discovery(new URL(cloud.url), "partner", SECRET, undefined, options);
    const url = oauth.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: "openid profile", state: "s" });
    const back = await createBrowser(fetch).signIn(url.href, ALICE);
    const tokens = await oauth.authorizationCodeGrant(config, back, { expectedState: "s", idTokenExpected: true });
    expect(tokens.claims()).toMatchObject({ sub: "u-alice", iss: cloud.url });
    expect(await oauth.fetchUserInfo(config, tokens.access_token, "u-alice")).toMatchObject({ name: "alice" });
    expect(await call(tokens.access_token, "GET", "/devices")).toMatchObject({
      status: 403,
      body: { error: "insufficient_scope" },
    });
  });

  test("is declined at the sign-in, at the question, and after five wrong passwords", async () => {
    const atQuestion = await createBrowser(fetch).signIn(authorizationUrl(), { ...ALICE, consent: "deny" });
    expect(atQuestion.searchParams.get("error")).toBe("access_denied");
    expect(await refused(oauth.authorizationCodeGrant(configuration(), atQuestion, { expectedState: "s" }))).toBe(
      "access_denied",
    );

    const browser = createBrowser(fetch);
    const atSignIn = await browser.submit(await browser.go(authorizationUrl()), { action: "deny" });
    expect(new URL(atSignIn.url).searchParams.get("error_description")).toBe("the user does not allow it");

    const guesser = createBrowser(fetch);
    let page = await guesser.go(authorizationUrl());
    for (const username of ["alice", "nobody", "alice", "alice"]) {
      page = await guesser.submit(page, { action: "sign-in", username, password: "wrong password" });
      expect(page).toMatchObject({ status: 401, html: expect.stringContaining("do not belong together") });
    }
    page = await guesser.submit(page, { action: "sign-in", username: "alice", password: "wrong password" });
    expect(new URL(page.url).searchParams.get("error")).toBe("access_denied");
  });

  test("takes no form but its own, in no browser but the one it was shown in", async () => {
    const browser = createBrowser(fetch);
    const page = await browser.go(authorizationUrl());
    // What the client is called is text, not markup.
    expect(page.html).toContain("Partner &lt;b&gt; would like");
    expect(await browser.submit({ url: page.url, html: "" }, { action: "sign-in", ...ALICE })).toMatchObject({
      status: 403,
      url: page.url,
    });
    expect((await createBrowser(fetch).submit(page, { action: "sign-in", ...ALICE })).status).toBe(400);
    expect((await browser.submit(page, { action: "allow" })).status).toBe(400);
    expect((await browser.submit(page, { action: "sign-in", padding: "x".repeat(9_000) })).status).toBe(413);
  });

  test("needs a known client, its redirect URI, its secret, and a scope that there is", async () => {
    for (const [name, value] of [
      ["client_id", "stranger"],
      ["redirect_uri", "https://thief.example/callback"],
    ] as const) {
      const page = await createBrowser(fetch).go(authorizationUrl({ [name]: value }));
      expect(page).toMatchObject({ status: 400, html: expect.stringContaining("This does not work") });
    }
    const back = await createBrowser(fetch).signIn(authorizationUrl({ scope: "testScope" }), ALICE);
    expect(back.searchParams.get("error")).toBe("access_denied");

    const good = await createBrowser(fetch).signIn(authorizationUrl(), ALICE);
    for (const scheme of ["basic", "post"] as const) {
      const wrong = configuration(scheme, `${SECRET}x`);
      const error = oauth.authorizationCodeGrant(wrong, good, { expectedState: "s" });
      await expect(error).rejects.toMatchObject({ status: 401 });
    }
  });

  test("gives a code that works once, and only with its verifier", async () => {
    const config = configuration();
    const verifier = oauth.randomPKCECodeVerifier();
    const challenge = {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    };
    const back = await createBrowser(fetch).signIn(authorizationUrl(challenge), ALICE);
    const without = oauth.authorizationCodeGrant(config, back, { expectedState: "s" });
    expect(await refused(without)).toBe("invalid_grant");

    const { back: used, tokens } = await link({ pkce: false });
    const state = used.searchParams.get("state") ?? "";
    expect(await refused(oauth.authorizationCodeGrant(config, used, { expectedState: state }))).toBe("invalid_grant");
    // RFC 6749, 4.1.2: what the code gave is taken back when it comes again.
    expect((await call(tokens.access_token, "GET", "/users/me")).status).toBe(401);
  });
});

describe("tokens", () => {
  test("run out when they say", async () => {
    cloud.setTokenRules({ accessTokenSeconds: 10, refreshTokenSeconds: 60 });
    const { tokens, config } = await link();
    expect(tokens.expires_in).toBe(10);
    expect((await call(tokens.access_token, "GET", "/users/me")).status).toBe(200);
    later(11);
    expect(await call(tokens.access_token, "GET", "/users/me")).toMatchObject({
      status: 401,
      body: { error: "invalid_token" },
    });
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect((await call(renewed.access_token, "GET", "/users/me")).status).toBe(200);
    later(61);
    expect(await refused(oauth.refreshTokenGrant(config, tokens.refresh_token ?? ""))).toBe("invalid_grant");
  });

  test("rotate, and all end when an old one comes back", async () => {
    cloud.setTokenRules({ rotateRefreshTokens: true });
    const { tokens, config } = await link();
    const first = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(first.refresh_token).not.toBe(tokens.refresh_token);
    const second = await oauth.refreshTokenGrant(config, first.refresh_token ?? "");
    expect(await refused(oauth.refreshTokenGrant(config, first.refresh_token ?? ""))).toBe("invalid_grant");
    expect(await refused(oauth.refreshTokenGrant(config, second.refresh_token ?? ""))).toBe("invalid_grant");
    expect((await call(second.access_token, "GET", "/users/me")).status).toBe(401);
  });

  test.each(["access_token", "refresh_token"] as const)("of a link end with its %s, and of no other", async (which) => {
    const one = await link();
    const other = await link();
    const active = async (token = "") => (await oauth.tokenIntrospection(one.config, token)).active;
    expect(await active(one.tokens.refresh_token)).toBe(true);
    await oauth.tokenRevocation(one.config, one.tokens[which] ?? "");
    expect(await active(one.tokens.access_token)).toBe(false);
    expect(await active(one.tokens.refresh_token)).toBe(false);
    expect(await active(other.tokens.access_token)).toBe(true);
    expect((await call(other.tokens.access_token, "GET", "/users/me")).status).toBe(200);
  });

  test("are revoked by the vendor", async () => {
    const { tokens, config } = await link({ user: BOB });
    expect(cloud.revokeTokens("u-bob")).toBe(1);
    expect((await call(tokens.access_token, "GET", "/users/me")).status).toBe(200);
    expect(await refused(oauth.refreshTokenGrant(config, tokens.refresh_token ?? ""))).toBe("invalid_grant");
    expect(cloud.revokeTokens("u-bob", "all")).toBe(1);
    expect((await call(tokens.access_token, "GET", "/users/me")).status).toBe(401);
  });
});

describe("devices", () => {
  let token: string;
  beforeAll(async () => {
    token = (await link()).tokens.access_token;
  });

  const patch = (id: string, body: unknown, headers = {}) =>
    call(token, "PATCH", `/devices/${id}/state`, body, headers);
  const act = (id: string, body: unknown, headers = {}) => call(token, "POST", `/devices/${id}/actions`, body, headers);

  test("are listed page by page, 5,000 too, and page 30 twice on request", async () => {
    const { tokens } = await link({ user: BOB });
    cloud.addDevices("u-bob", "lamp", 4_997);
    cloud.setFaults({ repeatPage: 30 });
    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const { body } = await call(tokens.access_token, "GET", `/devices${next ? `?cursor=${next}` : ""}`);
      pages.push(body.devices.map(({ id }: { id: string }) => id));
      next = body.next;
    } while (next);
    expect(pages.map((page) => page.length)).toEqual(Array(51).fill(100));
    expect(pages[30]).toEqual(pages[29]);
    expect(new Set(pages.flat()).size).toBe(5_000);
  });

  test.each([
    ["a lamp", "lamp-u-alice-1", { level: 40, colorTemperature: 4_000 }, { level: 40, colorTemperature: 4_000 }],
    ["a fan's mode", "fan-u-alice-1", { mode: "high" }, { mode: "high", speed: 100 }],
    ["a fan's speed", "fan-u-alice-1", { speed: 50 }, { mode: "medium", speed: 50 }],
    ["a fan's end", "fan-u-alice-1", { speed: 0 }, { mode: "off", speed: 0 }],
    ["a camera", "camera-u-alice-1", { privacy: false }, { privacy: false, motion: false }],
  ])("change their state: %s", async (_what, id, change, state) => {
    expect(await patch(id, change)).toMatchObject({ status: 200, body: state });
    expect((await call(token, "GET", `/devices/${id}/state`)).body).toMatchObject(state);
    expect((await call(token, "GET", `/devices/${id}`)).body).toMatchObject({ id, online: true, state });
  });

  test.each([
    ["nothing", "lamp-u-alice-1", {}, 400, "bad_state"],
    ["what it has not", "lamp-u-alice-1", { speed: 1 }, 400, "bad_state"],
    ["a prototype's member", "lamp-u-alice-1", { constructor: 1 }, 400, "bad_state"],
    ["too much", "lamp-u-alice-1", { level: 101 }, 400, "bad_state"],
    ["another type", "lamp-u-alice-1", { on: "true" }, 400, "bad_state"],
    ["two words for one", "fan-u-alice-1", { mode: "low", speed: 99 }, 400, "bad_state"],
    ["a sensor's value", "camera-u-alice-1", { motion: true }, 400, "read_only"],
    ["another user's", "lamp-u-bob-1", { on: true }, 404, "unknown_device"],
    ["a list", "lamp-u-alice-1", [], 400, "bad_json"],
    ["64 KiB and more", "lamp-u-alice-1", { on: "x".repeat(70_000) }, 413, "too_large"],
  ])("refuse %s", async (_what, id, change, status, error) => {
    expect(await patch(id, change)).toMatchObject({ status, body: { error } });
  });

  test("act once for each Request-Id, and not while they are not connected", async () => {
    const lamp = "lamp-u-alice-1";
    cloud.simulate(lamp, { on: false });
    for (const attempt of [1, 2]) {
      const answer = await act(lamp, { action: "toggle" }, { "request-id": "trace-1" });
      expect([attempt, answer.status, answer.body.state.on]).toEqual([attempt, 200, true]);
    }
    expect((await act(lamp, { action: "toggle" })).body.state.on).toBe(false);
    expect((await act("fan-u-alice-1", { action: "step", parameters: { direction: "up" } })).body.state).toEqual({
      mode: "low",
      speed: 10,
    });
    expect((await act(lamp, { action: "constructor" })).body.error).toBe("unknown_action");
    expect((await act("fan-u-alice-1", { action: "step" })).body.error).toBe("bad_parameters");
    cloud.simulate(lamp, { online: false });
    expect(await act(lamp, { action: "toggle" })).toMatchObject({ status: 409, body: { error: "offline" } });
    expect(cloud.simulate(lamp, { online: true })).toMatchObject({ online: true, state: { on: false } });
  });

  test("stream, at most four times, and not through a cover", async () => {
    const camera = "camera-u-alice-1";
    const offer = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
    const start = () => act(camera, { action: "start-stream", parameters: { offer } });
    const sessions: string[] = [];
    for (let n = 0; n < 4; n++) sessions.push((await start()).body.sessionId);
    expect(await start()).toMatchObject({ status: 409, body: { error: "busy" } });
    for (const sessionId of sessions)
      expect((await act(camera, { action: "end-stream", parameters: { sessionId } })).status).toBe(200);
    expect((await act(camera, { action: "start-stream", parameters: { offer: "hello" } })).body.error).toBe(
      "bad_offer",
    );
    await patch(camera, { privacy: true });
    expect((await start()).body.error).toBe("lens_covered");
    await patch(camera, { privacy: false });
  });

  test("are not elsewhere", async () => {
    const headers = { host: "elsewhere.example" };
    const sent = tlsRequest(cloud.url, { ca: vendor.ca, agent: false, headers, checkServerIdentity: () => undefined });
    const status = new Promise((resolve) => sent.on("response", (answer) => resolve(answer.resume().statusCode)));
    sent.end();
    expect(await status).toBe(421);
  });

  test("are behind a token, a path and a method", async () => {
    expect(await call("nonsense", "GET", "/devices")).toMatchObject({ status: 401, body: { error: "invalid_token" } });
    expect((await call(token, "GET", "/elsewhere")).status).toBe(404);
    const wrong = await call(token, "DELETE", "/devices");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await call(token, "GET", "/devices?limit=101")).body.error).toBe("bad_limit");
    expect((await call(token, "GET", "/devices?cursor=AAAA")).body.error).toBe("bad_cursor");
    const reading = await link({ scope: "devices:read" });
    const answer = await call(reading.tokens.access_token, "PATCH", "/devices/lamp-u-alice-1/state", { on: true });
    expect(answer).toMatchObject({ status: 403, body: { error: "insufficient_scope" } });
  });
});

describe("events", () => {
  let receiver: Server;
  let hook: string;
  let answers: number[] = [];
  const received: { body: string; signature: string }[] = [];

  beforeAll(async () => {
    const { certificate: cert, privateKey: key } = vendor.server;
    receiver = createServer({ key, cert }, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      received.push({ body, signature: String(request.headers["vendor-signature"]) });
      response.writeHead(answers.shift() ?? 204, { location: "/elsewhere" }).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const origin = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    hook = `${origin}/hook`;
    await cloud.addClient({ id: "partner", secret: SECRET, redirectUris: [CALLBACK], webhookOrigins: [origin] });
  });
  afterAll(() => receiver.close());

  /** The events of a stream, as they come; `Last-Event-ID` if given. */
  const stream = async (lastEventId?: string, secret = SECRET) => {
    const events: (VendorEvent | "gap")[] = [];
    const sent = tlsRequest(cloud.eventsUrl, {
      ca: vendor.ca,
      agent: false,
      auth: `partner:${secret}`,
      headers: lastEventId ? { "last-event-id": lastEventId } : {},
    });
    sent.on("error", () => {});
    const status = await new Promise<number>((resolve) => {
      sent.on("response", (answer) => {
        let text = "";
        answer.on("error", () => {});
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
          const blocks = text.split("\n\n");
          text = blocks.pop() ?? "";
          for (const block of blocks) {
            const [, data] = /^data: (.*)$/m.exec(block) ?? [];
            if (data) events.push(block.startsWith("event: gap") ? "gap" : JSON.parse(data));
          }
        });
        resolve(answer.statusCode ?? 0);
      });
      sent.end();
    });
    return { status, events, end: () => sent.destroy() };
  };

  test("are streamed to a linked client, from where it was, and no more once it is unlinked", async () => {
    const { tokens, config } = await link();
    const open = await stream();
    const act = { action: "toggle" };
    await call(tokens.access_token, "POST", "/devices/lamp-u-alice-1/actions", act, { "request-id": "r-1" });
    cloud.simulate("camera-u-alice-1", { motion: true });
    await soon(() => expect(open.events).toHaveLength(2));
    expect(open.events[0]).toMatchObject({
      type: "device.state",
      userId: "u-alice",
      cause: "command",
      requestId: "r-1",
      changed: ["on"],
      device: { id: "lamp-u-alice-1", type: "lamp" },
    });
    const [, motion] = open.events as VendorEvent[];
    expect(motion).toMatchObject({ cause: "device", changed: ["motion"], device: { state: { motion: true } } });
    open.end();

    const offer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
    const begin = { action: "start-stream", parameters: { offer } };
    const { body } = await call(tokens.access_token, "POST", "/devices/camera-u-alice-1/actions", begin);
    cloud.setFaults({ duplicatePushes: true });
    const again = await stream(motion?.id);
    await soon(() => expect(again.events).toHaveLength(2));
    expect(again.events[0]).toEqual(again.events[1]);
    expect(again.events[0]).toMatchObject({
      type: "stream.answer",
      stream: { sessionId: body.sessionId, answer: expect.stringContaining("m=video 0 UDP/TLS/RTP/SAVPF 96") },
    });
    again.end();
    cloud.clearFaults();

    const lost = await stream("earlier-7");
    await soon(() => expect(lost.events).toEqual(["gap"]));
    expect((await stream(undefined, "wrong")).status).toBe(401);

    await oauth.tokenRevocation(config, tokens.refresh_token ?? "");
    cloud.revokeTokens("u-alice", "all");
    cloud.simulate("lamp-u-alice-1", { on: true });
    const witness = await link({ user: BOB });
    expect(witness.tokens.token_type).toBe("bearer");
    cloud.simulate("lamp-u-bob-1", { on: true });
    await soon(() => expect(lost.events).toHaveLength(2));
    expect(lost.events[1]).toMatchObject({ userId: "u-bob" });
    lost.end();
  });

  test("are pushed to a webhook, signed, in order, until they are taken", async () => {
    const { tokens } = await link();
    const secret = "a secret of the webhook".replaceAll(" ", "-");
    const subscribe = (url: string) => call(tokens.access_token, "POST", "/subscriptions", { url, secret });
    expect((await subscribe("http://127.0.0.1:1/")).body.error).toBe("origin_not_registered");
    const { status, body } = await subscribe(hook);
    expect([status, body.url]).toEqual([201, hook]);
    // Once more is the same one.
    expect((await subscribe(hook)).body).toEqual(body);
    expect((await call(tokens.access_token, "GET", "/subscriptions")).body).toEqual({ subscriptions: [body] });

    answers = [500, 302];
    cloud.simulate("lamp-u-alice-1", { level: 1 });
    cloud.simulate("lamp-u-alice-1", { level: 2 });
    await soon(() => expect(received).toHaveLength(4));
    const levels = received.map((push) => JSON.parse(push.body).device.state.level);
    expect(levels).toEqual([1, 1, 1, 2]);
    for (const { body: text, signature } of received) {
      const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(mac).toBe(createHmac("sha256", secret).update(`${seconds}.${text}`).digest("hex"));
    }
    cloud.setFaults({ duplicatePushes: true });
    cloud.simulate("lamp-u-alice-1", { level: 3 });
    const third = () => received.map(({ body: text }) => text).filter((text) => text.includes('"level":3,'));
    await soon(() => expect(third()).toHaveLength(2));
    expect(third()[0]).toBe(third()[1]);
    cloud.clearFaults();

    expect((await call(tokens.access_token, "DELETE", `/subscriptions/${body.id}`)).status).toBe(204);
    expect((await call(tokens.access_token, "GET", "/subscriptions")).body).toEqual({ subscriptions: [] });
    expect((await call(tokens.access_token, "DELETE", `/subscriptions/${body.id}`)).status).toBe(404);
  });
});

describe("faults", () => {
  const admin = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await globalThis.fetch(`${cloud.adminUrl}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  };

  test("of the token URL: no answer, HTML, an error, no expiry, no refresh token", async () => {
    const { tokens, config } = await link();
    const refresh = () => oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    cloud.setFaults({ tokenHangs: 1 });
    const hung = tlsRequest(cloud.tokenUrl, { method: "POST", ca: vendor.ca, agent: false });
    const ended = new Promise((resolve) => hung.on("error", resolve).on("response", resolve));
    hung.end("grant_type=refresh_token");
    await soon(() => expect(cloud.faults()).toEqual({}));
    hung.destroy(new Error("had enough"));
    expect(await ended).toMatchObject({ message: "had enough" });

    cloud.setFaults({ tokenHtml: 1 });
    await expect(refresh()).rejects.toMatchObject({ code: "OAUTH_RESPONSE_IS_NOT_JSON" });
    cloud.setFaults({ tokenErrors: { status: 503, times: 2 } });
    for (const _ of [1, 2]) await expect(refresh()).rejects.toMatchObject({ cause: { status: 503 } });
    cloud.setFaults({ tokenWithoutExpiry: 1, tokenWithoutRefreshToken: true });
    expect(Object.keys(await refresh()).sort()).toEqual(["access_token", "scope", "token_type"]);
    expect(Object.keys(await refresh()).sort()).toEqual(["access_token", "expires_in", "scope", "token_type"]);
    expect(cloud.faults()).toEqual({ tokenWithoutRefreshToken: true });

    cloud.setFaults({ revocationErrors: { status: 500, times: 1 } });
    await expect(oauth.tokenRevocation(config, tokens.access_token)).rejects.toThrow();
    expect((await call(tokens.access_token, "GET", "/users/me")).status).toBe(200);
  });

  test("of the API: slow, refusing, and HTML", async () => {
    const token = (await link()).tokens.access_token;
    const statuses = async (times: number) => {
      const found: number[] = [];
      for (let n = 0; n < times; n++) found.push((await call(token, "GET", "/users/me")).status);
      return found;
    };
    for (const status of [401, 429, 500]) {
      cloud.setFaults({ apiErrors: { status, times: 2 } });
      expect(await statuses(3)).toEqual([status, status, 200]);
    }
    cloud.setFaults({ apiHtml: 1, apiDelay: 30 });
    const before = performance.now();
    const { status, body } = await call(token, "GET", "/users/me");
    expect([status, body]).toEqual([200, expect.stringContaining("<!doctype html>")]);
    expect(performance.now() - before).toBeGreaterThan(29);
  });

  test("are switched at the operator's door, by programs on this machine alone", async () => {
    expect(await admin("POST", "/faults", { tokenHangs: 3 })).toEqual({ status: 200, body: { tokenHangs: 3 } });
    expect((await admin("GET", "/faults")).body).toEqual({ tokenHangs: 3 });
    expect((await admin("POST", "/faults", { fire: 1 })).body.error).toBe("unknown_fault");
    expect((await admin("POST", "/faults", { apiErrors: { status: 200, times: 1 } })).body.error).toBe("bad_fault");
    expect((await admin("POST", "/faults", { tokenHtml: 0 })).body.error).toBe("bad_fault");
    expect((await admin("DELETE", "/faults")).body).toEqual({});
    expect((await admin("POST", "/tokens", { accessTokenSeconds: 5 })).body.accessTokenSeconds).toBe(5);
    expect((await admin("POST", "/tokens", { accessTokenSeconds: 0 })).body.error).toBe("bad_value");
    expect((await admin("POST", "/simulate/devices/lamp-u-alice-1", { on: true })).body.state.on).toBe(true);
    expect((await admin("POST", "/simulate/users/u-alice/devices", { lamp: 1 })).body.total).toBe(4);
    expect((await admin("POST", "/simulate/devices/lamp-u-alice-2/remove")).status).toBe(204);
    expect((await admin("POST", "/simulate/users/u-alice/revoke", { tokens: "all" })).status).toBe(200);
    expect((await admin("POST", "/simulate/users/u-nobody/revoke", {})).status).toBe(404);
    expect((await admin("POST", "/faults", {}, { origin: "https://evil.example" })).status).toBe(403);
    expect((await admin("POST", "/faults", undefined, { "content-type": "text/plain" })).status).toBe(415);
    expect((await fetch(`${cloud.url}/faults`, {})).status).toBe(404);
  });
});

test("nothing that is secret is in the log", async () => {
  const { tokens, back } = await link();
  await call(tokens.access_token, "GET", "/devices");
  const text = log.join("\n");
  expect(text).toContain("GET /devices 200");
  const code = back.searchParams.get("code") ?? "";
  for (const secret of [tokens.access_token, tokens.refresh_token ?? "", code, SECRET, ALICE.password])
    expect(text).not.toContain(secret);
});

test.each([
  [{ users: [{ name: "carol", password: "short" }] }, "8 to 128"],
  [{ users: [{ name: "a b", password: "long enough" }] }, "1 to 64"],
  [{ clients: [{ id: "c", secret: "short", redirectUris: [CALLBACK] }] }, "16 to 256"],
  [{ clients: [{ id: "c", secret: SECRET, redirectUris: ["nowhere"] }] }, "is not a URL"],
  [{ clients: [{ id: "c", secret: SECRET, redirectUris: [CALLBACK], webhookOrigins: ["http://a/b"] }] }, "origin"],
  [{ clients: [{ id: "c", secret: SECRET, redirectUris: ["https://a.example/#b"] }] }, "redirect_uris"],
  [{ tokens: { accessTokenSeconds: 0.5 } }, "whole number"],
  [{ users: [{ name: "carol", password: "long enough", devices: { lamps: -1 } }] }, "devices"],
  [{ key: "nonsense" }, "PEM"],
])("does not start with %o", async (options, message) => {
  const { certificate, privateKey } = vendor.server;
  await expect(startVendorCloud({ key: privateKey, certificate, ...options })).rejects.toThrow(message);
});
