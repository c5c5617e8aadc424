import { type AddressInfo, createServer, type Server } from "node:net";
import { FakeClock } from "@hearth/base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Kit, RawClient, startKit } from "../test/kit.ts";
import { type ConnectCredentials, type IdentifyByConnect, standardLimits } from "./index.ts";

let kit: Kit;
let clock: FakeClock;
let server: Server;
let shown: ConnectCredentials[];
let verdict: () => ReturnType<IdentifyByConnect>;
beforeEach(async () => {
  clock = new FakeClock();
  kit = await startKit({ clock });
  shown = [];
  server = createServer((socket) =>
    kit.broker.acceptByConnect(
      socket,
      (credentials) => {
        shown.push(credentials);
        return verdict();
      },
      { sourceIp: socket.remoteAddress },
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.close();
  await kit.stop();
});
const connect = () => RawClient.connect((server.address() as AddressInfo).port);
const hello = (version: 4 | 5) =>
  ({
    type: "connect",
    version,
    clean: true,
    keepAlive: 0,
    clientId: "c",
    username: "me?x",
    password: PASSWORD,
  }) as const;
const PASSWORD = Buffer.from("secret");
/** What the operator is told of those whom nobody knows. */
const told = (clientId?: string) => kit.broker.connectionLog.list("111111111111", { clientId, operator: true });
const { connectTimeout, packetSize } = standardLimits;

describe.each([4, 5] as const)("a client that its CONNECT identifies, version %i", (version) => {
  test("comes in as whom it was found to be, with all that it sent behind CONNECT", async () => {
    verdict = async () => ({
      identity: {
        accountId: "111111111111",
        region: "us-east-1",
        principalId: "somebody",
        sourceIp: "127.0.0.1",
        permissionsFor: async () => ({ allows: (action) => ({ allowed: action !== "iot:Publish", reason: "" }) }),
      },
    });
    const client = await connect();
    client.send(hello(version), {
      type: "subscribe",
      packetId: 1,
      subscriptions: [{ filter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
    });
    expect((await client.expect("connack")).reasonCode).toBe(0);
    expect((await client.expect("suback")).reasonCodes).toEqual([0]);
    expect(shown).toEqual([{ clientId: "c", username: "me?x", password: expect.objectContaining({ length: 6 }) }]);
    client.publish("a", "not allowed");
    await client.end();
  });

  test("is refused in words", async () => {
    verdict = async () => ({ refused: "There is nobody to ask." });
    const client = await connect();
    client.send(hello(version));
    const { reasonCode, properties } = await client.expect("connack");
    expect(reasonCode).toBe(version === 5 ? 0x87 : 5);
    expect(properties?.reasonString).toBe(version === 5 ? "There is nobody to ask." : undefined);
    await client.end();
    expect(kit.broker.metrics).toMatchObject({ connectionsRefused: 1, connectionsAccepted: 0 });
    expect(told("c")).toMatchObject([
      {
        ...{ eventType: "Connect", status: "Failure", cause: "authorizer", sourceIp: "127.0.0.1", protocol: "MQTT" },
        ...{ clientId: "c", reason: "the connection was refused: There is nobody to ask.", reasonCode },
      },
    ]);
    expect(JSON.stringify(told("c"))).not.toContain("secret");
  });

  test("may try again later when nobody could be asked", async () => {
    verdict = () => Promise.reject(new Error("down"));
    const client = await connect();
    client.send(hello(version));
    expect((await client.expect("connack")).reasonCode).toBe(version === 5 ? 0x88 : 3);
    await client.end();
    expect(told("c")).toMatchObject([
      { cause: "refused 0x88", reason: expect.stringContaining("nobody could be asked") },
    ]);
  });
});

test("what does not begin with CONNECT is asked about by nobody", async () => {
  const client = await connect();
  client.bytes("c000");
  await client.end();
  expect(shown).toEqual([]);
  expect(kit.broker.metrics).toMatchObject({ protocolErrors: 1, socketsRefused: 1 });
  expect(told()).toMatchObject([{ cause: "CLIENT_ERROR 0x82", reason: expect.stringContaining("not CONNECT [MQTT-") }]);
});

test("an unknown version is told which there are", async () => {
  const client = await connect();
  client.bytes("10 0c 00 04 4d515454 09 02 003c 0000");
  expect((await client.expect("connack")).reasonCode).toBe(1);
  await client.end();
  expect(told()).toMatchObject([{ cause: "CLIENT_ERROR 0x84", reason: expect.stringContaining("level 9") }]);
});

test("a CONNECT beyond the packet size is a limit that was reached", async () => {
  const client = await connect();
  client.bytes("10 ff ff ff 7f");
  await client.end();
  expect(told()).toMatchObject([{ cause: "packetSize", reasonCode: 0x95 }]);
  expect(told()[0]!.reason).toContain(`the limit packetSize is ${packetSize}`);
  expect(kit.broker.metrics.limitReached.packetSize).toBe(1);
});

test("who says nothing is closed in time, and both that and leaving early are told", async () => {
  const mute = await connect();
  const gone = await connect();
  gone.socket.end();
  await gone.end();
  await vi.waitFor(() => expect(told()).toMatchObject([{ cause: "CONNECTION_LOST" }]), 30_000);
  clock.advance(connectTimeout * 1000);
  await mute.end();
  expect(told()).toMatchObject([{ cause: "CONNECTION_LOST" }, { cause: "connectTimeout" }]);
  expect(told()[1]!.reason).toContain(`did not send CONNECT in time: the limit connectTimeout is ${connectTimeout}`);
  expect(kit.broker.metrics).toMatchObject({ socketsRefused: 2 });
  expect(kit.broker.metrics.limitReached.connectTimeout).toBe(1);
});
