import { FakeClock } from "@hearth/base";
import { type ConnectionClosed, type ConnectionOpened, connectionClosed, connectionOpened } from "@hearth/iot";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Kit, type RawClient, startKit, textOf } from "../test/kit.ts";

let kit: Kit;
let clock: FakeClock;
let watcher: RawClient;
beforeEach(async () => {
  clock = new FakeClock();
  kit = await startKit({ clock });
  watcher = await kit.rawClient("watcher", 4);
  await watcher.subscribe("$aws/events/+/+/thing-1", 0);
});
afterEach(() => kit.stop());

const event = async () => {
  const packet = await watcher.expect("publish");
  return { topic: packet.topic, ...JSON.parse(textOf(packet)) };
};

test("comings and goings are told on the bus and on $aws/events (reference 10.1)", async () => {
  const opened: ConnectionOpened[] = [];
  const closed: ConnectionClosed[] = [];
  kit.bus.subscribe(connectionOpened, (message) => opened.push(message));
  kit.bus.subscribe(connectionClosed, (message) => closed.push(message));
  const client = await kit.rawClient("thing-1", 5);
  const common = {
    clientId: "thing-1",
    thingName: "thing-1",
    timestamp: clock.now(),
    principalIdentifier: "cert",
    versionNumber: 0,
  };
  const connected = await event();
  expect(connected).toEqual({
    topic: "$aws/events/presence/connected/thing-1",
    ...common,
    eventType: "connected",
    ipAddress: "127.0.0.1",
    sessionIdentifier: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const { sessionIdentifier } = connected;
  await client.subscribe("a");
  expect(await event()).toMatchObject({ topic: "$aws/events/subscriptions/subscribed/thing-1", topics: ["a"] });
  client.send({ type: "unsubscribe", packetId: 2, filters: ["a", "never"] });
  expect(await event()).toMatchObject({ eventType: "unsubscribed", topics: ["a"], sessionIdentifier });
  client.send({ type: "disconnect", reasonCode: 0 });
  expect(await event()).toEqual({
    topic: "$aws/events/presence/disconnected/thing-1",
    ...common,
    eventType: "disconnected",
    sessionIdentifier,
    clientInitiatedDisconnect: true,
    disconnectReason: "CLIENT_INITIATED_DISCONNECT",
  });
  const principal = { accountId: "111111111111", principalId: "cert", certificateId: "cert" };
  const said = { clientId: "thing-1", thingName: "thing-1", sessionId: sessionIdentifier, versionNumber: 0 };
  expect(opened).toEqual([{ ...principal, ...said, ipAddress: "127.0.0.1", timestamp: clock.now() }]);
  expect(closed).toEqual([
    { ...principal, ...said, timestamp: clock.now(), clientInitiated: true, reason: "CLIENT_INITIATED_DISCONNECT" },
  ]);
});

test("the version number grows with each connection and starts again after an hour's absence", async () => {
  const numbers: number[] = [];
  kit.bus.subscribe(connectionOpened, ({ clientId, versionNumber }) => {
    if (clientId === "thing-2") numbers.push(versionNumber);
  });
  const visit = async () => {
    const client = await kit.rawClient("thing-2", 5);
    client.send({ type: "disconnect", reasonCode: 0 });
    await client.end();
  };
  await visit();
  await visit();
  clock.advance(3_599_000);
  await visit();
  clock.advance(3_601_000);
  await visit();
  expect(numbers).toEqual([0, 1, 2, 0]);
});

test("a refused connection is told, a client id that is no topic level is not", async () => {
  kit.denied.add("iot:Connect client/thing-1");
  await kit.rawClient("thing-1", 5);
  expect(await event()).toMatchObject({
    topic: "$aws/events/presence/connect_failed/thing-1",
    connectFailureReason: "AUTHORIZATION_FAILED",
  });
  await watcher.subscribe("$aws/#", 0);
  await watcher.settle();
  await kit.rawClient("a+b", 5);
  expect(await watcher.settle()).toEqual([]);
});
