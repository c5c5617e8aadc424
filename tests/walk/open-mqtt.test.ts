import { createConnection } from "node:net";
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
} from "@aws-sdk/client-iot";
import type { IClientOptions } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Fleet, openFleet } from "./fleet.ts";
import { connectPeer, endPeers, type Peer } from "./peer.ts";

const POLICY = "open";
/** Loopback, and yet not the address that the open port is bound to. */
const OTHER_ADDRESS = "127.0.0.2";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ openMqttPort: 0, openMqttPolicy: POLICY, bind: "0.0.0.0" });
});
afterAll(() => fleet.close());

const own = `\${iot:ClientId}`;
const document = (...topics: string[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:Connect", Resource: fleet.arn("client/*") },
      {
        Effect: "Allow",
        Action: ["iot:Publish", "iot:Receive"],
        Resource: topics.map((topic) => fleet.arn(`topic/${topic}`)),
      },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: topics.map((topic) => fleet.arn(`topicfilter/${topic}`)) },
    ],
  });

beforeEach(async () => {
  await fleet.iot.send(new CreatePolicyCommand({ policyName: POLICY, policyDocument: document(`${own}/*`, "all") }));
});
afterEach(async () => {
  endPeers();
  await fleet.iot.send(new DeletePolicyCommand({ policyName: POLICY })).catch(() => {});
});

const connect = (clientId: string, options: IClientOptions = {}): Promise<Peer> =>
  connectPeer({ protocol: "mqtt", host: "127.0.0.1", port: fleet.platform.ports.openMqtt ?? 0, clientId, ...options });

const accepts = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ host, port }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });

test("listens on 127.0.0.1 whatever `bind` says, and is off by default", async () => {
  const port = fleet.file.openMqttPort ?? 0;
  expect(port).toBe(fleet.platform.ports.openMqtt);
  expect(await accepts("127.0.0.1", port)).toBe(true);
  expect(await accepts(OTHER_ADDRESS, port)).toBe(false);
  expect(await accepts(OTHER_ADDRESS, fleet.file.mqttsPort)).toBe(true);

  const closed = await openFleet();
  expect(closed.platform.ports.openMqtt).toBeUndefined();
  expect(closed.file).not.toHaveProperty("openMqttPort");
  await closed.platform.stop();
});

test("a connection may do what the policy allows to its client id, and nothing else", async () => {
  const alice = await connect("alice");
  const bob = await connect("bob");
  expect(await alice.subscribe(["alice/in", "all", "bob/in"])).toEqual([1, 1, 135]);
  await bob.publish("all", "hello");
  expect((await alice.next("all")).text).toBe("hello");
  await expect(bob.publish("alice/in", "forged")).rejects.toThrow();
  expect(await bob.closed).toBe(135);
  expect(alice.heard).toEqual([]);
});

test("QoS 0 to a denied topic ends the connection", async () => {
  const bob = await connect("bob");
  await bob.publish("elsewhere", "x", 0);
  expect(await bob.closed).toBe(135);
});

test("a new version of the policy is in force on the next packet", async () => {
  const publisher = await connect("alice");
  const receiver = await connect("bob");
  await receiver.subscribe("all");
  await publisher.publish("all", "1");
  expect((await receiver.next("all")).text).toBe("1");

  await fleet.iot.send(
    new CreatePolicyVersionCommand({ policyName: POLICY, policyDocument: document(`${own}/*`), setAsDefault: true }),
  );
  await expect(publisher.publish("all", "2")).rejects.toThrow();
  expect(await publisher.closed).toBe(135);
  // The receiver's right is gone too: a device that may still publish does not reach it.
  const device = await fleet.connect(await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]));
  await device.publish("all", "3");
  await device.publish("bob/in", "4");
  await receiver.subscribe("bob/in");
  await device.publish("bob/in", "5");
  expect((await receiver.next("bob/in")).text).toBe("5");
  expect(receiver.heard).toEqual([]);

  await fleet.iot.send(new DeletePolicyVersionCommand({ policyName: POLICY, policyVersionId: "1" }));
});

test("a policy that is deleted allows nothing from the next packet on, and is waited for", async () => {
  const alice = await connect("alice");
  await alice.publish("alice/out", "1");
  await fleet.iot.send(new DeletePolicyCommand({ policyName: POLICY }));
  await expect(alice.publish("alice/out", "2")).rejects.toThrow();
  expect(await alice.closed).toBe(135);
  await expect(connect("alice")).rejects.toMatchObject({ code: 135 });

  await fleet.iot.send(new CreatePolicyCommand({ policyName: POLICY, policyDocument: document("all") }));
  await (await connect("alice")).publish("all", "3");
});

test("the client id of a managed thing stays its device's own", async () => {
  const puppet = await fleet.puppet(await fleet.claim());
  await expect(connect(puppet.credential.clientId)).rejects.toMatchObject({ code: 135 });
  await puppet.peer.publish(`north/${puppet.id}/control`, {});
});

test("what is not MQTT is hung up on", async () => {
  const socket = createConnection({ host: "127.0.0.1", port: fleet.file.openMqttPort ?? 0 });
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  let heard = "";
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await new Promise((resolve) => socket.on("close", resolve));
  expect(heard).toBe("");
});
