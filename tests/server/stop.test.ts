import { once } from "node:events";
import { request } from "node:http";
import { createConnection } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import mqtt, { type IDisconnectPacket } from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { sign } from "../doors/wire.ts";
import { complaints, type ServerFile, spawnServer, startServerProcess } from "../kit/server-process.ts";
import { certificateOf, clientsOf, placeOf } from "./doors.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });

/** CreateThing with the last byte of its body held back; `finish` sends that and resolves to the status. */
async function requestUnderWay(file: ServerFile, thingName: string) {
  const body = JSON.stringify({ attributePayload: { attributes: { a: "1" } } });
  const signed = await sign(
    file.apiEndpoint,
    { method: "POST", path: `/things/${thingName}`, headers: { "content-type": "application/json" }, body },
    { credentials: file, region: file.region, service: "iot" },
  );
  const { hostname, port } = new URL(file.apiEndpoint);
  const headers = { ...signed.headers, "content-length": String(body.length) };
  const open = request({ hostname, port, method: "POST", path: signed.path, headers, agent: false, setHost: false });
  const answered = once(open, "response").then(([response]) => (response as { statusCode: number }).statusCode);
  answered.catch(() => {});
  await new Promise<void>((resolve) => open.write(body.slice(0, -1), () => resolve()));
  return {
    finish: () => {
      open.end(body.slice(-1));
      return answered;
    },
  };
}

async function device(file: ServerFile, protocolVersion: 4 | 5) {
  const { host, port, ca } = placeOf(file);
  const keys = await certificateOf(clientsOf(file), `stop-${protocolVersion}`);
  const client = await mqtt.connectAsync({
    protocol: "mqtts",
    ...{ host, port, ca, cert: keys.certificate, key: keys.privateKey, clientId: `stop-${protocolVersion}` },
    protocolVersion,
    reconnectPeriod: 0,
  });
  client.on("error", () => {});
  undo.push(() => client.endAsync(true));
  const told: IDisconnectPacket[] = [];
  client.on("disconnect", (packet) => told.push(packet));
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  return { told, closed };
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("lets requests under way finish, tells the devices, and exits 0", async () => {
    const server = await startServerProcess();
    undo.push(() => server.stop());
    const { file } = server;
    const five = await device(file, 5);
    const three = await device(file, 4);
    const open = await requestUnderWay(file, "under-way");
    // Answered: the server has also read what was sent before.
    expect((await fetch(`${file.apiEndpoint}/healthz`)).status).toBe(200);

    const exited = server.kill(signal);
    const port = Number(new URL(file.apiEndpoint).port);
    while (await accepts(port)) await pause(10);
    expect(await open.finish()).toBe(200);
    await Promise.all([five.closed, three.closed]);
    // Server shutting down [MQTT-3.14.2-1]; MQTT 3.1.1 has no DISCONNECT from the server.
    expect(five.told.map(({ reasonCode }) => reasonCode)).toEqual([0x8b]);
    expect(three.told).toEqual([]);
    expect(await exited).toBe(0);
    expect(complaints(server.stderr())).toBe("");

    const again = await startServerProcess({ dataDir: server.dataDir });
    undo.push(() => again.kill("SIGTERM"));
    const thing = await clientsOf(again.file).iot.send("DescribeThing", { thingName: "under-way" });
    expect(thing.attributes).toEqual({ a: "1" });
  });
});

test("a signal that comes while the server starts ends it as well", async () => {
  const server = spawnServer();
  await Promise.race([server.up, pause(Math.random() * 1000)]);
  server.child.kill("SIGTERM");
  const code = await server.exited;
  // Before the server's own code runs the signal ends the process; from then on it stops in order.
  expect([0, null]).toContain(code);
  expect(complaints(server.stderr())).toBe("");
});
