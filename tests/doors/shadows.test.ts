import { Agent, request } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificateRequest } from "../kit/certificate-request.ts";
import { connectPeer, endPeers, type Peer } from "../walk/peer.ts";
import { allow, type Door, openDoor, policy, refusing } from "./door.ts";
import { sign } from "./wire.ts";

/** Shadows by each way that leads to them (reference 3): the same rules, the same texts. */
type Method = "get" | "update" | "delete";
interface Target {
  thing: string;
  shadow?: string;
}
interface Answer {
  /** 200, or the code of the refusal. */
  code: number;
  /** The document, or the refusal's members. */
  body: Record<string, unknown>;
}
type Ask = (method: Method, target: Target, payload?: string | Buffer) => Promise<Answer>;

let door: Door;
let device: { certificate: string; privateKey: string; certificateId: string };
let peer: Peer;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  door = await openDoor();
  const { region, accountId } = door.file;
  const { iot } = door.root;
  const { privateKey, certificateSigningRequest } = await makeCertificateRequest("device");
  const made = await iot.send("CreateCertificateFromCsr", { certificateSigningRequest, setAsActive: true });
  const at = `arn:aws:iot:${region}:${accountId}`;
  const deny = {
    Effect: "Deny",
    Action: "iot:*",
    Resource: [`${at}:thing/foreign`, `${at}:topic/$aws/things/foreign/*`],
  };
  const policyName = "device";
  await iot.send("CreatePolicy", { policyName, policyDocument: policy(allow("iot:*"), deny) });
  await iot.send("AttachPolicy", { policyName, target: made.certificateArn ?? "" });
  const { certificatePem: certificate = "", certificateId = "" } = made;
  device = { certificate, privateKey, certificateId };
  peer = await connect("shadow-device");
  // At QoS 0: each answer would be acknowledged, and MQTT.js leaves it to the kernel when that goes out.
  await peer.subscribe(["$aws/things/+/shadow/#"], 0);
});
afterAll(async () => {
  agent.destroy();
  endPeers();
  await door?.stop();
});

const connect = (clientId: string): Promise<Peer> =>
  connectPeer({
    port: door.file.mqttsPort,
    ca: door.ca,
    cert: device.certificate,
    key: device.privateKey,
    clientId,
  });

const topicOf = ({ thing, shadow }: Target, method: Method): string =>
  `$aws/things/${thing}/shadow${shadow === undefined ? "" : `/name/${shadow}`}/${method}`;

const VERBS = { get: "GET", update: "POST", delete: "DELETE" } as const;
const requestOf = (method: Method, { thing, shadow }: Target, body: string | Buffer = "") => ({
  method: VERBS[method],
  path: `/things/${thing}/shadow${shadow === undefined ? "" : `?name=${encodeURIComponent(shadow)}`}`,
  headers: { host: new URL(door.file.httpsEndpoint).host },
  ...(method === "update" ? { body } : {}),
});

function https(sent: ReturnType<typeof requestOf>, more: object = {}): Promise<Answer> {
  const { method, path, headers, body } = sent;
  const { port } = new URL(door.file.httpsEndpoint);
  return new Promise((resolve, reject) => {
    const options = { host: "localhost", port, ca: door.ca, method, path, headers, agent, ...more };
    const call = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body: text === "" ? {} : JSON.parse(text) }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

const doors: Readonly<Record<string, Ask>> = {
  async MQTT(method, target, payload = "") {
    const { topic, json } = await peer.ask(topicOf(target, method), payload);
    return { code: topic.endsWith("/accepted") ? 200 : Number(json["code"]), body: json };
  },
  async "HTTPS with SigV4"(method, target, payload) {
    const { file } = door;
    const signing = { credentials: file, region: file.region, service: "iotdata" };
    const signed = await sign(file.httpsEndpoint, requestOf(method, target, payload), signing);
    return https(signed as ReturnType<typeof requestOf>);
  },
  "HTTPS with a client certificate": (method, target, payload) =>
    https(requestOf(method, target, payload), { cert: device.certificate, key: device.privateKey }),
};

const nested = (levels: number): object => (levels === 0 ? {} : { n: levels === 1 ? 1 : nested(levels - 1) });
const text = (value: unknown): string => JSON.stringify(value);
const latin1 = Buffer.from('{"state":{"desired":{"a":"\xe9"}}}', "latin1");

/** Reference 3.4. */
const refusals: readonly [code: number, message: string, what: string, method: Method, payload: string | Buffer][] = [
  [400, "Invalid JSON", "half a document", "update", '{"state":'],
  [400, "Invalid JSON", "an array", "update", "[]"],
  [400, "Invalid JSON", "a number", "update", "1"],
  [400, "Missing required node: state", "no state", "update", "{}"],
  [400, "State node must be an object", "a state that is a number", "update", '{"state":1}'],
  [400, "State node must be an object", "a state that is an array", "update", '{"state":[]}'],
  [400, "Desired node must be an object", "a desired text", "update", '{"state":{"desired":"on"}}'],
  [400, "Reported node must be an object", "a reported array", "update", '{"state":{"reported":[]}}'],
  [400, "Invalid version", "a version that is text", "update", '{"state":{},"version":"1"}'],
  [400, "Invalid version", "a negative version", "update", '{"state":{},"version":-1}'],
  [400, "Invalid version", "half a version", "update", '{"state":{},"version":1.5}'],
  [400, "Invalid clientToken", "a token of 65 bytes", "update", text({ state: {}, clientToken: "x".repeat(65) })],
  [400, "Invalid clientToken", "a token of 66 bytes", "update", text({ state: {}, clientToken: "ü".repeat(33) })],
  [400, "Invalid clientToken", "a token that is a number", "update", '{"state":{},"clientToken":7}'],
  [
    ...([400, "JSON contains too many levels of nesting; maximum is 6"] as const),
    ...(["nine levels", "update", text({ state: { desired: nested(9) } })] as const),
  ],
  [400, "State contains an invalid node", "a null in an array", "update", '{"state":{"desired":{"a":[1,null]}}}'],
  [400, "State contains an invalid node", "a third section", "update", '{"state":{"wanted":{}}}'],
  [404, "No shadow exists with name: '<name>'", "a shadow that is not there", "get", ""],
  [404, "No shadow exists with name: '<name>'", "a shadow that is not there", "delete", ""],
  [409, "Version conflict", "another version", "update", '{"state":{},"version":7}'],
  [
    ...([413, "The payload exceeds the maximum size allowed", "more than 8 KB", "update"] as const),
    text({ state: { desired: { a: "x".repeat(8_192) } } }),
  ],
  [415, "Unsupported documented encoding; supported encoding is UTF-8", "Latin 1", "update", latin1],
];

describe.each(Object.entries(doors))("by %s", (name, ask) => {
  const thing = name.replaceAll(" ", "-");
  const says = (payload: unknown, target: Target = { thing }): Promise<Answer> => ask("update", target, text(payload));
  const leaf = { timestamp: expect.any(Number) };

  test.each(refusals)("%i %s: %s", async (code, message, _what, method, payload) => {
    for (const target of [{ thing: `absent-${thing}` }, { thing, shadow: "$absent:1_a-b" }]) {
      const refused = await ask(method, target, payload);
      expect(refused).toMatchObject({
        code,
        body: { message: message.replace("<name>", target.shadow ?? target.thing) },
      });
    }
  });

  test("nested objects merge, arrays and scalars replace, nulls delete; the delta is what reported lacks", async () => {
    const first = await says({
      state: {
        desired: { on: true, rgb: [1, { a: 2 }], deep: { a: { b: 1, c: 2 } }, same: 1 },
        reported: { on: false, rgb: [1, { a: 3 }], deep: { a: { b: 1 } }, same: 1, extra: 1 },
      },
      clientToken: "first",
    });
    expect(first).toEqual({
      code: 200,
      body: {
        state: {
          desired: { on: true, rgb: [1, { a: 2 }], deep: { a: { b: 1, c: 2 } }, same: 1 },
          reported: { on: false, rgb: [1, { a: 3 }], deep: { a: { b: 1 } }, same: 1, extra: 1 },
        },
        metadata: {
          desired: { on: leaf, rgb: [leaf, { a: leaf }], deep: { a: { b: leaf, c: leaf } }, same: leaf },
          reported: { on: leaf, rgb: [leaf, { a: leaf }], deep: { a: { b: leaf } }, same: leaf, extra: leaf },
        },
        version: 1,
        timestamp: expect.any(Number),
        clientToken: "first",
      },
    });
    const delta = { on: true, rgb: [1, { a: 2 }], deep: { a: { c: 2 } } };
    expect((await ask("get", { thing })).body["state"]).toMatchObject({ delta });
    const second = await says({
      state: { desired: { deep: { a: { c: null } }, rgb: [9] }, reported: null },
      version: 1,
    });
    expect(second.body).toEqual({
      state: { desired: { deep: { a: { c: null } }, rgb: [9] }, reported: null },
      metadata: { desired: { deep: { a: {} }, rgb: [leaf] } },
      version: 2,
      timestamp: expect.any(Number),
    });
    const whole = { on: true, rgb: [9], deep: { a: { b: 1 } }, same: 1 };
    expect((await ask("get", { thing })).body).toMatchObject({ state: { desired: whole, delta: whole }, version: 2 });
    // Nothing changes, and the version grows.
    expect((await says({ state: {} })).body).toMatchObject({ version: 3 });
    expect((await says({ state: null })).body).toMatchObject({ version: 4 });
    expect((await ask("get", { thing })).body).toEqual({
      ...{ state: {}, metadata: {}, version: 4, timestamp: expect.any(Number) },
    });
    const gone = await ask("delete", { thing });
    expect(gone).toEqual({ code: 200, body: { version: 4, timestamp: expect.any(Number) } });
    expect((await says({ state: { reported: { a: 1 } } })).body).toMatchObject({ version: 5 });
  });

  test("eight levels and 8,192 bytes are taken, beside the classic shadow", async () => {
    const target = { thing, shadow: "limits" };
    expect((await says({ state: { desired: nested(8) } }, target)).code).toBe(200);
    const room = 8_192 - text({ reported: { a: "" } }).length;
    const full = { state: { desired: null, reported: { a: "x".repeat(room) } } };
    expect((await says(full, target)).code).toBe(200);
    const more = { state: { reported: { a: "x".repeat(room + 1) } } };
    expect((await says(more, target)).code).toBe(413);
    expect((await ask("delete", target)).body).toMatchObject({ version: 2 });
  });

  test("what changes is published to whoever listens", async () => {
    const target = { thing, shadow: "published" };
    const base = topicOf(target, "update");
    await says({ state: { desired: { a: 1 } }, clientToken: "told" }, target);
    for (const [topic, fields] of [
      [`${base}/delta`, { state: { a: 1 }, metadata: { a: leaf }, version: 1, clientToken: "told" }],
      [`${base}/documents`, { previous: { version: 0 }, current: { version: 1 }, clientToken: "told" }],
    ] as const) {
      expect((await peer.next(topic)).json).toMatchObject(fields);
    }
    if (name !== "MQTT") expect((await peer.next(`${base}/accepted`)).json).toMatchObject({ version: 1 });
  });
});

test("who may not is told so: by status over HTTPS, by the reason code over MQTT", async () => {
  const payload = '{"state":{}}';
  const withCertificate = doors["HTTPS with a client certificate"] as Ask;
  for (const method of ["get", "update", "delete"] as const) {
    expect(await withCertificate(method, { thing: "foreign" }, payload)).toEqual({
      ...{ code: 403, body: { message: "Forbidden", traceId: expect.any(String) } },
    });
  }
  // AWS closes such a connection, so it is one of its own.
  const other = await connect("intruder");
  const refused = other.publish("$aws/things/foreign/shadow/update", payload);
  await expect(refused).rejects.toMatchObject({ code: 0x87 });
  const stranger = await https(requestOf("get", { thing: "foreign" }));
  expect(stranger.code).toBe(403);
});

describe("history", () => {
  const thing = "historic";
  const refused = refusing("hearth", () => door.root);
  const list = (more: object = {}) => door.root.hearth.send("ListShadowHistory", { ThingName: thing, ...more });
  const at = (Timestamp: number) => door.root.hearth.send("GetShadowAt", { ThingName: thing, Timestamp });

  test("who changed what, and the state at each moment", async () => {
    const started = Date.now() / 1000;
    const names = Object.keys(doors);
    for (const [index, name] of names.entries()) {
      await doors[name]?.("update", { thing }, text({ state: { reported: { [`by${index}`]: name } } }));
    }
    const { Items } = await list();
    const principal = `${door.file.accountId}/${door.file.accountId}`;
    const SourceIp = expect.stringMatching(/127\.0\.0\.1|::1/);
    expect(Items.map(({ Version, Actor, Changes, Kind }) => ({ Version, Actor, Changes, Kind }))).toEqual(
      [
        { PrincipalId: device.certificateId, ClientId: "shadow-device", SourceIp },
        { PrincipalId: principal, SourceIp },
        { PrincipalId: device.certificateId, SourceIp },
      ]
        .map((Actor, index) => ({
          ...{ Version: index + 1, Actor, Kind: "UPDATE" },
          Changes: { reported: { [`by${index}`]: names[index] } },
        }))
        .reverse(),
    );
    for (const { Version, Timestamp, Actor } of Items) {
      const state = await at(Timestamp);
      // Two may share a millisecond: then it is the later one.
      expect(state.Version).toBeGreaterThanOrEqual(Version);
      if (state.Version === Version) expect(state.Actor).toEqual(Actor);
      expect(Object.keys((state.State as { reported: object }).reported)).toHaveLength(state.Version);
    }
    expect((await at(started + 1e6)).Metadata).toMatchObject({ reported: { by0: { timestamp: expect.any(Number) } } });
    await refused("GetShadowAt", "ResourceNotFoundException", { ThingName: thing, Timestamp: started - 1 });
    const since = await list({ From: Items[1]?.Timestamp, MaxResults: 100 });
    expect(since.Items.length).toBeGreaterThanOrEqual(2);
    expect((await list({ To: started - 1 })).Items).toEqual([]);
    expect((await list({ ShadowName: "other" })).Items).toEqual([]);
  });

  test("is for whoever may read it of that thing", async () => {
    const { region, accountId } = door.file;
    const arn = (resource: string) => `arn:aws:iot:${region}:${accountId}:thing/${resource}`;
    const statement = allow("hearth:*", [arn(thing), arn("lamp/night")]);
    const reader = door.as(await door.user("historian", [statement]));
    await door.root["iot-data"].send("UpdateThingShadow", {
      ...{ thingName: "lamp", shadowName: "night" },
      payload: Buffer.from('{"state":{"reported":{"on":true}}}'),
    });
    for (const [operation, more] of [
      ["ListShadowHistory", {}],
      ["GetShadowAt", { Timestamp: Date.now() / 1000 + 60 }],
    ] as const) {
      for (const open of [{ ThingName: thing }, { ThingName: "lamp", ShadowName: "night" }]) {
        await reader.hearth.send(operation, { ...open, ...more } as never);
      }
      for (const closed of [{ ThingName: "lamp" }, { ThingName: thing, ShadowName: "night" }]) {
        await refused(operation, "AccessDeniedException", { ...closed, ...more }, reader);
      }
    }
  });
});
