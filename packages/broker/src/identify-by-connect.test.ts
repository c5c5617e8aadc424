import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Kit, RawClient, startKit } from "../test/kit.ts";
import type { ConnectCredentials, IdentifyByConnect } from "./index.ts";

let kit: Kit;
let server: Server;
let shown: ConnectCredentials[];
let verdict: () => ReturnType<IdentifyByConnect>;
beforeEach(async () => {
  kit = await startKit();
  shown = [];
  server = createServer((socket) =>
    kit.broker.acceptByConnect(socket, (credentials) => {
      shown.push(credentials);
      return verdict();
    }),
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
  });

  test("may try again later when nobody could be asked", async () => {
    verdict = () => Promise.reject(new Error("down"));
    const client = await connect();
    client.send(hello(version));
    expect((await client.expect("connack")).reasonCode).toBe(version === 5 ? 0x88 : 3);
    await client.end();
  });
});

test("what does not begin with CONNECT is asked about by nobody", async () => {
  const client = await connect();
  client.bytes("c000");
  await client.end();
  expect(shown).toEqual([]);
  expect(kit.broker.metrics.protocolErrors).toBe(1);
});
