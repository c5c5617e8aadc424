import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreatePolicyVersionCommand,
  CreateThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  SetDefaultPolicyVersionCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from "@aws-sdk/client-iot";
import { PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { randomHex } from "@hearth/base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "./fleet.ts";
import { endPeers, type Peer } from "./peer.ts";

// Whatever changes a connection's rights is in force on the next packet: the change has been answered before it is sent.
let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet();
});
afterEach(endPeers);
afterAll(() => fleet.close());

type Key = Awaited<ReturnType<Fleet["identity"]>>;

const allow = (action: string | string[], ...resources: string[]) => ({
  Effect: "Allow",
  Action: action,
  Resource: resources.map((resource) => fleet.arn(resource)),
});
const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const most = () => allow(["iot:Connect", "iot:Subscribe", "iot:Receive", "iot:Publish", "iot:RetainPublish"], "*");
const without = (...actions: string[]) =>
  allow(
    ["iot:Connect", "iot:Subscribe", "iot:Receive", "iot:Publish", "iot:RetainPublish"].filter(
      (action) => !actions.includes(action),
    ),
    "*",
  );

/** Each of the four things that packets do, while it is allowed and when it is not any more. */
const packets: Record<
  string,
  { action: string; allowed(peer: Peer): Promise<void>; denied(peer: Peer): Promise<void> }
> = {
  publish: {
    action: "iot:Publish",
    allowed: (peer) => peer.publish("live/a", "x"),
    denied: (peer) => ends(peer, peer.publish("live/a", "x")),
  },
  "publish retained": {
    action: "iot:RetainPublish",
    allowed: (peer) => retain(peer),
    async denied(peer) {
      await peer.publish("live/a", "x");
      await ends(peer, retain(peer));
    },
  },
  subscribe: {
    action: "iot:Subscribe",
    allowed: async (peer) => expect(await peer.subscribe("live/s")).toEqual([1]),
    denied: async (peer) => expect(await peer.subscribe("live/s")).toEqual([0x87]),
  },
  receive: {
    action: "iot:Receive",
    async allowed(peer) {
      await peer.subscribe("live/r");
      await tell("live/r", "heard");
      await peer.next("live/r", ({ text }) => text === "heard");
    },
    async denied(peer) {
      await tell("live/r", "unheard");
      // What is sent behind it has been answered: it did not come before.
      await peer.publish("live/a", "x");
      expect(peer.heard.filter(({ text }) => text === "unheard")).toEqual([]);
    },
  },
};
const retain = (peer: Peer) => peer.client.publishAsync("live/a", "x", { qos: 1, retain: true }).then(() => undefined);
const tell = (topic: string, text: string) =>
  fleet.iotData.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from(text) }));
async function ends(peer: Peer, publication: Promise<unknown>): Promise<void> {
  await Promise.all([expect(publication).rejects.toThrow(), expect(peer.closed).resolves.toBe(0x87)]);
}

describe.each(Object.entries(packets))("%s over X.509", (_name, { action, allowed, denied }) => {
  test("CreatePolicyVersion as default, then SetDefaultPolicyVersion", async () => {
    const key = await fleet.identity([without(action)]);
    const { policyName } = key;
    const peer = await fleet.connect(key);
    await fleet.iot.send(
      new CreatePolicyVersionCommand({ policyName, policyDocument: document(most()), setAsDefault: true }),
    );
    await allowed(peer);
    await fleet.iot.send(new SetDefaultPolicyVersionCommand({ policyName, policyVersionId: "1" }));
    await denied(peer);
  });

  test("AttachPolicy, then DetachPolicy", async () => {
    const key = await fleet.identity([without(action)]);
    const other = await fleet.identity([allow(action, "*")]);
    const attachment = { policyName: other.policyName, target: key.certificateArn };
    const peer = await fleet.connect(key);
    await fleet.iot.send(new AttachPolicyCommand(attachment));
    await allowed(peer);
    await fleet.iot.send(new DetachPolicyCommand(attachment));
    await denied(peer);
  });
});

describe("a thing's", () => {
  const room = () => fleet.arn(`topic/\${iot:Connection.Thing.Attributes[room]}`);
  const inRoom = () => ({ Effect: "Allow", Action: "iot:Publish", Resource: room() });

  test("attribute in a variable: UpdateThing", async () => {
    const thingName = `thing-${randomHex(4)}`;
    const key = await fleet.identity([without("iot:Publish"), inRoom()], thingName);
    const peer = await fleet.connect(key, { clientId: thingName });
    const move = (to: string) =>
      fleet.iot.send(new UpdateThingCommand({ thingName, attributePayload: { attributes: { room: to } } }));
    await move("hall");
    await peer.publish("hall", "x");
    await move("attic");
    await peer.publish("attic", "x");
    await ends(peer, peer.publish("hall", "x"));
  });

  test("attachment: AttachThingPrincipal, then DetachThingPrincipal", async () => {
    const thingName = `thing-${randomHex(4)}`;
    const key = await fleet.identity([without("iot:Publish"), inRoom()]);
    const attachment = { thingName, principal: key.certificateArn };
    await fleet.iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { room: "hall" } } }));
    const peer = await fleet.connect(key, { clientId: thingName });
    await fleet.iot.send(new AttachThingPrincipalCommand(attachment));
    await peer.publish("hall", "x");
    await fleet.iot.send(new DetachThingPrincipalCommand(attachment));
    await ends(peer, peer.publish("hall", "x"));
  });
});

test.each(["INACTIVE", "REVOKED"] as const)("a certificate made %s: its connections end", async (newStatus) => {
  const key: Key = await fleet.identity([most()]);
  const peer = await fleet.connect(key);
  await fleet.iot.send(new UpdateCertificateCommand({ certificateId: key.certificateId, newStatus }));
  expect(await peer.closed).toBe(0x98);
  await expect(fleet.connect(key)).rejects.toThrow();
});

describe.each(Object.entries(packets))("%s over WebSocket with SigV4", (_name, { action, allowed, denied }) => {
  test("PutUserPolicy, then DeleteUserPolicy", async () => {
    const { iam } = fleet;
    const UserName = `user-${randomHex(4)}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const put = (PolicyName: string, ...statements: object[]) =>
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: document(...statements) }));
    await put("base", without(action));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const peer = await fleet.overWebSocket(await fleet.webSocketUrl({ credentials }));
    await put("more", allow(action, "*"));
    await allowed(peer);
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: "more" }));
    await denied(peer);
  });
});

describe("the access key that signed a WebSocket", () => {
  async function user() {
    const { iam } = fleet;
    const UserName = `user-${randomHex(4)}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const policy = { UserName, PolicyName: "all" };
    await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: document(most()) }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
    const url = await fleet.webSocketUrl({ credentials: { accessKeyId: AccessKeyId, secretAccessKey } });
    const setStatus = (Status: "Active" | "Inactive") =>
      iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
    return { url, setStatus, policy, key: { UserName, AccessKeyId } };
  }

  test("made Inactive: the next packet is denied, and nobody comes in by it until it is Active again", async () => {
    const { url, setStatus } = await user();
    const peer = await fleet.overWebSocket(url);
    await peer.subscribe("live/r");
    await setStatus("Inactive");
    await tell("live/r", "unheard");
    expect(await peer.subscribe("live/s")).toEqual([0x87]);
    await ends(peer, peer.publish("live/a", "x"));
    expect(peer.heard).toEqual([]);
    await expect(fleet.overWebSocket(url)).rejects.toThrow("closed before CONNACK");
    await setStatus("Active");
    await (await fleet.overWebSocket(url)).publish("live/a", "x");
  });

  test("deleted: the next packet is denied, and nobody comes in by it", async () => {
    const { url, key } = await user();
    const peer = await fleet.overWebSocket(url);
    await peer.publish("live/a", "x");
    await fleet.iam.send(new DeleteAccessKeyCommand(key));
    await ends(peer, peer.publish("live/a", "x"));
    await expect(fleet.overWebSocket(url)).rejects.toThrow("closed before CONNACK");
  });

  test("deleted with its user: the same", async () => {
    const { url, key, policy } = await user();
    const peer = await fleet.overWebSocket(url);
    await fleet.iam.send(new DeleteAccessKeyCommand(key));
    await fleet.iam.send(new DeleteUserPolicyCommand(policy));
    await fleet.iam.send(new DeleteUserCommand({ UserName: key.UserName }));
    await ends(peer, peer.publish("live/a", "x"));
    await expect(fleet.overWebSocket(url)).rejects.toThrow("closed before CONNACK");
  });

  test("of the account's root, made Inactive: the same", async () => {
    const { AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: "rooted" });
    const { AccessKeyId, SecretAccessKey } = AccessKey;
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
    const { iam } = fleet.platform.clients(credentials);
    const spare = (await iam.send(new CreateAccessKeyCommand({}))).AccessKey;
    const peer = await fleet.overWebSocket(await fleet.webSocketUrl({ credentials }));
    await peer.publish("live/a", "x");
    const { iam: other } = fleet.platform.clients({
      accessKeyId: spare?.AccessKeyId ?? "",
      secretAccessKey: spare?.SecretAccessKey ?? "",
    });
    await other.send(new UpdateAccessKeyCommand({ AccessKeyId, Status: "Inactive" }));
    await ends(peer, peer.publish("live/a", "x"));
  });
});

test("a presigned URL lets nobody in once it has expired; who is in stays in", async () => {
  const at = (seconds: number, expires: number) =>
    fleet.webSocketUrl({ signingDate: new Date(Date.now() - seconds * 1000) }, expires);
  const peer = await fleet.overWebSocket(await at(100, 120));
  await expect(fleet.overWebSocket(await at(121, 120))).rejects.toThrow("closed before CONNACK");
  await peer.publish("live/a", "x");
});
