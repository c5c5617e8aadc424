import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Provider } from "oidc-provider";
import type { Command, Devices } from "./devices/devices.ts";
import { FAULTY_PAGE, type FaultSwitches } from "./faults.ts";
import { type JsonObject, Refusal, readJson, sendHtml, sendJson } from "./http.ts";
import type { Webhooks } from "./push/webhooks.ts";
import type { Users } from "./users.ts";

const MAX_BODY_BYTES = 65_536;
const MAX_PAGE = 100;
/** Commands whose answers are kept for repeats. */
const MAX_ANSWERS = 1_000;

/** Who asks: the user of the token, and the partner that holds it. */
interface Caller {
  userId: string;
  clientId: string;
  scopes: ReadonlySet<string>;
}

export interface ApiDeps {
  provider: Provider;
  users: Pick<Users, "find">;
  devices: Devices;
  webhooks: Webhooks;
  faults: FaultSwitches;
  /** Ends the waits of slow answers. */
  stopping: AbortSignal;
}

type Handler = (caller: Caller, request: IncomingMessage, url: URL, parts: string[]) => Promise<Answer> | Answer;
interface Answer {
  status: number;
  body?: unknown;
}
interface Route {
  method: string;
  path: RegExp;
  scope?: "devices:read" | "devices:control";
  handle: Handler;
}

/** The REST API: whatever a partner may do for the user whose token it holds. */
export function createApi(deps: ApiDeps) {
  const { provider, users, devices, webhooks, faults, stopping } = deps;
  const answers = new Map<string, JsonObject>();

  const callerOf = async (request: IncomingMessage): Promise<Caller> => {
    const [, token] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("send the access token as Authorization: Bearer");
    const found = await provider.AccessToken.find(token);
    const userId = found?.accountId;
    if (!found?.isValid || !userId || !users.find(userId) || !found.clientId)
      throw unauthorized("the access token is unknown, has run out or was revoked");
    return { userId, clientId: found.clientId, scopes: found.scopes };
  };

  const commandOf = (caller: Caller, request: IncomingMessage, deviceId: string): Command => {
    const requestId = request.headers["request-id"];
    if (requestId === undefined) return { userId: caller.userId, deviceId };
    if (typeof requestId !== "string" || !/^[\w.:@-]{1,128}$/.test(requestId))
      throw new Refusal(400, "bad_request_id", "Request-Id has 1 to 128 of a-z A-Z 0-9 _ . : @ -");
    return { userId: caller.userId, deviceId, requestId };
  };

  /** A command that comes again under its Request-Id has the answer of the first time, and happens once. */
  const once = (command: Command, run: () => JsonObject): JsonObject => {
    if (command.requestId === undefined) return run();
    const key = JSON.stringify([command.userId, command.deviceId, command.requestId]);
    const before = answers.get(key);
    if (before) return before;
    const answer = run();
    if (answers.size >= MAX_ANSWERS) answers.delete(answers.keys().next().value as string);
    answers.set(key, answer);
    return answer;
  };

  const listDevices: Handler = ({ userId }, _request, url) => {
    const page = pageOf(url.searchParams);
    const offset = page.number * page.limit;
    const { devices: found, total } = devices.list(userId, offset, page.limit);
    const repeated = faults.get().repeatPage === page.number + 1 && !page.again;
    const next = repeated
      ? cursorOf({ ...page, again: true })
      : offset + page.limit < total
        ? cursorOf({ ...page, number: page.number + 1, again: false })
        : undefined;
    return { status: 200, body: { devices: found, total, ...(next ? { next } : {}) } };
  };

  const routes: Route[] = [
    {
      method: "GET",
      path: /^\/users\/me$/,
      handle: ({ userId }) => ({ status: 200, body: { id: userId, name: users.find(userId)?.name } }),
    },
    { method: "GET", path: /^\/devices$/, scope: "devices:read", handle: listDevices },
    {
      method: "GET",
      path: /^\/devices\/([^/]+)$/,
      scope: "devices:read",
      handle: ({ userId }, _request, _url, [id = ""]) => ({ status: 200, body: devices.get(userId, id) }),
    },
    {
      method: "GET",
      path: /^\/devices\/([^/]+)\/state$/,
      scope: "devices:read",
      handle: ({ userId }, _request, _url, [id = ""]) => ({ status: 200, body: devices.get(userId, id).state }),
    },
    {
      method: "PATCH",
      path: /^\/devices\/([^/]+)\/state$/,
      scope: "devices:control",
      handle: async (caller, request, _url, [id = ""]) => {
        const change = await readJson(request, MAX_BODY_BYTES);
        const command = commandOf(caller, request, id);
        return { status: 200, body: once(command, () => ({ ...devices.setState(command, change).state })) };
      },
    },
    {
      method: "POST",
      path: /^\/devices\/([^/]+)\/actions$/,
      scope: "devices:control",
      handle: async (caller, request, _url, [id = ""]) => {
        const { action, parameters = {} } = await readJson(request, MAX_BODY_BYTES);
        if (typeof action !== "string" || typeof parameters !== "object" || parameters === null)
          throw new Refusal(400, "bad_action", 'the body is {"action": "…", "parameters": {…}}');
        const command = commandOf(caller, request, id);
        return { status: 200, body: once(command, () => devices.act(command, action, parameters as JsonObject)) };
      },
    },
    {
      method: "GET",
      path: /^\/subscriptions$/,
      scope: "devices:read",
      handle: ({ clientId, userId }) => ({
        status: 200,
        body: { subscriptions: webhooks.list(clientId, userId) },
      }),
    },
    {
      method: "POST",
      path: /^\/subscriptions$/,
      scope: "devices:read",
      handle: async ({ clientId, userId }, request) => ({
        status: 201,
        body: webhooks.add(clientId, userId, await readJson(request, MAX_BODY_BYTES)),
      }),
    },
    {
      method: "DELETE",
      path: /^\/subscriptions\/([^/]+)$/,
      scope: "devices:read",
      handle: ({ clientId, userId }, _request, _url, [id = ""]) => {
        webhooks.remove(clientId, userId, id);
        return { status: 204 };
      },
    },
  ];

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const matching = routes.filter(({ path }) => path.test(url.pathname));
    const route = matching.find(({ method }) => method === request.method);
    if (!route) {
      if (matching.length === 0) throw new Refusal(404, "unknown_path", "there is nothing here");
      const allow = matching.map(({ method }) => method).join(", ");
      throw new Refusal(405, "method_not_allowed", `use ${allow}`, { allow });
    }
    const { apiDelay } = faults.get();
    if (apiDelay) await wait(apiDelay, undefined, { signal: stopping });
    const status = faults.status("apiErrors");
    if (status === 401) throw unauthorized("the access token was refused because a fault is switched on");
    if (status)
      throw new Refusal(status, "fault", "a fault is switched on", status === 429 ? { "retry-after": "1" } : {});
    if (faults.hits("apiHtml")) return sendHtml(response, 200, FAULTY_PAGE);
    const caller = await callerOf(request);
    if (route.scope && !caller.scopes.has(route.scope))
      throw new Refusal(403, "insufficient_scope", `this needs the scope ${route.scope}`, {
        "www-authenticate": `Bearer error="insufficient_scope", scope="${route.scope}"`,
      });
    const [, ...parts] = route.path.exec(url.pathname) ?? [];
    const answer = await route.handle(caller, request, url, parts);
    sendJson(response, answer.status, answer.body);
  };
}

const unauthorized = (message: string): Refusal =>
  new Refusal(401, "invalid_token", message, { "www-authenticate": 'Bearer error="invalid_token"' });

interface Page {
  /** From 0. */
  number: number;
  limit: number;
  /** Whether this page is the repeat of itself that a fault asks for. */
  again: boolean;
}

const cursorOf = ({ number, limit, again }: Page): string =>
  Buffer.from(`${number} ${limit} ${again ? 1 : 0}`).toString("base64url");

function pageOf(query: URLSearchParams): Page {
  const cursor = query.get("cursor");
  if (cursor !== null) {
    const [, number, limit, again] =
      /^(\d{1,6}) (\d{1,3}) ([01])$/.exec(Buffer.from(cursor.slice(0, 64), "base64url").toString()) ?? [];
    if (Number(limit) >= 1 && Number(limit) <= MAX_PAGE)
      return { number: Number(number), limit: Number(limit), again: again === "1" };
    throw new Refusal(400, "bad_cursor", "cursor is the next of the page before");
  }
  const limit = query.get("limit") ?? String(MAX_PAGE);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE)
    throw new Refusal(400, "bad_limit", `limit is a number from 1 to ${MAX_PAGE}`);
  return { number: 0, limit: Number(limit), again: false };
}
