import type { TLSSocket } from "node:tls";
import { createMemoryCredentialStore, createMqttAgent, QueueFullError } from "@hearth/device-sdk";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openCuttableProxy } from "./cuttable-proxy.ts";
import { eventually, type Fleet, lightReport, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

// Rows of the acceptance checklist, section 15 of the reference, by their numbers.
let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet();
});
afterEach(endPeers);
afterAll(() => fleet.close());
const all = () => [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];

describe("row 87: Provisionee. The five steps run; wrong serial or UPC is rejected by the hook", () => {
  test("1 claim, 2 hook, 3 permanent certificate stored, 4 reconnect, 5 capabilities", async () => {
    const claim = await fleet.claim();
    const { id, info } = await fleet.expect();
    const store = createMemoryCredentialStore();
    const credential = await fleet.provision(claim, info, store);
    expect(await store.load("Device Cert")).toEqual(credential);
    expect(await store.load("Pending Cert")).toBeUndefined();
    expect(await fleet.status(id)).toBe("DISCOVERED");
    await fleet.animate(credential, id, lightReport);
    expect(await fleet.status(id)).toBe("ACTIVATED");
    // From then on it runs only to provision again: with the profile gone the stored certificate still serves.
    await fleet.managed.send("DeleteProvisioningProfile", { Identifier: claim.id });
    expect(await fleet.provision(claim, info, store)).toEqual(credential);
    const peer = await fleet.connect(credential, { clientId: id });
    expect(peer.client.connected).toBe(true);
  });

  test.each([
    ["serial", { SerialNumber: "NOBODY" }],
    ["UPC", { UniversalProductCode: "111111111111" }],
  ])("a wrong %s is rejected, and nothing is stored but what awaits its end", async (_what, wrong) => {
    const claim = await fleet.claim();
    const { id, info } = await fleet.expect();
    const store = createMemoryCredentialStore();
    await expect(fleet.provision(claim, { ...info, ...wrong }, store)).rejects.toMatchObject({
      name: "ProvisioningError",
      statusCode: 403,
      errorCode: "ACCESS_DENIED",
    });
    expect(await store.load("Device Cert")).toBeUndefined();
    expect(await fleet.status(id)).toBe("UNASSOCIATED");
    // The same device with its right label, and the certificate that it already has, comes in.
    expect((await fleet.provision(claim, info, store)).managedThingId).toBe(id);
  });
});

describe("row 89: MQTT agent. Concurrent publishers lose no message; full queue returns an error", () => {
  test("50 publishers of 40 messages each, the connection cut twice: all 2,000 arrive, each publisher's in order", async () => {
    const key = await fleet.identity(all());
    const listener = await fleet.connect(key);
    await listener.subscribe("row89/#");
    const proxy = await openCuttableProxy(fleet.file.mqttsPort);
    const agent = createMqttAgent({
      connection: { host: "localhost", port: proxy.port, ca: fleet.ca, ...key, clientId: "row89" },
      queueSize: 2000,
      backOff: { minimum: 10, maximum: 50 },
    });
    try {
      agent.start();
      await agent.whenConnected();
      let acknowledged = 0;
      const publishers = Array.from({ length: 50 }, async (_, publisher) => {
        for (let message = 0; message < 40; message++) {
          await agent.publish(`row89/${publisher}`, String(message));
          acknowledged++;
          if (acknowledged === 400 || acknowledged === 1200) proxy.cut();
        }
      });
      await Promise.all(publishers);
      expect(proxy.connections).toBeGreaterThanOrEqual(3);
      expect(acknowledged).toBe(2000);
      expect(agent.pending).toBe(0);

      const arrived = () => {
        const distinct = new Map<string, number[]>();
        for (const { topic, text } of listener.heard) {
          const list = distinct.get(topic) ?? [];
          if (!list.includes(Number(text))) list.push(Number(text));
          distinct.set(topic, list);
        }
        return distinct;
      };
      const count = () => [...arrived().values()].reduce((sum, list) => sum + list.length, 0);
      await eventually("2,000 messages", async () => count() === 2000 || undefined);
      const inOrder = Array.from({ length: 40 }, (_, message) => message);
      for (const list of arrived().values()) expect(list).toEqual(inOrder);
    } finally {
      await agent.stop();
      await proxy.close();
    }
  });

  test("a full queue says so at once, takes nothing, and takes again when there is room", async () => {
    const key = await fleet.identity(all());
    const listener = await fleet.connect(key);
    await listener.subscribe("full/#");
    const agent = createMqttAgent({
      connection: { host: "localhost", port: fleet.file.mqttsPort, ca: fleet.ca, ...key, clientId: "full" },
      queueSize: 10,
    });
    // Not started: nothing leaves the queue.
    const queued = Array.from({ length: 10 }, (_, index) => agent.publish("full/x", String(index)));
    for (let index = 0; index < 5; index++) {
      await expect(agent.publish("full/x", "too much")).rejects.toBeInstanceOf(QueueFullError);
    }
    expect(agent.pending).toBe(10);
    agent.start();
    await Promise.all(queued);
    await agent.publish("full/x", "last");
    await listener.next("full/x", ({ text }) => text === "last");
    expect(listener.heard.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
    await agent.stop();
  });
});

describe("row 90: MQTT ports. Connection succeeds on 8883 and on 443 with ALPN", () => {
  test.each([4, 5] as const)("MQTT version %i, messages from either to the other", async (protocolVersion) => {
    const key = await fleet.identity(all());
    const direct = await fleet.connect(key, { protocolVersion });
    const viaAlpn = await fleet.connect(key, {
      protocolVersion,
      port: fleet.file.tlsPort,
      ALPNProtocols: ["x-amzn-mqtt-ca"],
    });
    expect((viaAlpn.client.stream as TLSSocket).alpnProtocol).toBe("x-amzn-mqtt-ca");
    await viaAlpn.subscribe("row/90");
    await direct.publish("row/90", "to 443");
    expect((await viaAlpn.next("row/90")).text).toBe("to 443");
    await direct.subscribe("row/ninety");
    await viaAlpn.publish("row/ninety", "to 8883");
    expect((await direct.next("row/ninety")).text).toBe("to 8883");
  });
});

describe("row 111: TLS floor. TLS 1.1 is refused, 1.2 and 1.3 accepted", () => {
  test.each(["8883", "443", "8443"])("on %s", async (name) => {
    const port = fleet.tlsPorts[["8883", "443", "8443"].indexOf(name)] ?? 0;
    const { certificate: cert, privateKey: key } = await fleet.identity(all());
    for (const version of ["TLSv1", "TLSv1.1"] as const) {
      await expect(
        fleet.handshake(port, { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/ALERT_PROTOCOL_VERSION/) });
    }
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await fleet.handshake(port, { minVersion: version, maxVersion: version, cert, key });
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
  });
});
