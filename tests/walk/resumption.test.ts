import { request } from "node:https";
import type { ConnectionOptions, SecureVersion, TLSSocket } from "node:tls";
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  RegisterCertificateWithoutCACommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate } from "../kit/certificate-request.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

// A resumed TLS session shows no certificate again: what the session remembers has to be as good as what was shown.
type Key = Awaited<ReturnType<Fleet["identity"]>>;
let fleet: Fleet;
let key: Key;
let other: Key;
const mayBe = (...clientIds: string[]) =>
  fleet.identity([
    { Effect: "Allow", Action: "iot:Connect", Resource: clientIds.map((id) => fleet.arn(`client/${id}`)) },
    { Effect: "Allow", Action: "iot:Publish", Resource: clientIds.map((id) => fleet.arn(`topic/${id}`)) },
  ]);
beforeAll(async () => {
  fleet = await openFleet();
  key = await mayBe("mine");
  other = await mayBe("theirs");
});
afterEach(endPeers);
afterAll(() => fleet.close());

const own = ({ certificate, privateKey }: Key): ConnectionOptions => ({ cert: certificate, key: privateKey });
const only = (version: SecureVersion) => ({ minVersion: version, maxVersion: version });

/** What a client keeps of a connection to resume it. */
async function sessionOf(port: number, options: ConnectionOptions): Promise<Buffer> {
  const socket = await fleet.handshake(port, options);
  const session = await new Promise<Buffer>((resolve) => {
    const kept = socket.getSession();
    if (socket.getProtocol() === "TLSv1.2" && kept) resolve(kept);
    else socket.once("session", resolve).resume();
  });
  socket.destroy();
  return session;
}

/** One HTTPS publish over a connection of its own. */
function publish(
  topic: string,
  options: ConnectionOptions & { port: number },
): Promise<{ status: number; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const where = { host: "localhost", servername: "localhost", path: `/topics/${topic}?qos=1`, method: "POST" };
    const sent = request({ ca: fleet.ca, agent: false, ...where, ...options }, (response) => {
      response.resume();
      const reused = (response.socket as TLSSocket).isSessionReused();
      resolve({ status: response.statusCode ?? 0, reused });
    });
    sent.on("error", reject);
    sent.end("x");
  });
}
const httpsPort = () => fleet.platform.ports.https;

describe.each(["TLSv1.2", "TLSv1.3"] as const)("%s", (version) => {
  const connect = (session: Buffer, clientId: string, more: object = {}) =>
    fleet.connect(key, { ...only(version), session, clientId, ...more } as object);

  test("a resumed connection to 8883 is the same device's", async () => {
    const session = await sessionOf(fleet.file.mqttsPort, { ...own(key), ...only(version) });
    const peer = await connect(session, "mine");
    expect((peer.client.stream as TLSSocket).isSessionReused()).toBe(true);
    await peer.publish("mine", "x");
    await expect(connect(session, "theirs")).rejects.toMatchObject({ code: 0x87 });
  });

  test.each(["INACTIVE", "REVOKED"] as const)(
    "a certificate made %s meanwhile does not come in again",
    async (newStatus) => {
      const mine = await mayBe("mine");
      const options = { ...own(mine), ...only(version) };
      const session = await sessionOf(fleet.file.mqttsPort, options);
      const web = await sessionOf(httpsPort(), options);
      expect(await publish("mine", { ...options, port: httpsPort(), session: web })).toEqual({
        status: 200,
        reused: true,
      });
      await fleet.iot.send(new UpdateCertificateCommand({ certificateId: mine.certificateId, newStatus }));
      await expect(connect(session, "mine")).rejects.toThrow("closed before CONNACK");
      expect(await publish("mine", { ...options, port: httpsPort(), session: web })).toEqual({
        status: 403,
        reused: true,
      });
    },
  );

  test("a session of another certificate stays its own, whatever the client would show now", async () => {
    const session = await sessionOf(fleet.file.mqttsPort, { ...own(other), ...only(version) });
    const peer = await connect(session, "theirs");
    expect((peer.client.stream as TLSSocket).isSessionReused()).toBe(true);
    await expect(connect(session, "mine")).rejects.toMatchObject({ code: 0x87 });
  });

  test("a session without a certificate is nobody's on its port, and none on the others", async () => {
    // 8883 gives none: it closes when there is no certificate.
    for (const port of [httpsPort(), fleet.file.tlsPort]) {
      const session = await sessionOf(port, only(version));
      const there = { ...own(key), ...only(version), session };
      expect(await publish("mine", { ...there, port })).toEqual({ status: 403, reused: true });
      const elsewhere = port === httpsPort() ? fleet.file.tlsPort : httpsPort();
      expect(await publish("mine", { ...there, port: elsewhere })).toEqual({ status: 200, reused: false });
      const peer = await connect(session, "mine");
      expect((peer.client.stream as TLSSocket).isSessionReused()).toBe(false);
    }
    const nobody = await sessionOf(fleet.file.tlsPort, { ...only(version), ALPNProtocols: ["x-amzn-http-ca"] });
    const asMqtt = { port: fleet.file.tlsPort, ALPNProtocols: ["x-amzn-mqtt-ca"] };
    await expect(connect(nobody, "mine", asMqtt)).rejects.toThrow(/closed before|disconnected before/);
  });

  test("a session of one port does not stand in for a certificate on another", async () => {
    const session = await sessionOf(httpsPort(), { ...own(key), ...only(version) });
    const nobody = connect(session, "mine", { cert: undefined, key: undefined });
    await expect(nobody).rejects.toThrow(/closed before|disconnected before/);
  });

  test("on the shared port the protocol that is chosen anew decides who judges", async () => {
    const port = fleet.file.tlsPort;
    const session = await sessionOf(port, { ...own(key), ...only(version), ALPNProtocols: ["x-amzn-http-ca"] });
    const peer = await connect(session, "mine", { port, ALPNProtocols: ["x-amzn-mqtt-ca"] });
    expect((peer.client.stream as TLSSocket).isSessionReused()).toBe(true);
    // The custom authorizer's name: the certificate that the session remembers does not stand in for it.
    await expect(connect(session, "mine", { port, ALPNProtocols: ["mqtt"] })).rejects.toMatchObject({ code: 0x87 });
  });

  describe("a session that was made under an account's name", () => {
    let account: string;
    let strange: Fleet["iot"];
    beforeAll(async () => {
      const { AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: `second-${version}` });
      const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
      const clients = fleet.platform.clients(credentials);
      account = (await clients.sts.send(new GetCallerIdentityCommand({}))).Account ?? "";
      strange = clients.iot;
    });
    const nameOf = (accountId: string) => `a${accountId}-ats.iot.${fleet.file.region}.localhost`;
    const status = "ACTIVE";

    test("resumes in that account", async () => {
      const mine = await mayBe("mine");
      await strange.send(new RegisterCertificateWithoutCACommand({ certificatePem: mine.certificate, status }));
      const port = httpsPort();
      const options = { ...own(mine), ...only(version), port };
      const ours = { ...options, servername: nameOf(fleet.file.accountId) };
      const session = await sessionOf(port, ours);
      expect(await publish("mine", { ...ours, session })).toEqual({ status: 200, reused: true });
      // In the other it has no policy.
      const theirs = { ...options, servername: nameOf(account) };
      const later = await sessionOf(port, theirs);
      expect(await publish("mine", { ...theirs, session: later })).toEqual({ status: 403, reused: true });
    });

    test("does not resume in another that alone has registered the certificate", async () => {
      const made = await makeCertificate("device");
      const { certificateArn } = await strange.send(
        new RegisterCertificateWithoutCACommand({ certificatePem: made.certificate, status }),
      );
      const policyName = `any-${version.replace(".", "-")}`;
      const policyDocument = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
      });
      await strange.send(new CreatePolicyCommand({ policyName, policyDocument }));
      await strange.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
      const port = httpsPort();
      const options = { cert: made.certificate, key: made.privateKey, ...only(version), port };
      const there = { ...options, servername: nameOf(account) };
      expect(await publish("mine", { ...there, session: await sessionOf(port, there) })).toEqual({
        status: 200,
        reused: true,
      });
      const ours = { ...options, servername: nameOf(fleet.file.accountId) };
      expect(await publish("mine", { ...ours, session: await sessionOf(port, ours) })).toEqual({
        status: 403,
        reused: true,
      });
    });
  });
});
