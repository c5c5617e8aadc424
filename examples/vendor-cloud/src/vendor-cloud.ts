import { createHash, timingSafeEqual } from "node:crypto";
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAdmin } from "./admin.ts";
import { createApi } from "./api.ts";
import { createDevices } from "./devices/devices.ts";
import { createFaultSwitches, FAULTY_PAGE } from "./faults.ts";
import { Refusal, sendHtml, sendJson, sendRefusal } from "./http.ts";
import { createAuthorizationServer, registerClient } from "./oauth/authorization-server.ts";
import { createSignIn } from "./oauth/sign-in.ts";
import { createTokenStore } from "./oauth/token-store.ts";
import { createOperator, type Operator } from "./operator.ts";
import {
  checkClient,
  checkTokenRules,
  DEFAULT_TOKEN_RULES,
  OptionsError,
  type VendorClient,
  type VendorCloudOptions,
  type VendorUser,
} from "./options.ts";
import { createEventStream } from "./push/event-stream.ts";
import { createEventLog } from "./push/events.ts";
import { createWebhooks } from "./push/webhooks.ts";
import { createUsers } from "./users.ts";

/** A vendor's cloud that runs. */
export interface VendorCloud extends Operator {
  /** The origin of everything below, and the issuer. */
  url: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl: string;
  introspectionUrl: string;
  eventsUrl: string;
  /** Absent without `adminPort`. */
  adminUrl?: string;
  /** The user's id. */
  addUser(user: VendorUser): Promise<string>;
  /** Makes the client known; one that is known already gets the new secret, redirect URIs and origins. */
  addClient(client: VendorClient): Promise<void>;
  /** Ends every connection. */
  stop(): Promise<void>;
}

const BOUNDS = { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 };
const MAX_CONNECTIONS = 2_000;

/** Starts a vendor's cloud; resolves when it accepts connections. Throws an OptionsError that says what will not do. */
export async function startVendorCloud(options: VendorCloudOptions): Promise<VendorCloud> {
  const { key, certificate, host = "127.0.0.1", bind = "127.0.0.1", port = 0, adminPort, log } = options;
  const rules = checkTokenRules(options.tokens ?? {}, DEFAULT_TOKEN_RULES);
  const stopping = new AbortController();
  const clients = new Map<string, VendorClient>();
  const users = createUsers();
  const faults = createFaultSwitches();
  const store = createTokenStore();
  const events = createEventLog();
  const devices = createDevices((change) => events.add(change));
  const operator = createOperator({ users, devices, store, faults, rules });

  // The issuer has the port in it, which is known only when the server listens; until then nobody is let in.
  let accept = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(503).end();
  };
  const server = tlsServer(key, certificate, (request, response) => accept(request, response));
  const url = `https://${host.includes(":") ? `[${host}]` : host}:${await listen(server, port, bind)}`;
  const provider = createAuthorizationServer({ issuer: url, store, users, faults, rules: operator.tokenRules });
  const authorize = provider.callback();
  const signIn = createSignIn({ provider, users });
  const webhooks = createWebhooks({
    log: events,
    isLinked: store.isLinked,
    originsOf: (clientId) => clients.get(clientId)?.webhookOrigins ?? [],
    faults,
    retryMilliseconds: options.pushRetryMilliseconds ?? 1_000,
    ...(options.webhookCa ? { ca: options.webhookCa } : {}),
  });
  const api = createApi({ provider, users, devices, webhooks, faults, stopping: stopping.signal });
  const streamEvents = createEventStream({ log: events, isLinked: store.isLinked, faults });

  const oauth = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    if (path === "/oauth/token") {
      // Its connection ends when the caller, or this server, has had enough.
      if (faults.hits("tokenHangs")) return;
      if (faults.hits("tokenHtml")) return sendHtml(response, 200, FAULTY_PAGE);
    }
    const status =
      path === "/oauth/token"
        ? faults.status("tokenErrors")
        : path === "/oauth/revoke"
          ? faults.status("revocationErrors")
          : undefined;
    if (status) return sendJson(response, status, { error: "server_error", error_description: "a fault is on" });
    await authorize(request, response);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Cookies, redirects and the issuer belong to one name.
    if (request.headers.host !== new URL(url).host)
      throw new Refusal(421, "wrong_host", `this cloud is ${url}`, { connection: "close" });
    const asked = new URL(request.url ?? "/", url);
    const { pathname } = asked;
    const [, uid] = /^\/sign-in\/([\w-]{1,64})$/.exec(pathname) ?? [];
    if (uid && (request.method === "GET" || request.method === "POST")) return signIn(request, response, uid);
    if (pathname.startsWith("/oauth/") || pathname === "/.well-known/openid-configuration")
      return oauth(request, response, pathname);
    if (pathname === "/events" && request.method === "GET")
      return streamEvents(request, response, clientOf(request, clients).id);
    return api(request, response, asked);
  };

  const admin = adminPort === undefined ? undefined : createPlainServer(BOUNDS, createAdmin(operator));
  const stop = async (): Promise<void> => {
    stopping.abort();
    webhooks.stop();
    await Promise.all([server, ...(admin ? [admin] : [])].map(close));
  };

  const addClient = async (given: VendorClient): Promise<void> => {
    const client = structuredClone(checkClient(given));
    await registerClient(provider, store, client);
    clients.set(client.id, client);
  };
  const addUser = async (user: VendorUser): Promise<string> => {
    const { id } = await users.add(user);
    const { lamps = 1, fans = 1, cameras = 1 } = user.devices ?? {};
    devices.add(id, "lamp", lamps);
    devices.add(id, "fan", fans);
    devices.add(id, "camera", cameras);
    return id;
  };
  let adminUrl: string | undefined;
  try {
    for (const client of options.clients ?? []) await addClient(client);
    for (const user of options.users ?? []) await addUser(user);
    if (admin) adminUrl = `http://127.0.0.1:${await listen(admin, adminPort ?? 0, "127.0.0.1")}`;
  } catch (error) {
    await stop();
    throw error instanceof Refusal ? new OptionsError(error.message) : error;
  }
  accept = (request, response) => {
    if (log) response.on("finish", () => log(`${request.method} ${request.url?.split("?")[0]} ${response.statusCode}`));
    handle(request, response).catch((error) => {
      if (log && !(error instanceof Refusal)) log(`${error}`);
      sendRefusal(response, error);
    });
  };

  return {
    ...operator,
    url,
    authorizationUrl: `${url}/oauth/authorize`,
    tokenUrl: `${url}/oauth/token`,
    revocationUrl: `${url}/oauth/revoke`,
    introspectionUrl: `${url}/oauth/introspect`,
    eventsUrl: `${url}/events`,
    ...(adminUrl ? { adminUrl } : {}),
    addUser,
    addClient,
    stop,
  };
}

/** The client whose id and secret the request shows (RFC 7617), compared in a time that tells nothing. */
function clientOf(request: IncomingMessage, clients: ReadonlyMap<string, VendorClient>): VendorClient {
  const refused = new Refusal(401, "invalid_client", "send the client's id and secret as Authorization: Basic", {
    "www-authenticate": 'Basic realm="events", charset="UTF-8"',
  });
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!encoded) throw refused;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  const client = clients.get(id);
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const same = timingSafeEqual(digest(secret.join(":")), digest(client?.secret ?? ""));
  if (!client || !same) throw refused;
  return client;
}

function tlsServer(
  key: string,
  cert: string,
  accept: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  try {
    const server = createTlsServer({ key, cert, minVersion: "TLSv1.2", ...BOUNDS }, accept);
    server.maxConnections = MAX_CONNECTIONS;
    return server;
  } catch {
    throw new OptionsError("the key and the certificate have to be PEM, and belong together");
  }
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new OptionsError(`${address}:${port}: ${error.message}`)));
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
