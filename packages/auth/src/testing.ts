import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBus, createSealer, openSqlite, type Write } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import type { RequestContext } from "@hearth/contract";
import { SignatureV4 } from "@smithy/signature-v4";
import { type Auth, createAuth } from "./create-auth.ts";
import type { ConnectedThing, DeviceCertificate, DeviceDirectory } from "./device-directory.ts";
import { migrations } from "./migrations.ts";
import type { SignedRequest } from "./sigv4/signed-request.ts";
import { createEndpointNames } from "./x509/endpoint-names.ts";

/** What the room's own tests share: the room on a real store, and a signer that we did not write. */

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

export interface TestRoom {
  auth: Auth;
  clock: FakeClock;
  directory: TestDirectory;
  root: Credentials;
  /** What is said to use the service-linked role. */
  serviceRoleUses: { region: string; arn: string }[];
  /** As a room above would, with the writes that it was given. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Closes the store and opens the room again on what it holds. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestDirectory extends DeviceDirectory {
  certificates: Map<string, DeviceCertificate>;
  policiesOf: Map<string, { name: string; document: string }[]>;
  things: Map<string, ConnectedThing>;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

function createTestDirectory(): TestDirectory {
  const certificates = new Map<string, DeviceCertificate>();
  const policiesOf = new Map<string, { name: string; document: string }[]>();
  const things = new Map<string, ConnectedThing>();
  return {
    certificates,
    policiesOf,
    things,
    registrations: async (id) => [certificates.get(id) ?? []].flat(),
    policies: async (_account, id) => policiesOf.get(id) ?? [],
    policy: async (_account, _region, name) => [...policiesOf.values()].flat().find((policy) => policy.name === name),
    thing: async (_account, _id, clientId) => things.get(clientId),
  };
}

export async function openTestRoom(): Promise<TestRoom> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-auth-"));
  const file = join(folder, "hearth.db");
  const masterKey = randomBytes(32);
  const clock = new FakeClock();
  const directory = createTestDirectory();
  const home = { accountId: ACCOUNT, region: REGION };
  const endpoints = createEndpointNames({ publicHost: "localhost", home });

  const serviceRoleUses: TestRoom["serviceRoleUses"] = [];

  async function open() {
    const database = await openSqlite({ file, migrations, log: silentLogger, clock });
    const sealer = createSealer(masterKey);
    const auth = createAuth({
      database,
      sealer,
      clock,
      log: silentLogger,
      bus: createBus(silentLogger),
      directory,
      endpoints,
      serviceRoleUses: async () => serviceRoleUses,
    });
    const { accessKeyId, secretAccessKey } = await auth.ensureRootAccount({ accountId: ACCOUNT, region: REGION });
    return { database, auth, root: { accessKeyId, secretAccessKey } };
  }

  let opened = await open();
  const room: TestRoom = {
    auth: opened.auth,
    clock,
    directory,
    root: opened.root,
    serviceRoleUses,
    commit: (writes) => opened.database.commit(writes),
    async restart() {
      await opened.database.close();
      opened = await open();
      room.auth = opened.auth;
      room.root = opened.root;
    },
    async close() {
      await opened.database.close();
      rmSync(folder, { recursive: true, maxRetries: 10 });
    },
  };
  return room;
}

class Sha256 {
  readonly #hash: { update(data: Uint8Array): unknown; digest(): Buffer };
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : createHmac("sha256", typeof secret === "string" ? secret : bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? Buffer.from(data) : bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const bytes = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

export interface ToSign {
  method?: string;
  path?: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  body?: string;
}

const signer = (credentials: Credentials, service: string, region: string) =>
  new SignatureV4({ credentials, service, region, sha256: Sha256 });

const rawQuery = (query: Record<string, string | string[] | null> = {}): string =>
  Object.entries(query)
    .flatMap(([name, values]) => [values].flat().map((value) => `${percentEncode(name)}=${percentEncode(value ?? "")}`))
    .join("&");

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const toRequest = (request: ToSign) => ({
  method: request.method ?? "GET",
  protocol: "http:",
  hostname: "localhost",
  path: request.path ?? "/",
  query: request.query ?? {},
  headers: request.headers ?? { host: "localhost:4566" },
  body: request.body,
});

/** Signs in the header, as the SDKs do, and gives what a door would then receive. */
export async function sign(
  credentials: Credentials,
  toSign: ToSign,
  { service = "iot", region = REGION, now = Date.UTC(2026, 0, 1) } = {},
): Promise<SignedRequest> {
  const signed = await signer(credentials, service, region).sign(toRequest(toSign), { signingDate: new Date(now) });
  return received(signed, toSign, now);
}

/** Signs a URL. */
export async function presign(
  credentials: Credentials,
  toSign: ToSign,
  { service = "iotdevicegateway", region = REGION, now = Date.UTC(2026, 0, 1), expiresIn = 900 } = {},
): Promise<SignedRequest> {
  const signed = await signer(credentials, service, region).presign(toRequest(toSign), {
    signingDate: new Date(now),
    expiresIn,
  });
  return received(signed, toSign, now);
}

function received(
  signed: {
    method: string;
    path: string;
    query?: Record<string, string | string[] | null>;
    headers: Record<string, string>;
  },
  { body }: ToSign,
  now: number,
): SignedRequest {
  const headers = Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method: signed.method,
    rawPath: signed.path,
    rawQuery: rawQuery(signed.query),
    headers,
    body: Buffer.from(body ?? ""),
    sourceIp: "127.0.0.1",
    now,
  };
}

/** An operation's view of a caller, authorized as a door would. */
export function requestOf(auth: Auth, principal: RequestContext["principal"], now: number): RequestContext {
  return {
    accountId: principal.accountId,
    region: REGION,
    principal,
    requestId: "r",
    service: "test",
    operation: "Test",
    sourceIp: "127.0.0.1",
    userAgent: "test",
    now,
    authorize: (action, resource, context) => auth.authorize(principal, action, resource, context),
  };
}
