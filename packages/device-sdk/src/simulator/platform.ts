import { randomHex } from "@hearth/base";
import type { CapabilityReport } from "@hearth/data-model";
import type { IPublishPacket } from "mqtt-packet";
import type { KeyPair } from "../credential-store.ts";
import { isObject, type Json, type JsonObject, member, parseObject, text } from "../json.ts";
import type { Authority } from "./authority.ts";
import {
  type BrokerClient,
  type BrokerRules,
  type Fate,
  type SimulatedBroker,
  startSimulatedBroker,
} from "./broker.ts";
import { createSimulatedJobs, type SimulatedJobs } from "./jobs.ts";

/** A device that the simulated platform expects. */
export interface ExpectedDevice {
  serialNumber: string;
  universalProductCode: string;
}

export interface SimulatedPlatformOptions {
  /** 0, any free port, by default. */
  port?: number;
  /** Name of the provisioning profile, `simulated` by default. */
  templateName?: string;
  devices: ExpectedDevice[];
  /** Decides what becomes of each publish of a device; see Fate. */
  fate?: (client: BrokerClient, packet: IPublishPacket) => Fate;
  /** Called for each connection that was accepted. */
  onConnect?: (client: BrokerClient) => void;
  /** Returns the reason for which a capability report is refused. */
  refuseReport?: (report: JsonObject) => string | undefined;
}

/** A message that the platform has accepted, in the order of arrival. */
export interface DeviceMessage {
  topic: string;
  body: JsonObject;
}

const ADMINISTRATIVE_ACTION = 0x98;

/**
 * The device's side of the platform, in memory, for trying out firmware without a server. What a device sends is
 * checked as the platform checks it: against the data model, its own capability report, and its event numbers.
 */
export interface SimulatedPlatform {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly claim: KeyPair;
  readonly templateName: string;
  readonly broker: SimulatedBroker;
  readonly messages: readonly DeviceMessage[];
  /** Managed thing ids by serial number, once provisioned. */
  readonly things: ReadonlyMap<string, string>;
  /** Of managed things, by their ids. */
  readonly jobs: SimulatedJobs;
  /** The first message, past or future, that `wanted` accepts. */
  message(wanted: (message: DeviceMessage) => boolean): Promise<DeviceMessage>;
  /** Sends DEVICE_COMMAND and returns the response with the same trace id. */
  command(id: string, endpoints: Json, traceId?: string): Promise<JsonObject>;
  /** Sends any text on `south/<id>/<channel>`. */
  south(id: string, channel: string, payload: string): void;
  /** Sends DEVICE_REMOVAL and returns the response. */
  remove(id: string): Promise<JsonObject>;
  close(): Promise<void>;
}

/** Starts the simulated platform on `localhost`, with mutual TLS and certificates of its own authority. */
export async function startSimulatedPlatform(options: SimulatedPlatformOptions): Promise<SimulatedPlatform> {
  // Only who simulates pays for loading the data model and the certificate authority.
  const [dataModel, { createAuthority }] = await Promise.all([import("@hearth/data-model"), import("./authority.ts")]);
  const templateName = options.templateName ?? "simulated";
  const authority = await createAuthority();
  const [server, claim] = await Promise.all([authority.issue("platform", "localhost"), authority.issue("claim")]);
  const things = new Map<string, string>();
  const messages: DeviceMessage[] = [];
  const lastEventNumber = new Map<string, number>();
  const reports = new Map<string, CapabilityReport>();
  let expected = options.devices;
  /** Which thing a permanent certificate belongs to. */
  const owners = new Map<string, string>();
  /** By ownership token; `used` is who it has been used for: the same request gets the same answer again. */
  const tokens = new Map<string, { certificateId: string; used?: { parameters: string; id: string } }>();
  let waiting: { wanted(message: DeviceMessage): boolean; resolve(message: DeviceMessage): void }[] = [];

  const provisioningTopics = ["$aws/certificates/", `$aws/provisioning-templates/${templateName}/provision/json`];
  const allowed = (client: BrokerClient, topic: string, direction: "north" | "south"): boolean => {
    if (client.certificateId === claim.certificateId)
      return provisioningTopics.some((start) => topic.startsWith(start));
    const id = owners.get(client.certificateId ?? "");
    const reserved = [`$aws/managed-integrations/${id}/`, `$aws/things/${id}/shadow`, `$aws/things/${id}/jobs/`];
    const own = [`${direction}/${id}/`, ...reserved];
    return id !== undefined && own.some((start) => topic.startsWith(start));
  };

  const rules: BrokerRules = {
    mayConnect: ({ clientId, certificateId }) =>
      certificateId === claim.certificateId || owners.get(certificateId ?? "") === clientId,
    mayPublish: (client, topic) => allowed(client, topic, "north"),
    maySubscribe: (client, filter) => allowed(client, filter, "south"),
    ...(options.fate ? { fate: options.fate } : {}),
    ...(options.onConnect ? { connected: options.onConnect } : {}),
    received(client, { topic, payload }) {
      const answer = (outcome: "accepted" | "rejected", body: JsonObject) =>
        broker.send(client.clientId, `${topic}/${outcome}`, JSON.stringify(body));
      const body = parseObject(payload);
      if (topic.startsWith("$aws/certificates/") || topic.startsWith("$aws/provisioning-templates/")) {
        provisioning(topic, body).then(
          (accepted) => answer("accepted", accepted),
          (refused: Refusal) => answer("rejected", { ...refused }),
        );
      } else if (topic.startsWith("$aws/managed-integrations/")) {
        const timestamp = new Date().toISOString();
        const message = takeReport(client.clientId, body);
        if (message === undefined) answer("accepted", { timestamp });
        else answer("rejected", { code: 400, message, timestamp });
        if (message === undefined && body) record({ topic, body });
      } else if (jobs.takes(topic)) jobs.handle(client.clientId, topic, body);
      else if (topic.startsWith("north/")) takeMessage(client.clientId, topic, payload);
      else if (body) record({ topic, body });
    },
  };

  async function provisioning(topic: string, body: JsonObject | undefined): Promise<JsonObject> {
    if (topic.endsWith("/create/json")) {
      const { certificate, privateKey, certificateId } = await authority.issue("device");
      return {
        certificateId,
        certificatePem: certificate,
        privateKey,
        certificateOwnershipToken: token(certificateId),
      };
    }
    if (topic.endsWith("/create-from-csr/json")) return fromRequest(authority, body, token);
    const certificateOwnershipToken = (body && text(body, "certificateOwnershipToken")) ?? "";
    const owned = tokens.get(certificateOwnershipToken);
    const parameters = body && member(body, "parameters");
    const asked = JSON.stringify(parameters ?? null);
    if (!owned || (owned.used && owned.used.parameters !== asked)) {
      throw refusal(400, "InvalidCertificateOwnershipToken", "Certificate ownership token is not valid");
    }
    const serialNumber = isObject(parameters) ? text(parameters, "SerialNumber") : undefined;
    const code = isObject(parameters) ? text(parameters, "UniversalProductCode") : undefined;
    const device = expected.find((known) => known.serialNumber === serialNumber);
    if (!device || device.universalProductCode !== code) {
      throw refusal(403, "ACCESS_DENIED", "no managed thing has this serial number and product code");
    }
    const id = things.get(device.serialNumber) ?? randomHex(16);
    owned.used = { parameters: asked, id };
    things.set(device.serialNumber, id);
    owners.set(owned.certificateId, id);
    return { deviceConfiguration: { managedThingId: id, clientId: id }, thingName: id };
  }

  function token(certificateId: string): string {
    const made = randomHex(24);
    tokens.set(made, { certificateId });
    return made;
  }

  /** Why the report is refused; undefined when it is not. */
  function takeReport(id: string, body: JsonObject | undefined): string | undefined {
    const refused = body && options.refuseReport?.(body);
    if (refused !== undefined) return refused;
    const parsed = dataModel.parseCapabilityReport(body);
    if ("violations" in parsed) return parsed.violations.map(dataModel.describeViolation).join("; ");
    reports.set(id, parsed.report);
    return undefined;
  }

  function takeMessage(id: string, topic: string, payload: Buffer): void {
    const parsed = dataModel.parseDeviceMessage(payload);
    if (!Array.isArray(parsed)) {
      const number = parsed.eventNumber ?? 0;
      if (number <= (lastEventNumber.get(id) ?? 0)) return;
      lastEventNumber.set(id, number);
    }
    const report = reports.get(id);
    const violations = Array.isArray(parsed) ? parsed : report && dataModel.validateDeviceMessage(report, parsed);
    const body = parseObject(payload);
    if (violations?.length === 0 && body) {
      record({ topic, body });
      if (body["messageType"] === "DEVICE_REMOVAL_RESPONSE" && body["responseCode"] === 200) forget(id);
    } else {
      const message = violations?.map(dataModel.describeViolation).join("; ") ?? "Send the capability report first.";
      south(id, "rejected", JSON.stringify({ code: 400, message, timestamp: new Date().toISOString() }));
    }
  }

  /** The device is gone: as on the platform, its certificate with it, and its connection before the PUBACK. */
  function forget(id: string): void {
    for (const [serialNumber, thing] of things) {
      if (thing !== id) continue;
      things.delete(serialNumber);
      expected = expected.filter((device) => device.serialNumber !== serialNumber);
    }
    for (const [certificateId, owner] of owners) if (owner === id) owners.delete(certificateId);
    broker.expel(id, ADMINISTRATIVE_ACTION);
  }

  function record(message: DeviceMessage): void {
    messages.push(message);
    const found = waiting.filter(({ wanted }) => wanted(message));
    waiting = waiting.filter((waiter) => !found.includes(waiter));
    for (const { resolve } of found) resolve(message);
  }

  function next(wanted: (message: DeviceMessage) => boolean): Promise<DeviceMessage> {
    return new Promise((resolve) => waiting.push({ wanted, resolve }));
  }

  const jobs = createSimulatedJobs({
    answer: (clientId, topic, answer) => broker.send(clientId, topic, JSON.stringify(answer)),
    notify: (topic, notice) => broker.publish(topic, JSON.stringify(notice)),
  });
  const broker = await startSimulatedBroker({ tls: server, port: options.port ?? 0, rules });

  const south: SimulatedPlatform["south"] = (id, channel, payload) => broker.publish(`south/${id}/${channel}`, payload);

  return {
    host: "localhost",
    port: broker.port,
    ca: authority.certificate,
    claim,
    templateName,
    broker,
    messages,
    things,
    jobs,
    async message(wanted) {
      return messages.find(wanted) ?? next(wanted);
    },
    async command(id, endpoints, traceId = randomHex(16)) {
      const answered = next(
        ({ topic, body }) => topic === `north/${id}/control` && member(body, "traceId") === traceId,
      );
      const timestamp = new Date().toISOString();
      south(id, "control", JSON.stringify({ messageType: "DEVICE_COMMAND", traceId, timestamp, endpoints }));
      return (await answered).body;
    },
    south,
    async remove(id) {
      const answered = next(({ topic }) => topic === `north/${id}/setup`);
      const timestamp = new Date().toISOString();
      south(id, "setup", JSON.stringify({ messageType: "DEVICE_REMOVAL", traceId: randomHex(16), timestamp }));
      return (await answered).body;
    },
    close: () => broker.close(),
  };
}

/** The body of `rejected`, reference 6. */
interface Refusal {
  statusCode: number;
  errorCode: string;
  errorMessage: string;
}

const refusal = (statusCode: number, errorCode: string, errorMessage: string): Refusal => ({
  statusCode,
  errorCode,
  errorMessage,
});

async function fromRequest(
  authority: Authority,
  body: JsonObject | undefined,
  token: (certificateId: string) => string,
): Promise<JsonObject> {
  const request = (body && text(body, "certificateSigningRequest")) ?? "";
  try {
    const { certificate, certificateId } = await authority.sign(request);
    return { certificateId, certificatePem: certificate, certificateOwnershipToken: token(certificateId) };
  } catch {
    throw refusal(400, "InvalidCertificateSigningRequest", "not a certificate signing request");
  }
}
