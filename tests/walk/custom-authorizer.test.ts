import { request } from "node:https";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

// There is no custom authorizer yet: each door that leads to one says so, and no other identity stands in for it.
let fleet: Fleet;
let key: { certificate: string; privateKey: string };
beforeAll(async () => {
  fleet = await openFleet();
  key = await fleet.identity([{ Effect: "Allow", Action: "*", Resource: "*" }]);
});
afterEach(endPeers);
afterAll(() => fleet.close());

const NAME = "x-amz-customauthorizer-name";
const NOT_BUILT = "There is no custom authorizer mine: custom authorizers are not built yet.";

/** One HTTPS request, over a connection that has the certificate; an upgrade that succeeds is status 101. */
function ask(path: string, headers: Record<string, string>, method = "GET"): Promise<{ status: number; text: string }> {
  const { port } = new URL(fleet.file.httpsEndpoint);
  return new Promise((resolve, reject) => {
    const own = { cert: key.certificate, key: key.privateKey, ca: fleet.ca };
    const sent = request({ host: "localhost", port, path, method, headers, agent: false, ...own }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, text: "" });
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("ALPN mqtt (reference 1.1)", () => {
  test.each([4, 5] as const)(
    "MQTT version %i on the TLS port: CONNACK says no, whatever the certificate",
    async (version) => {
      for (const credentials of [{}, { username: `me?${NAME}=mine&token=t`, password: "p" }]) {
        const options = { port: fleet.file.tlsPort, ALPNProtocols: ["mqtt"], protocolVersion: version };
        await expect(fleet.connect(key, { ...options, ...credentials })).rejects.toMatchObject({
          code: version === 5 ? 0x87 : 5,
        });
      }
    },
  );

  test("8883 does not speak it", async () => {
    await expect(fleet.handshake(fleet.file.mqttsPort, { ALPNProtocols: ["mqtt"] })).rejects.toMatchObject({
      code: expect.stringMatching(/NO_APPLICATION_PROTOCOL/),
    });
    const socket = await fleet.handshake(fleet.file.mqttsPort, { ALPNProtocols: ["mqtt", "x-amzn-mqtt-ca"] });
    expect(socket.alpnProtocol).toBe("x-amzn-mqtt-ca");
    socket.destroy();
  });
});

describe("a request that names an authorizer", () => {
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": Buffer.alloc(16).toString("base64"),
    "sec-websocket-version": "13",
    "sec-websocket-protocol": "mqtt",
  };

  test("to speak MQTT over WebSocket: refused in words, by header and by query", async () => {
    const refused = { status: 501, text: JSON.stringify({ message: NOT_BUILT }) };
    expect(await ask("/mqtt", { ...upgrade, [NAME]: "mine" })).toEqual(refused);
    expect(await ask(`/mqtt?${NAME}=mine`, upgrade)).toEqual(refused);
  });

  test("to publish: refused in words, by header and by query", async () => {
    for (const [path, headers] of [
      ["/topics/a?qos=1", { [NAME]: "mine" }],
      [`/topics/a?qos=1&${NAME}=mine`, {}],
    ] as const) {
      const { status, text } = await ask(path, headers, "POST");
      expect([status, JSON.parse(text)]).toEqual([501, expect.objectContaining({ message: NOT_BUILT })]);
    }
    expect((await ask("/topics/a?qos=1", { [NAME]: "<mine>" }, "POST")).status).toBe(403);
    expect((await ask("/topics/a?qos=1", {}, "POST")).status).toBe(200);
  });

  test("in vain where the URL is signed: the signature counts, which has to cover the name", async () => {
    const { pathname, search } = new URL(await fleet.webSocketUrl());
    const { status, text } = await ask(pathname + search, { ...upgrade, [NAME]: "mine" });
    expect([status, text]).toEqual([403, expect.stringMatching(/sign/i)]);
  });
});
