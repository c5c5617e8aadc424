import { execFile, spawn } from "node:child_process";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { silentLogger } from "@hearth/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AgentBench, openAgentBench, withDirectory } from "../../../apps/hub/src/agent/agent-bench.ts";
import { type IpcServer, openIpcServer } from "../../../apps/hub/src/ipc/ipc-server.ts";
import { follow } from "../../../examples/hub-routine/src/main.ts";
import {
  createHubClient,
  encodeFrame,
  FrameReader,
  type HubClient,
  IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE,
  IOTMI_STATUS_BAD_REQUEST,
  IOTMI_STATUS_BUSY,
  IOTMI_STATUS_NO_SUCH_EVENT,
  IOTMI_STATUS_NO_SUCH_SERVICE,
  IOTMI_STATUS_NO_TOKEN,
  IOTMI_STATUS_NOT_CONNECTED,
  IOTMI_STATUS_OK,
  IOTMI_STATUS_TOO_MANY_SUBSCRIBERS,
  type JsonObject,
} from "./index.ts";

const PYTHON = new URL("../../../examples/hub-routine/hub_client.py", import.meta.url).pathname;
const run = promisify(execFile);
const hasPython = await run("python3", ["--version"]).then(
  () => true,
  () => {
    console.log("skipped: no python3 here, the Python client is not tried");
    return false;
  },
);

let hub: AgentBench;
let server: IpcServer;
let path: string;
let finish = () => {};
let finished: Promise<void>;
const clients: HubClient[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  let ready = () => {};
  const opened = new Promise<void>((resolve) => {
    ready = resolve;
  });
  finished = withDirectory(async (directory) => {
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    hub = await openAgentBench(directory);
    path = join(directory, "run", "aipc.sock");
    server = await openIpcServer({
      path,
      bus: hub.bus,
      command: hub.agent.command,
      clock: hub.clock,
      log: silentLogger,
    });
    await hub.add({ deviceId: "zb.1", values: { on: false, level: 5 } }, { deviceId: "zb.2", values: { on: false } });
    ready();
    await done;
    await server.close();
    await hub.stop();
  });
  await opened;
});

afterAll(async () => {
  for (const client of clients) await client.close();
  for (const socket of sockets) socket.destroy();
  finish();
  await finished;
});

async function connected(): Promise<HubClient> {
  const client = createHubClient({ path, context: "test" });
  clients.push(client);
  expect(await client.connect()).toBe(IOTMI_STATUS_OK);
  return client;
}

async function closeAll(): Promise<void> {
  for (const client of clients.splice(0)) await client.close();
  for (const socket of sockets.splice(0)) {
    if (socket.destroyed) continue;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.end();
    await closed;
  }
  // The server hears of it in the same turn, or the next.
  await new Promise((resolve) => setImmediate(resolve));
}

/** A client that says what it likes; resolves with what came until the server closed, or until `count` messages. */
function raw(...bytes: (Buffer | JsonObject)[]): { socket: Socket; messages: JsonObject[]; closed: Promise<void> } {
  const socket = createConnection(path);
  sockets.push(socket);
  const reader = new FrameReader();
  const messages: JsonObject[] = [];
  socket.on("data", (chunk) => messages.push(...reader.push(chunk)));
  socket.on("error", () => {});
  for (const part of bytes) socket.write(Buffer.isBuffer(part) ? part : encodeFrame(part));
  return { socket, messages, closed: new Promise((resolve) => socket.once("close", () => resolve())) };
}

const level = (traceId: string, OnLevel: number) => ({
  traceId,
  nodeId: "1",
  managedThingId: "thing-zb.1",
  endpoints: [
    {
      id: "1",
      capabilities: [
        {
          ...{ id: "matter.LevelControl@1.4", name: "Level Control", version: "1.0" },
          actions: [{ name: "UpdateState", parameters: { CurrentLevel: OnLevel } }],
        },
      ],
    },
  ],
});

test("row 77: commands 32 and 33 and event 3 work, a sixth subscriber is refused", async () => {
  const client = createHubClient({ path, context: "dimmer" });
  clients.push(client);
  const events: [number, JsonObject, string][] = [];
  const seen: unknown[] = [];
  const registered = client.registerSubscriber([IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE], (...event) => events.push(event));
  expect(await registered).toBe(IOTMI_STATUS_OK);
  expect(await client.registerSubscriber([0, 31], (event) => seen.push(event))).toBe(IOTMI_STATUS_OK);
  expect(await client.connect()).toBe(IOTMI_STATUS_OK);

  // Without a token, and with one.
  expect(await client.sendCommandRequest(level("DIM", 100))).toEqual({
    status: IOTMI_STATUS_NO_TOKEN,
    reply: "No valid token for local command, cannot process.",
  });
  await hub.giveToken(3_600);
  await expect.poll(() => hub.token.state().valid, { interval: 5 }).toBe(true);
  const before = hub.clock.now();
  expect(await client.sendCommandRequest(level("LIGHT_DIMMING_UPDATE", 100))).toEqual({
    status: IOTMI_STATUS_OK,
    reply: "Command received, will send command response back",
  });
  await expect.poll(() => events.length, { interval: 5 }).toBe(2);
  expect(events[0]).toEqual([
    3,
    {
      payload: {
        ...{ hasState: "true", nodeId: "zb.1", managedThingId: "thing-zb.1" },
        endpoints: [
          {
            id: "1",
            capabilities: [
              {
                ...{ id: "matter.LevelControl@1.4", name: "Level Control", version: "6" },
                properties: [{ name: "CurrentLevel", value: 100 }],
              },
            ],
          },
        ],
      },
    },
    "dimmer",
  ]);
  expect(events[1]?.[1]).toEqual({
    payload: {
      traceId: "LIGHT_DIMMING_UPDATE",
      commandReceivedAt: (before / 1000).toFixed(3),
      commandExecutedAt: (before / 1000).toFixed(3),
      ...{ managedThingId: "thing-zb.1", nodeId: "1" },
      endpoints: [
        {
          id: "1",
          capabilities: [
            {
              ...{ id: "matter.LevelControl@1.4", name: "Level Control", version: "6" },
              actions: [{ name: "UpdateState", responseCode: 200, parameters: {} }],
              properties: [{ name: "CurrentLevel", value: 100 }],
            },
          ],
        },
      ],
    },
  });
  expect(seen).toEqual([]);

  expect(await client.sendDeviceStateQuery({ managedThingId: "thing-zb.1" })).toMatchObject({
    status: IOTMI_STATUS_OK,
    payload: {
      currentState: { endpoints: [{ id: "1", capabilities: [{ name: "On/Off" }, { name: "Level Control" }] }] },
    },
  });
  expect(await client.sendDeviceStateQuery({ managedThingId: "nobody" })).toEqual({
    status: IOTMI_STATUS_OK,
    payload: { response: { code: 404, message: "this hub has no device nobody" } },
  });

  // Two are there; five may be, whoever they are, and a place that was left is free again.
  const other = await connected();
  for (let n = 3; n <= 5; n++) expect(await other.registerSubscriber([3], () => {})).toBe(IOTMI_STATUS_OK);
  const sixth = await connected();
  expect(await sixth.registerSubscriber([3], () => {})).toBe(IOTMI_STATUS_TOO_MANY_SUBSCRIBERS);
  await other.close();
  await expect.poll(() => sixth.registerSubscriber([3], () => {}), { interval: 20 }).toBe(IOTMI_STATUS_OK);
  await closeAll();
});

test("32 events and no 33rd, in the client and at the hub", async () => {
  const client = await connected();
  for (const wrong of [[32], [-1], [1.5], [3, 99]]) {
    expect(await client.registerSubscriber(wrong, () => {})).toBe(IOTMI_STATUS_NO_SUCH_EVENT);
  }
  expect(await client.registerSubscriber([...Array(32).keys()], () => {})).toBe(IOTMI_STATUS_OK);
  const { messages } = raw(
    { id: 1, service: "subscribe", events: [32] },
    { id: 2, service: "subscribe", events: "3" },
    { id: 3, service: "subscribe", events: Array(33).fill(3) },
    { id: 4, service: "subscribe" },
  );
  await expect
    .poll(() => messages.map(({ status }) => status), { interval: 5 })
    .toEqual(Array(4).fill(IOTMI_STATUS_NO_SUCH_EVENT));
  await closeAll();
});

test("frames of hostile sizes and contents cost their connection and nothing else", async () => {
  const header = (length: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    return bytes;
  };
  const bad: Buffer[] = [
    header(0x3fffffff),
    header(0),
    Buffer.concat([header(2), Buffer.from("[]")]),
    Buffer.concat([header(4), Buffer.from("null")]),
    Buffer.concat([header(3), Buffer.from([0xff, 0xfe, 0xfd])]),
    encodeFrame({ service: 32 }),
    encodeFrame({ id: "1", service: 32 }),
    // JSON can write numbers that no answer could repeat.
    Buffer.concat([header(24), Buffer.from('{"id":1e400,"service":3}')]),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  ];
  for (const bytes of bad) {
    const { messages, closed } = raw(bytes);
    await closed;
    expect(messages.map(({ status }) => status)).toEqual([IOTMI_STATUS_BAD_REQUEST]);
  }
  const nested = JSON.parse(`${"[".repeat(33)}${"]".repeat(33)}`);
  const action = (value: JsonObject[string]) => ({
    ...{ traceId: "t", managedThingId: "x" },
    endpoints: [{ id: "1", capabilities: [{ id: "x.Y", actions: [{ name: "Do", parameters: { value } }] }] }],
  });
  const deep = `{"id":11,"service":32,"payload":${JSON.stringify(action("deep")).replace('"deep"', `${"[".repeat(50_000)}${"]".repeat(50_000)}`)}}`;
  const { messages } = raw(
    { id: 1 },
    { id: 2, service: 34, payload: {} },
    { id: 3, service: "constructor" },
    { id: 4, service: 32 },
    { id: 5, service: 32, payload: [] },
    { id: 6, service: 32, payload: { traceId: "not a trace!", managedThingId: "x", endpoints: [] } },
    { id: 7, service: 32, payload: { traceId: "t", managedThingId: "x", endpoints: [{}] } },
    { id: 8, service: 33, payload: { managedThingId: { toString: "x" } } },
    { id: 9, service: 33, payload: JSON.parse('{"__proto__":{"managedThingId":"thing-zb.1"}}') },
    { id: 10, service: 32, payload: action(nested) },
    Buffer.concat([header(deep.length), Buffer.from(deep)]),
  );
  await expect.poll(() => messages.length, { interval: 5 }).toBe(11);
  expect(new Set(messages.slice(0, 3).map(({ status }) => status))).toEqual(new Set([IOTMI_STATUS_NO_SUCH_SERVICE]));
  expect(new Set(messages.slice(3).map(({ status }) => status))).toEqual(new Set([IOTMI_STATUS_BAD_REQUEST]));

  // Half a frame is waited for, but not for ever; who has begun none may be silent.
  const silent = raw();
  const half = raw(header(100), Buffer.from("{"));
  await expect.poll(() => half.socket.bytesWritten, { interval: 5 }).toBe(5);
  const alive = await connected();
  expect((await alive.sendDeviceStateQuery({ managedThingId: "thing-zb.1" })).status).toBe(IOTMI_STATUS_OK);
  hub.clock.advance(5_000);
  await half.closed;
  expect(silent.socket.destroyed).toBe(false);
  await closeAll();
});

test("32 programs at the same time, and no 33rd; too many requests of one are told so", async () => {
  const many = Array.from({ length: 32 }, () => raw());
  await expect.poll(() => many.every(({ socket }) => !socket.connecting), { interval: 5 }).toBe(true);
  const late = raw();
  await late.closed;
  expect(late.messages).toEqual([{ status: IOTMI_STATUS_BUSY, message: "32 programs are connected already" }]);
  await closeAll();
  const { messages } = raw(
    ...Array.from({ length: 40 }, (_, id) => ({ id, service: 33, payload: { managedThingId: "thing-zb.1" } })),
  );
  await expect.poll(() => messages.length, { interval: 5 }).toBe(40);
  const busy = messages.filter(({ status }) => status === IOTMI_STATUS_BUSY).length;
  expect(busy).toBeGreaterThan(0);
  expect(busy).toBeLessThanOrEqual(24);
  await closeAll();
});

test("who is told to go and does not hang up keeps neither a place nor the hub from stopping", async () => {
  const stubborn = (...bytes: Buffer[]): Promise<JsonObject[]> => {
    const socket = createConnection({ path, allowHalfOpen: true });
    sockets.push(socket);
    const reader = new FrameReader();
    const messages: JsonObject[] = [];
    socket.on("data", (chunk) => messages.push(...reader.push(chunk)));
    for (const part of bytes) socket.write(part);
    return new Promise((resolve) => socket.once("end", () => resolve(messages)));
  };
  const nameless = encodeFrame({ service: 33, payload: { managedThingId: "thing-zb.1" } });
  const named = encodeFrame({ id: 1, service: 33, payload: { managedThingId: "thing-zb.1" } });
  // What comes behind the frame that ends the connection is not heard.
  expect((await stubborn(Buffer.concat([nameless, named]))).map(({ status }) => status)).toEqual([
    IOTMI_STATUS_BAD_REQUEST,
  ]);
  const many = Array.from({ length: 32 }, () => raw());
  await expect.poll(() => many.every(({ socket }) => !socket.connecting), { interval: 5 }).toBe(true);
  expect((await stubborn()).map(({ status }) => status)).toEqual([IOTMI_STATUS_BUSY]);
  await server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server = await openIpcServer({ path, bus: hub.bus, command: hub.agent.command, clock: hub.clock, log: silentLogger });
});

test("of 100 requests at once the client holds back what the hub would refuse", async () => {
  const client = await connected();
  const ask = () => client.sendDeviceStateQuery({ managedThingId: "thing-zb.1" });
  const answers = await Promise.all(Array.from({ length: 100 }, ask));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => IOTMI_STATUS_OK));
  await closeAll();
});

test("a subscriber that does not read is let go of, the others hear everything", async () => {
  const deaf = raw({ id: 1, service: "subscribe", events: [3] });
  await expect.poll(() => deaf.messages.length, { interval: 5 }).toBe(1);
  deaf.socket.pause();
  const client = await connected();
  let heard = 0;
  await client.registerSubscriber([3], () => heard++);
  const text = "x".repeat(100_000);
  const properties = [{ name: "Text", value: text }];
  for (let n = 1; n <= 40; n++) {
    hub.bus.publish("cdmb.changed", {
      ...{ managedThingId: "thing-zb.2", deviceId: "zb.2", at: 0 },
      endpoints: [{ endpointId: "1", capabilities: [{ id: "x.Y@1.0", properties }] }],
    });
    await expect.poll(() => heard, { interval: 1 }).toBe(n);
  }
  deaf.socket.resume();
  await deaf.closed;
  await closeAll();
});

test("a client whose hub goes away is told, and nothing hangs", async () => {
  const reasons: string[] = [];
  const client = createHubClient({ path: `${path}.none`, onDisconnect: (reason) => reasons.push(reason) });
  expect(await client.connect()).toBe(IOTMI_STATUS_NOT_CONNECTED);
  expect((await client.sendDeviceStateQuery({})).status).toBe(IOTMI_STATUS_NOT_CONNECTED);
  const other = createHubClient({ path, onDisconnect: (reason) => reasons.push(reason) });
  expect(await other.connect()).toBe(IOTMI_STATUS_OK);
  expect((await other.sendCommandRequest({ text: "x".repeat(300_000) })).status).toBe(IOTMI_STATUS_BAD_REQUEST);
  await server.close();
  await expect.poll(() => reasons, { interval: 5 }).toEqual(["the hub ended the connection"]);
  expect((await other.sendDeviceStateQuery({})).status).toBe(IOTMI_STATUS_NOT_CONNECTED);
  server = await openIpcServer({ path, bus: hub.bus, command: hub.agent.command, clock: hub.clock, log: silentLogger });
});

test("a routine that is a program of its own, in TypeScript", async () => {
  await hub.giveToken(3_600);
  const lines: string[] = [];
  const following = follow({ path, leader: "thing-zb.1", follower: "thing-zb.2", say: (line) => lines.push(line) });
  await expect.poll(() => lines, { interval: 5 }).toEqual(["ready"]);
  hub.radio.change("zb.1", { on: true });
  await expect.poll(() => hub.radio.value("zb.2", "on"), { interval: 5 }).toBe(true);
  hub.radio.change("zb.1", { on: false });
  await expect.poll(() => hub.radio.value("zb.2", "on"), { interval: 5 }).toBe(false);
  await server.close();
  await following;
  server = await openIpcServer({ path, bus: hub.bus, command: hub.agent.command, clock: hub.clock, log: silentLogger });
});

test.runIf(hasPython)("the Python client: state, a command and its response, and a routine", async () => {
  await hub.giveToken(3_600);
  const python = (...words: string[]) => run("python3", [PYTHON, "--socket", path, ...words]);
  expect(JSON.parse((await python("state", "thing-zb.2")).stdout)).toMatchObject({ endpoints: [{ id: "1" }] });
  await expect(python("state", "nobody")).rejects.toMatchObject({ stderr: "this hub has no device nobody\n" });
  const { stdout, stderr } = await python("command", "thing-zb.2", "1", "matter.OnOff@1.4", "On");
  expect(stderr).toBe("Command received, will send command response back\n");
  expect(JSON.parse(stdout)).toMatchObject({
    managedThingId: "thing-zb.2",
    endpoints: [{ id: "1", capabilities: [{ actions: [{ name: "On", responseCode: 200 }] }] }],
  });
  expect(hub.radio.value("zb.2", "on")).toBe(true);

  const routine = spawn("python3", [PYTHON, "--socket", path, "follow", "thing-zb.1", "thing-zb.2"]);
  const said: string[] = [];
  createInterface({ input: routine.stderr }).on("line", (line) => said.push(line));
  const ended = new Promise((resolve) => routine.once("exit", resolve));
  await expect.poll(() => said, { interval: 10, timeout: 30_000 }).toEqual(["ready"]);
  hub.radio.change("zb.1", { on: false });
  await expect.poll(() => hub.radio.value("zb.2", "on"), { interval: 10, timeout: 30_000 }).toBe(false);
  routine.kill();
  await ended;
});
