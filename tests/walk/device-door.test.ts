import { AttachPolicyCommand, DetachPolicyCommand, UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { randomHex } from "@hearth/base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Claim, type Fleet, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

let fleet: Fleet;
let claim: Claim;
/** May do everything; for the tests that are not about policies. */
let full: { certificate: string; privateKey: string };
beforeAll(async () => {
  fleet = await openFleet();
  claim = await fleet.claim();
  full = await fleet.identity([everything()]);
});
afterEach(endPeers);
afterAll(() => fleet.close());

const allow = (Action: string | string[], ...resources: string[]) => ({
  Effect: "Allow",
  Action,
  Resource: resources.map((resource) => fleet.arn(resource)),
});
const everything = () => allow("iot:*", "*");

describe("a certificate", () => {
  test.each(["INACTIVE", "REVOKED"] as const)("made %s: closed at once, refused from then on", async (newStatus) => {
    const device = await fleet.puppet(claim);
    const { certificateId } = device.credential;
    await fleet.iot.send(new UpdateCertificateCommand({ certificateId, newStatus }));
    await device.peer.closed;
    await expect(fleet.connect(device.credential, { clientId: device.id })).rejects.toThrow();
    if (newStatus === "REVOKED") return;
    await fleet.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "ACTIVE" }));
    const back = await fleet.connect(device.credential, { clientId: device.id });
    expect(back.client.connected).toBe(true);
  });
});

describe.each([4, 5] as const)("policies, MQTT version %i", (protocolVersion) => {
  const denied = protocolVersion === 5 ? 0x87 : 0x80;

  test("${iot:Connection.Thing.ThingName} in connect, publish, subscribe and receive", async () => {
    const thingName = `thing-${randomHex(4)}`;
    const self = "${iot:Connection.Thing.ThingName}";
    const key = await fleet.identity(
      [
        allow("iot:Connect", `client/${self}`),
        allow(["iot:Publish", "iot:Receive"], `topic/lamp/${self}/*`),
        allow("iot:Subscribe", `topicfilter/lamp/${self}/*`, "topicfilter/other/*"),
      ],
      thingName,
    );
    const refused = protocolVersion === 5 ? 0x87 : 5;
    await expect(fleet.connect(key, { clientId: "other", protocolVersion })).rejects.toMatchObject({ code: refused });
    const peer = await fleet.connect(key, { clientId: thingName, protocolVersion });
    const filters = [`lamp/${thingName}/#`, "lamp/other/in", "lamp/+/in", "other/in"];
    expect(await peer.subscribe(filters)).toEqual([1, denied, denied, 1]);
    for (const qos of [0, 1] as const) {
      await peer.publish(`lamp/${thingName}/out`, `qos ${qos}`, qos);
      expect(await peer.next(`lamp/${thingName}/out`)).toMatchObject({ text: `qos ${qos}`, qos });
    }
    // It may subscribe to other/in, yet not receive it: silently skipped, the connection stays.
    const everyone = await fleet.connect(full);
    await everyone.publish("other/in", "secret");
    await everyone.publish(`lamp/${thingName}/in`, "yours");
    await peer.next(`lamp/${thingName}/in`);
    expect(peer.heard).toEqual([]);
    const said = peer.publish("lamp/other/out", "no");
    await expect(said).rejects.toThrow();
    expect(await peer.closed).toBe(protocolVersion === 5 ? 0x87 : undefined);
  });

  test("${iot:ClientId}: a wildcard in a client id is literal", async () => {
    const self = "${iot:ClientId}";
    const key = await fleet.identity([
      allow("iot:Connect", "client/*"),
      allow(["iot:Publish", "iot:Receive"], `topic/id/${self}/x`),
      allow("iot:Subscribe", `topicfilter/id/${self}/x`),
    ]);
    const usual = await fleet.connect(key, { clientId: "usual", protocolVersion });
    expect(await usual.subscribe(["id/usual/x", "id/other/x"])).toEqual([1, denied]);
    const star = await fleet.connect(key, { clientId: "*", protocolVersion });
    expect(await star.subscribe(["id/usual/x", "id/*/x", "id/#"])).toEqual([denied, 1, denied]);
    const said = star.publish("id/usual/x", "stolen");
    await expect(said).rejects.toThrow();
    expect(usual.heard).toEqual([]);
    const questions = await fleet.connect(key, { clientId: "?????", protocolVersion });
    expect(await questions.subscribe("id/usual/x")).toEqual([denied]);
  });

  test("a detached policy is in force at the next packet; an attached one too", async () => {
    const key = await fleet.identity([everything()]);
    const target = key.certificateArn;
    const peer = await fleet.connect(key, { protocolVersion });
    await peer.publish("a/b", "allowed");
    await fleet.iot.send(new DetachPolicyCommand({ policyName: key.policyName, target }));
    expect(await peer.subscribe("a/b")).toEqual([denied]);
    await fleet.iot.send(new AttachPolicyCommand({ policyName: key.policyName, target }));
    expect(await peer.subscribe("a/b")).toEqual([1]);
    await fleet.iot.send(new DetachPolicyCommand({ policyName: key.policyName, target }));
    // Nor does it hear anything: receiving is asked for each message.
    await fleet.iotData.send(new PublishCommand({ topic: "a/b", qos: 1, payload: Buffer.from("late") }));
    await expect(peer.publish("a/b", "denied")).rejects.toThrow();
    await peer.closed;
    expect(peer.heard).toEqual([]);
    await expect(fleet.connect(key, { protocolVersion })).rejects.toMatchObject({
      code: protocolVersion === 5 ? 0x87 : 5,
    });
  });

  test("what is published over HTTPS arrives; what clients may not do on reserved topics ends the connection", async () => {
    const peer = await fleet.connect(full, { protocolVersion });
    await peer.subscribe("news/today");
    await fleet.iotData.send(new PublishCommand({ topic: "news/today", qos: 1, payload: Buffer.from("sun") }));
    expect(await peer.next("news/today")).toMatchObject({ text: "sun", qos: 1 });
    await expect(peer.publish("$nonsense/x", "")).rejects.toThrow();
    await peer.closed;
  });

  test("the same client id takes over; a session outlives its connection", async () => {
    const session =
      protocolVersion === 5 ? { clean: true, properties: { sessionExpiryInterval: 60 } } : { clean: false };
    const clientId = `twin-${randomHex(3)}`;
    const first = await fleet.connect(full, { clientId, protocolVersion, ...session });
    await first.subscribe("twin/in");
    first.kill();
    await first.closed;
    const writer = await fleet.connect(full);
    await writer.publish("twin/in", "while away");
    const second = await fleet.connect(full, { clientId, protocolVersion, ...session, clean: false });
    expect(await second.next("twin/in")).toMatchObject({ text: "while away" });
    const third = await fleet.connect(full, { clientId, protocolVersion, ...session, clean: false });
    expect(await second.closed).toBe(protocolVersion === 5 ? 0x8e : undefined);
    await writer.publish("twin/in", "to the newer");
    expect(await third.next("twin/in")).toMatchObject({ text: "to the newer" });
  });
});

describe.each([
  ["classic", undefined],
  ["named", "night"],
])("the %s shadow over MQTT", (_kind, name) => {
  const topicOf = (thing: string) => `$aws/things/${thing}/shadow${name ? `/name/${name}` : ""}`;
  async function open(protocolVersion: 4 | 5 = 5) {
    const thing = `shadow-${randomHex(4)}`;
    const peer = await fleet.connect(full, { protocolVersion });
    const topic = topicOf(thing);
    await peer.subscribe([`${topic}/update/+`, `${topic}/get/+`, `${topic}/delete/+`]);
    return { peer, topic, thing };
  }

  test.each([4, 5] as const)("accepted, delta, documents, get, delete (MQTT version %i)", async (protocolVersion) => {
    const { peer, topic, thing } = await open(protocolVersion);
    const none = await peer.ask(`${topic}/get`, { clientToken: "t0" });
    expect(none).toMatchObject({ topic: `${topic}/get/rejected`, json: { code: 404, clientToken: "t0" } });
    expect(none.json["message"]).toBe(`No shadow exists with name: '${name ?? thing}'`);

    const state = { desired: { on: true, deep: { a: 1 } }, reported: { on: false } };
    const made = await peer.ask(`${topic}/update`, { state, clientToken: "t1" });
    const leaf = { timestamp: expect.any(Number) };
    expect(made.json).toEqual({
      state,
      metadata: { desired: { on: leaf, deep: { a: leaf } }, reported: { on: leaf } },
      version: 1,
      timestamp: expect.any(Number),
      clientToken: "t1",
    });
    expect((await peer.next(`${topic}/update/delta`)).json).toEqual({
      version: 1,
      timestamp: expect.any(Number),
      state: { on: true, deep: { a: 1 } },
      metadata: { on: leaf, deep: { a: leaf } },
      clientToken: "t1",
    });
    const { json: documents } = await peer.next(`${topic}/update/documents`);
    expect(documents).toMatchObject({ current: { state, version: 1 }, clientToken: "t1" });

    await peer.ask(`${topic}/update`, { state: { reported: { on: true, deep: { a: 1 } } } });
    const { json: second } = await peer.next(`${topic}/update/documents`);
    expect(second).toMatchObject({ previous: { state, version: 1 }, current: { version: 2 } });
    const got = await peer.ask(`${topic}/get`, "");
    expect(got.json).toMatchObject({ version: 2, state: { desired: state.desired, reported: state.desired } });
    expect(got.json["state"]).not.toHaveProperty("delta");
    expect(peer.heard.filter((one) => one.topic.endsWith("/delta"))).toEqual([]);

    const gone = await peer.ask(`${topic}/delete`, { clientToken: "t3" });
    expect(gone.json).toEqual({ version: 2, timestamp: expect.any(Number), clientToken: "t3" });
    expect((await peer.ask(`${topic}/get`, "")).json["code"]).toBe(404);
  });

  test("a version that is not its own: 409, the token echoed, nothing changed, nothing else told", async () => {
    const { peer, topic } = await open();
    await peer.ask(`${topic}/update`, { state: { reported: { n: 1 } } });
    await peer.next(`${topic}/update/documents`);
    const refused = await peer.ask(`${topic}/update`, {
      state: { desired: { n: 2 } },
      version: 7,
      clientToken: "stale",
    });
    expect(refused.topic).toBe(`${topic}/update/rejected`);
    expect(refused.json).toMatchObject({ code: 409, message: "Version conflict", clientToken: "stale" });
    expect((await peer.ask(`${topic}/get`, "")).json).toMatchObject({ version: 1, state: { reported: { n: 1 } } });
    expect(peer.heard).toEqual([]);
  });

  test.each([
    ["{", "Invalid JSON"],
    ["{}", "Missing required node: state"],
    [`{"state":5}`, "State node must be an object"],
    [`{"state":{"desired":5}}`, "Desired node must be an object"],
    [`{"state":{"reported":[]}}`, "Reported node must be an object"],
    [`{"state":{},"version":"x"}`, "Invalid version"],
    [`{"state":{},"clientToken":"${"x".repeat(65)}"}`, "Invalid clientToken"],
  ])("%s is refused: %s (reference 3.4)", async (body, message) => {
    const { peer, topic } = await open();
    const { json } = await peer.ask(`${topic}/update`, body);
    expect(json).toMatchObject({ code: 400, message });
  });

  test("the largest document, and one that is too large", async () => {
    const { peer, topic } = await open();
    const { topic: answer } = await peer.ask(`${topic}/update`, { state: { desired: { x: "a".repeat(8000) } } });
    expect(answer).toMatch(/accepted$/);
    const { json } = await peer.ask(`${topic}/update`, { state: { desired: { y: "a".repeat(8000) } } });
    expect(json).toMatchObject({ code: 413, message: "The payload exceeds the maximum size allowed" });
  });
});
