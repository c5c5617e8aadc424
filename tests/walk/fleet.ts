import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
} from "@aws-sdk/client-iot";
import { type Clock, randomHex, randomText } from "@hearth/base";
import { createMemoryCredentialStore, type DeviceCredential, type DeviceInfo, provision } from "@hearth/device-sdk";
import type { Configuration } from "@hearth/server";
import type { IClientOptions } from "mqtt";
import { lightReport as lightReportOf } from "../../packages/managed/test/light-report.ts";
import { presign } from "../doors/wire.ts";
import { makeCertificateRequest } from "../kit/certificate-request.ts";
import { startTestPlatform } from "../kit/platform.ts";
import { connectPeer, endPeers, type Peer } from "./peer.ts";

/** A provisioning profile, as the maker of a product has it. */
export interface Claim {
  id: string;
  templateName: string;
  certificate: string;
  privateKey: string;
}

/** A managed thing that waits for its device. */
export interface Expected {
  id: string;
  info: DeviceInfo;
}

/** A light whose every word is the test's: connected, its report accepted, ACTIVATED. */
export interface Puppet {
  id: string;
  credential: DeviceCredential;
  peer: Peer;
  /** Publishes below `north/<id>/`, with the members that every message has. */
  say(messageType: string, members?: Record<string, unknown>, channel?: "control" | "setup"): Promise<void>;
  /** What the platform says to a message of this device that it does not accept. */
  rejection(): Promise<Record<string, unknown>>;
  nextEventNumber(): number;
}

export type Fleet = Awaited<ReturnType<typeof openFleet>>;

/** A platform, and what one needs to bring devices to it. */
export async function openFleet(settings: Partial<Configuration> & { clock?: Clock } = {}) {
  const platform = await startTestPlatform(settings);
  const clients = platform.clients();
  const { managed } = clients;
  const { file, ca } = platform;

  const fleet = {
    platform,
    ca,
    file,
    ...clients,
    arn: (resource: string) => `arn:aws:iot:${file.region}:${file.accountId}:${resource}`,

    async claim(): Promise<Claim> {
      const templateName = `profile-${randomHex(4)}`;
      const made = await managed.send("CreateProvisioningProfile", {
        ProvisioningType: "FLEET_PROVISIONING",
        Name: templateName,
      });
      return {
        id: made.Id ?? "",
        templateName,
        certificate: made.ClaimCertificate ?? "",
        privateKey: made.ClaimCertificatePrivateKey ?? "",
      };
    },

    async expect(Role: "CONTROLLER" | "DEVICE" = "DEVICE"): Promise<Expected> {
      const info = {
        SerialNumber: `SN${randomHex(5).toUpperCase()}`,
        UniversalProductCode: randomText(12, "0123456789"),
      };
      const made = await managed.send("CreateManagedThing", {
        Role,
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: `SN:${info.SerialNumber};UPC:${info.UniversalProductCode};`,
      });
      return { id: made.Id ?? "", info };
    },

    status: async (id: string) => (await managed.send("GetManagedThing", { Identifier: id })).ProvisioningStatus,

    /** With the device SDK, as a device would. */
    provision: (claim: Claim, parameters: DeviceInfo, store = createMemoryCredentialStore(), csr = false) =>
      provision({
        host: "localhost",
        port: file.mqttsPort,
        ca,
        claimCertificate: claim.certificate,
        claimPrivateKey: claim.privateKey,
        templateName: claim.templateName,
        parameters,
        store,
        csr,
        attempts: 1,
      }),

    /** A connection with a certificate; client id of its own unless given. */
    connect: (key: { certificate: string; privateKey: string }, options: IClientOptions = {}) =>
      connectPeer({
        port: file.mqttsPort,
        ca,
        cert: key.certificate,
        key: key.privateKey,
        clientId: `client-${randomHex(4)}`,
        ...options,
      }),

    /** The presigned URL of MQTT over WebSocket; `expires` in seconds. */
    async webSocketUrl(signing: object = {}, expires = 60): Promise<string> {
      const plain = { method: "GET", path: "/mqtt", headers: {} };
      const scope = { credentials: file, region: file.region, service: "iotdevicegateway", ...signing };
      const { path } = await presign(file.httpsEndpoint, plain, scope, expires);
      return file.httpsEndpoint.replace("https:", "wss:") + path;
    },

    /** A connection over WebSocket; client id of its own unless given. */
    overWebSocket(url: string, options: IClientOptions = {}) {
      const { port, pathname, search } = new URL(url);
      return connectPeer({
        protocol: "wss",
        port: Number(port),
        path: pathname + search,
        ca,
        wsOptions: { ca },
        clientId: `ws-${randomHex(4)}`,
        ...options,
      });
    },

    /** 8883, 443 and 8443, as they are numbered here. */
    tlsPorts: [file.mqttsPort, file.tlsPort, Number(new URL(file.httpsEndpoint).port)],

    /** One TLS handshake. Rejects with the alert of the server or the objection of the client. */
    handshake: (port: number, options: ConnectionOptions = {}): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ host: "localhost", servername: "localhost", port, ca, ...options }, () =>
          resolve(socket),
        );
        socket.on("error", reject);
      }),

    async puppet(
      claim: Claim,
      report: Record<string, unknown> = lightReport,
      role: "CONTROLLER" | "DEVICE" = "DEVICE",
    ): Promise<Puppet> {
      const { id, info } = await fleet.expect(role);
      // With a request of its own: the platform's RSA keys take longer to make.
      const credential = await fleet.provision(claim, info, undefined, true);
      return fleet.animate(credential, id, report);
    },

    async animate(credential: DeviceCredential, id: string, report: object): Promise<Puppet> {
      const peer = await fleet.connect(credential, { clientId: credential.clientId });
      await peer.subscribe([`south/${id}/control`, `south/${id}/setup`, `south/${id}/rejected`]);
      const answer = await peer.ask(`$aws/managed-integrations/${id}/capabilities`, report);
      if (!answer.topic.endsWith("/accepted")) throw new Error(`report refused: ${answer.text}`);
      let eventNumber = 0;
      const nextEventNumber = () => ++eventNumber;
      return {
        id,
        credential,
        peer,
        nextEventNumber,
        say: (messageType, members = {}, channel = "control") =>
          peer.publish(`north/${id}/${channel}`, {
            messageType,
            timestamp: new Date().toISOString(),
            eventNumber: nextEventNumber(),
            ...members,
          }),
        rejection: async () => (await peer.next(`south/${id}/rejected`)).json,
      };
    },

    /** A certificate of its own, with what a policy document allows and, if wanted, a thing. */
    async identity(statements: readonly object[], thingName?: string) {
      const { iot } = clients;
      const { privateKey, certificateSigningRequest } = await makeCertificateRequest("device");
      const made = await iot.send(
        new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }),
      );
      const policyName = `policy-${randomHex(4)}`;
      const policyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
      await iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
      await iot.send(new AttachPolicyCommand({ policyName, target: made.certificateArn }));
      if (thingName !== undefined) {
        await iot.send(new CreateThingCommand({ thingName }));
        await iot.send(new AttachThingPrincipalCommand({ thingName, principal: made.certificateArn }));
      }
      return {
        certificate: made.certificatePem ?? "",
        privateKey,
        certificateId: made.certificateId ?? "",
        certificateArn: made.certificateArn ?? "",
        policyName,
      };
    },

    /** The data directory goes too unless `keep` is set. */
    async close(keep = false): Promise<void> {
      endPeers();
      await platform.stop(keep);
    },
  };
  return fleet;
}

/** Without Toggle, so that there is something that a light may be asked for in vain. */
export const lightReport = lightReportOf(["1"], ["Off", "On"]);

/** The `Endpoints` of SendManagedThingCommand for one action. */
export const action = (name: string, parameters: Record<string, unknown> = {}, id = "matter.OnOff@1.4") =>
  [
    {
      endpointId: "1",
      capabilities: [
        { id, name: id.includes("OnOff") ? "On/Off" : "Level Control", version: "6", actions: [{ name, parameters }] },
      ],
    },
  ] as never;

/** What a device says its properties are, as the `endpoints` of an envelope. */
export const reporting = (properties: Record<string, unknown>, id = "matter.OnOff@1.4") => ({
  endpoints: [
    {
      endpointId: "1",
      capabilities: [{ id, properties: Object.entries(properties).map(([name, value]) => ({ name, value })) }],
    },
  ],
});

/** Asks until the answer is one. Rejects after `timeout` ms, saying what was waited for. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, timeout = 30_000): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
