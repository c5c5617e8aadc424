import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { AttachPolicyCommand, RegisterCertificateWithoutCACommand } from "@aws-sdk/client-iot";
import type { ConnectionCause } from "@hearth/broker";
import type { Packet, ProtocolVersion, SubscribePacket } from "@hearth/mqtt";
import { expect } from "vitest";
import { RawClient } from "../../../packages/broker/test/kit.ts";
import { makeCertificate } from "../../kit/certificate-request.ts";
import { eventually } from "../../walk/fleet.ts";
import { type Limited, owned, POLICY, type World } from "./world.ts";

export interface Row {
  /** Makes it happen. Resolves to whom is asked about afterwards: `{}` for the list of refusals, else the client id. */
  raise(world: World, clientId: string): Promise<unknown>;
  /** What a person reads. */
  words: RegExp;
}

/** What raises a cause, in which world (`doors` where none is named). */
export type Rows = Partial<Record<ConnectionCause, Row & { world?: Limited }>>;

export async function raw(world: World): Promise<RawClient> {
  return owned(await RawClient.connect(world.file.openMqttPort ?? 0));
}
export type Connect = Packet & { type: "connect" };

/** Connected through the open port; CONNACK, whatever it says, is `connack`. */
export async function client(world: World, clientId: string, more: Partial<Connect> = {}): Promise<RawClient> {
  const one = await raw(world);
  const version: ProtocolVersion = more.version ?? 5;
  one.version = version;
  one.send({ type: "connect", version, clean: true, keepAlive: 0, clientId, ...more });
  one.connack = await one.expect("connack");
  return one;
}
export const goodbye = async (one: RawClient) => {
  one.send({ type: "disconnect", reasonCode: 0 });
  await one.end();
};
export const willOn = (topic: string) => ({ topic, payload: Buffer.from("x"), qos: 0 as const, retain: false });
export const lasting = { properties: { sessionExpiryInterval: 100 } };
export const subscribeTo = (...filters: string[]): SubscribePacket => ({
  type: "subscribe",
  packetId: 1,
  subscriptions: filters.map((filter) => ({
    ...{ filter, qos: 0 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const },
  })),
});
export const subscribing =
  (...filters: string[]): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.send(subscribeTo(...filters));
    await one.expect("suback");
  };
export const publishing =
  (topic: string, payload = "x", more: object = {}): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.publish(topic, payload, more);
    await eventually("its line", async () =>
      world.lines.find((line) => line["clientId"] === clientId && line["status"] === "Failure"),
    );
  };
export const sending =
  (hex: string): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.bytes(hex);
    await one.end();
  };
/** Bytes on a port that takes TLS. */
export const untls =
  (hex: string, thenClose = false): Row["raise"] =>
  async (world) => {
    await new Promise<void>((resolve) => {
      const socket = connectTcp(world.file.mqttsPort, "127.0.0.1", () => {
        socket.write(Buffer.from(hex, "hex"), () => {
          if (thenClose) socket.end();
        });
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
    return {};
  };
/** The first record of a TLS 1.2 client. */
const clientHello = () =>
  new Promise<Buffer>((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire, maxVersion: "TLSv1.2" }).on("error", () => {});
  });
/** A TLS client that has seen the server's certificate and says by an alert what it thinks of it. */
export const alert =
  (code: number): Row["raise"] =>
  async (world) => {
    const hello = await clientHello();
    await new Promise<void>((resolve) => {
      const socket = connectTcp(world.file.mqttsPort, "127.0.0.1", () => socket.write(hello));
      socket.once("data", () => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, code])));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
    return {};
  };
export const handshake =
  (options: object): Row["raise"] =>
  async (world) => {
    const socket = await world.handshake(world.file.mqttsPort, options).catch(() => undefined);
    if (socket) await new Promise((resolve) => socket.resume().on("close", resolve));
    return {};
  };
export const webSocket =
  (change: (url: string) => string, signing: object = {}): Row["raise"] =>
  async (world) => {
    const url = change(await world.webSocketUrl(signing));
    await expect(world.overWebSocket(url)).rejects.toThrow();
    return {};
  };

/** A connected client that never acknowledges. */
export const withoutAcknowledging =
  (version: ProtocolVersion, seconds: number): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId, { version });
    await one.subscribe("acknowledge");
    await (await client(world, "sender")).publishAcknowledged("acknowledge", "x");
    await one.expect("publish");
    world.clock.advance(seconds * 1000);
  };

export async function registered(world: World, validity: { notBefore?: Date; notAfter?: Date } = {}) {
  const key = await makeCertificate("made elsewhere", validity);
  const command = new RegisterCertificateWithoutCACommand({ certificatePem: key.certificate, status: "ACTIVE" });
  const { certificateArn, certificateId = "" } = await world.iot.send(command);
  await world.iot.send(new AttachPolicyCommand({ policyName: POLICY, target: certificateArn }));
  return { ...key, certificateId };
}
export const refused =
  (validity: (now: number) => { notBefore?: Date; notAfter?: Date }): Row["raise"] =>
  async (world) => {
    const key = await registered(world, validity(world.clock.now()));
    await expect(world.connect(key)).rejects.toThrow();
    return { CertificateId: key.certificateId };
  };
export const DAY = 86_400_000;
export const limit = (name: string) => new RegExp(`the limit ${name} is [\\d.]+ \\(configuration: limits\\.${name} `);
