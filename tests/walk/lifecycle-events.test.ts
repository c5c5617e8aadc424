import { UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { DeleteConnectionCommand } from "@aws-sdk/client-iot-data-plane";
import { FakeClock } from "@hearth/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "./fleet.ts";
import { endPeers, type Peer } from "./peer.ts";

const ID = "lamp";
const SESSION = /^[0-9a-f-]{36}$/;

// Reference 10.1, seen by MQTT.js through TLS.
describe.each(["standard", "aws"] as const)("lifecycle events, profile %s", (profile) => {
  let fleet: Fleet;
  let clock: FakeClock;
  let watcher: Peer;
  let key: Awaited<ReturnType<Fleet["identity"]>>;

  beforeAll(async () => {
    clock = new FakeClock(Date.now());
    fleet = await openFleet({ profile, clock });
    const all = { Effect: "Allow", Action: "iot:*", Resource: "*" };
    key = await fleet.identity(
      [all, { Effect: "Deny", Action: "iot:Publish", Resource: fleet.arn("topic/closed") }],
      ID,
    );
    watcher = await fleet.connect(await fleet.identity([all]), { clientId: "watcher", keepalive: 1200 });
    const filters = [`$aws/events/presence/+/${ID}`, `$aws/events/subscriptions/+/${ID}`];
    expect(await watcher.subscribe(filters)).toEqual([1, 1]);
  });
  afterAll(async () => {
    endPeers();
    await fleet.close();
  });

  const connect = () => {
    // The profile `aws` takes one CONNECT a second of a client id.
    clock.advance(1_100);
    return fleet.connect(key, { clientId: ID, keepalive: 60 });
  };
  const next = async (name: string) => (await watcher.next(`$aws/events/${name}/${ID}`)).json;

  test("tell who came, subscribed, unsubscribed and left", async () => {
    const peer = await connect();
    const about = {
      clientId: ID,
      thingName: ID,
      sessionIdentifier: expect.stringMatching(SESSION),
      principalIdentifier: key.certificateId,
      timestamp: clock.now(),
    };
    const connected = await next("presence/connected");
    const address = { ipAddress: "127.0.0.1", versionNumber: 0 };
    expect(connected).toEqual({ ...about, ...address, eventType: "connected" });
    about.sessionIdentifier = connected["sessionIdentifier"] as never;

    await peer.subscribe(["a", "b/+"]);
    const subscribed = { ...about, eventType: "subscribed", topics: ["a", "b/+"] };
    expect(await next("subscriptions/subscribed")).toEqual(subscribed);
    await peer.client.unsubscribeAsync(["a", "never"]);
    const unsubscribed = { ...about, eventType: "unsubscribed", topics: ["a"] };
    expect(await next("subscriptions/unsubscribed")).toEqual(unsubscribed);

    await peer.end();
    expect(await next("presence/disconnected")).toEqual({
      ...about,
      eventType: "disconnected",
      versionNumber: 0,
      clientInitiatedDisconnect: true,
      disconnectReason: "CLIENT_INITIATED_DISCONNECT",
    });
  });

  test.each<[reason: string, end: (peer: Peer) => unknown]>([
    ["CONNECTION_LOST", (peer) => peer.kill()],
    ["CLIENT_ERROR", (peer) => peer.client.stream.write(Buffer.from("0000", "hex"))],
    ["AUTH_ERROR", (peer) => peer.publish("closed", "x").catch(() => {})],
    ["DUPLICATE_CLIENTID", () => connect()],
    ["MQTT_KEEP_ALIVE_TIMEOUT", () => clock.advance(90_000)],
    ["API_INITIATED_DISCONNECT", () => fleet.iotData.send(new DeleteConnectionCommand({ clientId: ID }))],
  ])("%s", async (disconnectReason, end) => {
    const peer = await connect();
    const { sessionIdentifier, versionNumber } = await next("presence/connected");
    await end(peer);
    expect(await next("presence/disconnected")).toMatchObject({
      ...{ sessionIdentifier, versionNumber, disconnectReason, eventType: "disconnected" },
      clientInitiatedDisconnect: false,
    });
    await peer.closed;
    if (disconnectReason !== "DUPLICATE_CLIENTID") return;
    // The one that took over has a number of its own.
    expect(await next("presence/connected")).toMatchObject({ versionNumber: (versionNumber as number) + 1 });
    await fleet.iotData.send(new DeleteConnectionCommand({ clientId: ID }));
    await next("presence/disconnected");
  });

  test("connect_failed, and FORBIDDEN_ACCESS when the certificate is deactivated", async () => {
    const own = await fleet.identity([
      { Effect: "Allow", Action: "iot:Connect", Resource: fleet.arn("client/other") },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: fleet.arn("topicfilter/$aws/events/presence/+/lamp") },
    ]);
    clock.advance(1_100);
    await expect(fleet.connect(own, { clientId: ID })).rejects.toThrow();
    expect(await next("presence/connect_failed")).toMatchObject({
      ...{ clientId: ID, eventType: "connect_failed", connectFailureReason: "AUTHORIZATION_FAILED" },
      principalIdentifier: own.certificateId,
    });
    const other = await fleet.connect(own, { clientId: "other" });
    // A device hears of others what its policy names, no more.
    expect(await other.subscribe("$aws/events/presence/+/lamp")).toEqual([1]);
    expect(await other.subscribe("$aws/events/presence/+/+")).toEqual([0x87]);
    expect(await other.subscribe("$aws/events/subscriptions/+/lamp")).toEqual([0x87]);

    const peer = await connect();
    await next("presence/connected");
    const { certificateId } = key;
    await fleet.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
    await peer.closed;
    expect(await next("presence/disconnected")).toMatchObject({
      ...{ disconnectReason: "FORBIDDEN_ACCESS", clientInitiatedDisconnect: false },
    });
    // Receive was not allowed to it: it heard nothing.
    expect(other.heard).toEqual([]);
  });

  test("nobody but the platform speaks on $aws/events", async () => {
    const forger = await fleet.connect(await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]));
    await expect(forger.publish(`$aws/events/presence/connected/${ID}`, "{}")).rejects.toThrow();
    expect(watcher.heard).toEqual([]);
  });
});
