import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { allow, type Door, expectModelled, openDoor, policy, sender } from "./door.ts";
import { presign } from "./wire.ts";

const hasNats = spawnSync("nats-server", ["--version"]).status === 0;
if (!hasNats) console.warn("nats-server is not installed: notifications to NATS JetStream are NOT tried");

interface Posted {
  body: string;
  headers: Readonly<Record<string, unknown>>;
}

let door: Door;
let receiver: Server;
let at = "";
let nats: ChildProcess | undefined;
let natsUrl: string | undefined;
const directory = mkdtempSync(join(tmpdir(), "hearth-nats-"));
const posted: Posted[] = [];
/** What the receiver answers, first one first; 204 when there is none left. */
const answers: number[] = [];

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createSocketServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  at = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  if (hasNats) {
    const port = await freePort();
    natsUrl = `nats://127.0.0.1:${port}`;
    nats = spawn("nats-server", ["-js", "-sd", directory, "-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  }
  door = await openDoor({ outboundAllow: ["127.0.0.1"], natsUrl });
});
afterAll(async () => {
  await door.stop();
  receiver.closeAllConnections();
  receiver.close();
  nats?.kill();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});
beforeEach(() => {
  posted.length = 0;
  answers.length = 0;
});

const hearth = (operation: string, input: object) => sender(door.root.hearth).send(operation, input as never);
const managed = (operation: string, input: object) =>
  sender(door.root["iot-managed-integrations"]).send(operation, input as never);
const target = (type: string, name: string) =>
  `arn:aws:hearth:${door.file.region}:${door.file.accountId}:${type}/${name}`;

/** A role that trusts the platform and may do `action`, a destination under it, and DEVICE_LIFE_CYCLE going there. */
async function destination(Name: string, DeliveryDestinationArn: string, action = "hearth:PutNotification") {
  const trust = {
    Effect: "Allow",
    Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": door.file.accountId } },
  };
  await door.root.iam.send("CreateRole", { RoleName: Name, AssumeRolePolicyDocument: policy(trust) });
  const PolicyDocument = policy(allow(action, DeliveryDestinationArn));
  await door.root.iam.send("PutRolePolicy", { RoleName: Name, PolicyName: "put", PolicyDocument });
  const RoleArn = `arn:aws:iam::${door.file.accountId}:role/${Name}`;
  await managed("CreateDestination", { Name, DeliveryDestinationType: "KINESIS", DeliveryDestinationArn, RoleArn });
  const EventType = "DEVICE_LIFE_CYCLE";
  const { NotificationConfigurationList: list } = await managed("ListNotificationConfigurations", {});
  const operation = (list as unknown[]).length > 0 ? "Update" : "Create";
  await managed(`${operation}NotificationConfiguration`, { EventType, DestinationName: Name });
}

let serial = 0;
const happen = async () => {
  const { Id } = await managed("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:TARGET${++serial};UPC:829576019524;`,
  });
  return String(Id);
};
const come = (count: number) => vi.waitUntil(() => posted.length >= count, { timeout: 30_000 });

describe("a webhook", () => {
  let secret = "";
  const verified = ({ body, headers }: Posted, key: string) => {
    const [, time = "", ...macs] = /^t=(\d+)((?:,v1=[0-9a-f]{64})+)$/.exec(String(headers["hearth-signature"])) ?? [];
    const expected = createHmac("sha256", key).update(`${time}.${body}`).digest("hex");
    return macs.join("").split(",v1=").slice(1).includes(expected);
  };

  test("takes each record, signed with its secret, which is told once", async () => {
    const Url = `${at}/hook?token=1`;
    const made = await hearth("CreateNotificationTarget", { Type: "WEBHOOK", Name: "hook", Url });
    expect(made).toEqual({ Arn: target("webhook", "hook"), SigningSecret: expect.stringMatching(/^\w{43}$/) });
    secret = String(made["SigningSecret"]);
    const found = await hearth("GetNotificationTarget", { Type: "WEBHOOK", Name: "hook" });
    expect(found).toEqual({ Arn: made["Arn"], Type: "WEBHOOK", Name: "hook", Url, CreatedAt: expect.any(Number) });
    expect((await hearth("ListNotificationTargets", {}))["Items"]).toEqual([found]);
    await destination("hook", target("webhook", "hook"));
    const id = await happen();
    await come(1);
    const [one] = posted;
    const record = JSON.parse(one?.body ?? "") as Record<string, unknown>;
    expect(record).toMatchObject({ messageType: "DEVICE_LIFE_CYCLE", payload: { status: "UNASSOCIATED" } });
    expect(JSON.stringify(record)).toContain(id);
    expect(one?.headers).toMatchObject({
      "content-type": "application/json",
      "hearth-message-id": record["messageId"],
    });
    expect([verified(one!, secret), verified(one!, "another")]).toEqual([true, false]);
  });

  test("gets a record again until it has answered with 2xx", async () => {
    answers.push(500, 302);
    await happen();
    await come(3);
    expect(new Set(posted.map(({ body }) => body)).size).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(posted).toHaveLength(3);
  });

  test("is signed with both secrets for a day after they changed", async () => {
    const input = { Type: "WEBHOOK", Name: "hook" };
    const { SigningSecret } = await hearth("RotateNotificationTargetSecret", input);
    expect(SigningSecret).not.toBe(secret);
    await happen();
    await come(1);
    expect([verified(posted[0]!, secret), verified(posted[0]!, String(SigningSecret))]).toEqual([true, true]);
  });

  test.each([
    ["the metadata service", "http://169.254.169.254/latest"],
    ["a private network", "https://10.0.0.1/"],
    ["nowhere", undefined],
    ["a password", "https://a:b@example.com/"],
  ])("is refused to %s", async (_what, Url) => {
    const input = { Type: "WEBHOOK", Name: "forged", ...(Url === undefined ? {} : { Url }) };
    await expectModelled(
      "hearth",
      "CreateNotificationTarget",
      "ValidationException",
      hearth("CreateNotificationTarget", input),
    );
  });

  test("exists once under its name, and is gone when deleted", async () => {
    const input = { Type: "WEBHOOK", Name: "short", Url: at };
    await hearth("CreateNotificationTarget", input);
    await expectModelled(
      "hearth",
      "CreateNotificationTarget",
      "ConflictException",
      hearth("CreateNotificationTarget", input),
    );
    const key = { Type: "WEBHOOK", Name: "short" };
    await hearth("DeleteNotificationTarget", key);
    for (const operation of ["GetNotificationTarget", "DeleteNotificationTarget", "RotateNotificationTargetSecret"]) {
      await expectModelled("hearth", operation, "ResourceNotFoundException", hearth(operation, key));
    }
  });

  test("of another account, or none, is no destination; nor is one that the role may not put to", async () => {
    const RoleArn = `arn:aws:iam::${door.file.accountId}:role/hook`;
    const create = (DeliveryDestinationArn: string) =>
      managed("CreateDestination", {
        Name: "bad",
        DeliveryDestinationType: "KINESIS",
        DeliveryDestinationArn,
        RoleArn,
      });
    for (const arn of [
      target("webhook", "absent"),
      target("webhook", "hook").replace(door.file.accountId, "9".repeat(12)),
    ]) {
      await expectModelled("iot-managed-integrations", "CreateDestination", "ValidationException", create(arn));
    }
    await destination("powerless", target("webhook", "hook"), "kinesis:PutRecord");
    await happen();
    await managed("UpdateNotificationConfiguration", { EventType: "DEVICE_LIFE_CYCLE", DestinationName: "hook" });
    const second = await happen();
    await come(1);
    expect(posted[0]?.body).toContain(second);
  });

  test("repeats its creation by ClientToken, with the same secret", async () => {
    const input = { Type: "WEBHOOK", Name: "token", Url: at, ClientToken: "once" };
    const first = await hearth("CreateNotificationTarget", input);
    expect(await hearth("CreateNotificationTarget", input)).toEqual(first);
  });
});

describe("server-sent events", () => {
  const path = "/notification-targets/SSE/page/events";
  const signing = () => ({ credentials: door.file, region: door.file.region, service: "hearth" });
  /** Reads what comes on a presigned URL, as a browser's EventSource does. */
  async function follow(lastEventId?: string) {
    const url = await presign(door.file.apiEndpoint, { method: "GET", path, headers: {} }, signing(), 60);
    const abort = new AbortController();
    const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const response = await fetch(door.file.apiEndpoint + url.path, { headers, signal: abort.signal });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const heard = { text: "" };
    const reading = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard.text += chunk;
    })().catch(() => {});
    return {
      heard,
      events: () =>
        [...heard.text.matchAll(/^id: (.+)\ndata: (.+)\n\n/gm)].map(([, id = "", data = ""]) => ({ id, data })),
      async leave() {
        abort.abort();
        await reading;
      },
    };
  }

  test("come to whoever follows, and what was missed to who comes back", async () => {
    expect(await hearth("CreateNotificationTarget", { Type: "SSE", Name: "page" })).toEqual({
      Arn: target("sse", "page"),
    });
    await destination("sse", target("sse", "page"));
    const first = await follow();
    const id = await happen();
    await vi.waitUntil(() => first.events().length === 1, { timeout: 30_000 });
    const [event] = first.events();
    expect(event?.data).toContain(id);
    expect((JSON.parse(event?.data ?? "") as { messageId: string }).messageId).toBe(event?.id);
    await first.leave();
    const missed = await happen();
    const second = await follow(event?.id);
    await vi.waitUntil(() => second.events().length === 1, { timeout: 30_000 });
    expect(second.events()[0]?.data).toContain(missed);
    await second.leave();
  });

  test("are for those who may, of what is there, signed for this service", async () => {
    const status = async (at: string, options: object = {}) => {
      const plain = { method: "GET", path: at, headers: {} };
      const { path: signed } = await presign(door.file.apiEndpoint, plain, { ...signing(), ...options }, 60);
      return (await fetch(door.file.apiEndpoint + signed)).status;
    };
    expect(await status(path.replace("page", "absent"))).toBe(404);
    expect(await status(path, { credentials: await door.user("sse-nobody") })).toBe(403);
    expect(await status(path, { service: "iot" })).toBe(403);
    expect((await fetch(door.file.apiEndpoint + path)).status).toBe(403);
    const metrics = await (await fetch(`${door.file.apiEndpoint}/metrics`)).text();
    const counted =
      /hearth_api_request_seconds_count\{service="hearth",operation="ReceiveNotifications",status="(\d+)"\}/g;
    expect([...metrics.matchAll(counted)].map(([, code]) => code).sort()).toEqual(["200", "403", "404"]);
  });
});

describe.runIf(hasNats)("NATS JetStream", () => {
  let connection: NatsConnection;
  beforeAll(async () => {
    connection = await vi.waitFor(() => connect({ servers: natsUrl ?? "" }), { timeout: 30_000 });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "hearth", subjects: ["hearth.>"] });
  });
  afterAll(() => connection?.close());

  test("takes each record under the account's own subjects, once for each message id", async () => {
    const input = { Type: "JETSTREAM", Name: "stream", Subject: "life.cycle" };
    expect(await hearth("CreateNotificationTarget", input)).toEqual({ Arn: target("jetstream", "stream") });
    const subject = `hearth.${door.file.accountId}.${door.file.region}.life.cycle`;
    expect(await hearth("GetNotificationTarget", { Type: "JETSTREAM", Name: "stream" })).toMatchObject({
      Subject: subject,
    });
    await destination("jetstream", target("jetstream", "stream"));
    const id = await happen();
    const manager = await jetstreamManager(connection);
    const message = await vi.waitFor(
      async () => {
        const found = await manager.streams.getMessage("hearth", { last_by_subj: subject });
        if (!found) throw new Error("nothing yet");
        return found;
      },
      { timeout: 30_000, interval: 50 },
    );
    const record = message.json<Record<string, unknown>>();
    expect(JSON.stringify(record)).toContain(id);
    expect(message.header.get("Nats-Msg-Id")).toBe(record["messageId"]);
    const again = await jetstream(connection).publish(subject, "x", { msgID: String(record["messageId"]) });
    expect(again.duplicate).toBe(true);
  });

  test("has its subjects to itself, and no URL", async () => {
    for (const more of [{ Subject: ">" }, { Subject: "a.*" }, { Subject: "a..b" }, { Url: "https://example.com/" }]) {
      const made = hearth("CreateNotificationTarget", { Type: "JETSTREAM", Name: "bad", ...more });
      await expectModelled("hearth", "CreateNotificationTarget", "ValidationException", made);
    }
    const rotated = hearth("RotateNotificationTargetSecret", { Type: "JETSTREAM", Name: "stream" });
    await expectModelled("hearth", "RotateNotificationTargetSecret", "ConflictException", rotated);
  });
});
