import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomText } from "@hearth/base";
import { type Client, createClient, type ServiceOperations } from "@hearth/client";
import {
  createDevice,
  createMemoryCredentialStore,
  createMqttAgent,
  type DeviceCredential,
  provision,
} from "@hearth/device-sdk";
import Sqlite from "better-sqlite3";
import { type ServerFile, startServerProcess } from "../tests/kit/server-process.ts";
import { median, quantile } from "./machine.ts";

type Clients = {
  [Service in "iam" | "iot-managed-integrations" | "kinesis"]: Client<ServiceOperations[Service]>;
};

const SIZES = [100, 10_000, 100_000];
/** Connected devices; the other things are rows. */
const DEVICES = 100;
const IN_FLIGHT = 24;
const UPC = "829576019524";
const STREAM = "bench";
const WARM_UP_SECONDS = 3;

/** One command's way: milliseconds from the app's call to its record in the stream, and from the device's answer. */
interface Told {
  sent: number;
  answered: number;
}

/**
 * Commands end to end, from the app's call to the DEVICE_COMMAND record in the account's stream, with 100 connected
 * devices among 100, 10,000 and 100,000 managed things.
 */
export async function benchManaged(seconds: number, runs: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  const flat: { size: number; rate: number; p99: number }[] = [];
  try {
    let credentials: DeviceCredential[] | undefined;
    console.log(`${DEVICES} connected devices, ${IN_FLIGHT} commands in flight, ${runs} runs of ${seconds} s`);
    for (const size of SIZES) {
      if (credentials) fill(join(dataDir, "hearth.db"), size);
      const server = await startServerProcess({ dataDir });
      try {
        const clients = clientsOf(server.file);
        if (!credentials) {
          await prepareStream(clients, server.file);
          credentials = await provisionAll(clients, server.file);
        }
        flat.push({ size, ...(await measure(clients, server.file, credentials, { size, seconds, runs })) });
      } finally {
        await server.stop();
      }
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  const rates = flat.map(({ rate }) => rate);
  const p99 = flat.map((one) => one.p99);
  console.log(
    `flat within: rate ${(Math.max(...rates) / Math.min(...rates)).toFixed(2)}×, p99 ${(Math.max(...p99) / Math.min(...p99)).toFixed(2)}×`,
  );
}

function clientsOf(file: ServerFile): Clients {
  const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
  return {
    iam: createClient("iam", options),
    kinesis: createClient("kinesis", options),
    "iot-managed-integrations": createClient("iot-managed-integrations", options),
  };
}

async function prepareStream({ kinesis, iam, "iot-managed-integrations": managed }: Clients, file: ServerFile) {
  await kinesis.send("CreateStream", { StreamName: STREAM, ShardCount: 1 });
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const { Role } = await iam.send("CreateRole", {
    RoleName: STREAM,
    AssumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.send("PutRolePolicy", {
    RoleName: STREAM,
    PolicyName: "write",
    PolicyDocument: document({ Effect: "Allow", Action: "kinesis:PutRecord", Resource: "*" }),
  });
  await managed.send("CreateDestination", {
    Name: STREAM,
    DeliveryDestinationArn: `arn:aws:kinesis:${file.region}:${file.accountId}:stream/${STREAM}`,
    DeliveryDestinationType: "KINESIS",
    RoleArn: Role.Arn,
  });
  await managed.send("CreateNotificationConfiguration", { EventType: "DEVICE_COMMAND", DestinationName: STREAM });
}

const placeOf = (file: ServerFile) => ({
  host: file.mqttHost,
  port: file.mqttsPort,
  ca: readFileSync(file.caFile, "utf8"),
});

async function provisionAll({ "iot-managed-integrations": managed }: Clients, file: ServerFile) {
  const profile = await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: "bench",
  });
  const credentials: DeviceCredential[] = [];
  const provisionSome = async () => {
    while (credentials.length < DEVICES) {
      const SerialNumber = randomText(12);
      await managed.send("CreateManagedThing", {
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: `SN:${SerialNumber};UPC:${UPC}`,
      });
      const credential = await provision({
        ...placeOf(file),
        claimCertificate: profile.ClaimCertificate ?? "",
        claimPrivateKey: profile.ClaimCertificatePrivateKey ?? "",
        templateName: profile.Name ?? "",
        parameters: { SerialNumber, UniversalProductCode: UPC },
        store: createMemoryCredentialStore(),
        csr: true,
      });
      if (credentials.length < DEVICES) credentials.push(credential);
    }
  };
  await Promise.all(Array.from({ length: 8 }, provisionSome));
  return credentials;
}

/**
 * Copies an activated thing and its state until there are `size`. The server is not running; what is sealed in the copies
 * is the original's and is read by nobody here.
 */
function fill(file: string, size: number): void {
  const database = new Sqlite(file);
  const columns = (table: string): string[] =>
    (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const copies = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
  const copy = (table: string, changes: Readonly<Record<string, string>>, where: string, ...values: unknown[]) => {
    const all = columns(table);
    database
      .prepare(
        `${copies} INSERT INTO ${table} (${all.join(", ")})
          SELECT ${all.map((name) => changes[name] ?? `t.${name}`).join(", ")} FROM n, ${table} t WHERE ${where}`,
      )
      .run(...values);
  };
  try {
    const { have } = database.prepare("SELECT COUNT(*) AS have FROM managed_thing").get() as { have: number };
    const original = database.prepare("SELECT id FROM managed_thing WHERE status = 'ACTIVATED' LIMIT 1").get() as {
      id: string;
    };
    const id = "printf('copy%028d', i)";
    const thing = { id, material_hash: id, serial_hash: id, certificate_id: "NULL", connected: "0" };
    copy("managed_thing", thing, "t.id = ?", have + 1, size, original.id);
    copy("managed_property", { thing_id: id }, "t.thing_id = ?", have + 1, size, original.id);
  } finally {
    database.close();
  }
}

async function measure(
  clients: Clients,
  file: ServerFile,
  credentials: readonly DeviceCredential[],
  { size, seconds, runs }: { size: number; seconds: number; runs: number },
): Promise<{ rate: number; p99: number }> {
  const devices = await Promise.all(credentials.map((credential) => light(file, credential)));
  const told = await tellOutcomes(clients);
  const managed = clients["iot-managed-integrations"];
  let next = 0;
  async function commandsUntil(end: number, results: Told[]): Promise<void> {
    while (Date.now() < end) {
      const { id } = devices[next++ % devices.length]!;
      const action = { name: "Toggle", parameters: {} };
      const capability = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [action] };
      const start = Date.now();
      const { TraceId = "" } = await managed.send("SendManagedThingCommand", {
        ManagedThingId: id,
        Endpoints: [{ endpointId: "1", capabilities: [capability] }],
      });
      const { executedAt, arrivedAt } = await told.outcome(TraceId);
      results.push({ sent: arrivedAt - start, answered: arrivedAt - executedAt });
    }
  }
  const load = async (duration: number): Promise<Told[]> => {
    const results: Told[] = [];
    const end = Date.now() + duration * 1000;
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => commandsUntil(end, results)));
    return results;
  };

  await load(WARM_UP_SECONDS);
  const rates: number[] = [];
  const figures: Told[] = [];
  for (let run = 0; run < runs; run++) {
    const begun = Date.now();
    const results = await load(seconds);
    rates.push(results.length / ((Date.now() - begun) / 1000));
    figures.push(...results);
  }
  told.stop();
  await Promise.all(devices.map((one) => one.stop()));
  const of = (name: keyof Told, share: number) =>
    quantile(
      figures.map((one) => one[name]),
      share,
    );
  const rate = median(rates);
  const p99 = of("answered", 0.99);
  console.log(
    `${size.toLocaleString("en")} things: ${rate.toFixed(0)} commands/s (${rates.map((one) => one.toFixed(0)).join(", ")}); ` +
      `notification p50 ${of("answered", 0.5)} ms, p99 ${p99} ms after the answer; ` +
      `p50 ${of("sent", 0.5)} ms, p99 ${of("sent", 0.99)} ms after the call`,
  );
  return { rate, p99 };
}

async function light(file: ServerFile, credential: DeviceCredential) {
  const agent = createMqttAgent({ connection: { ...placeOf(file), ...credential } });
  const id = credential.managedThingId;
  const device = createDevice({ agent, store: createMemoryCredentialStore(), id, nodeId: "bench" });
  let on = false;
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => on } },
    actions: {
      Toggle: () => {
        on = !on;
      },
    },
  });
  await device.start();
  return { id, stop: () => device.stop() };
}

/** Reads the stream, and tells who waits when the outcome of a command has arrived there. */
async function tellOutcomes({ kinesis }: Clients) {
  const { Shards } = await kinesis.send("ListShards", { StreamName: STREAM });
  const shard = { StreamName: STREAM, ShardId: Shards?.[0]?.ShardId ?? "", ShardIteratorType: "LATEST" } as const;
  let iterator = (await kinesis.send("GetShardIterator", shard)).ShardIterator;
  type Outcome = { executedAt: number; arrivedAt: number };
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const early = new Map<string, Outcome>();
  let stopped = false;
  const read = async () => {
    while (!stopped) {
      const { Records, NextShardIterator } = await kinesis.send("GetRecords", { ShardIterator: iterator ?? "" });
      iterator = NextShardIterator;
      for (const { Data, ApproximateArrivalTimestamp = 0 } of Records) {
        const { payload } = JSON.parse(Buffer.from(Data).toString()) as {
          payload: { traceId: string; executedAt: string };
        };
        // To the millisecond in the contract's seconds.
        const arrivedAt = Math.round(Number(ApproximateArrivalTimestamp) * 1000);
        const outcome = { executedAt: Date.parse(payload.executedAt), arrivedAt };
        const resolve = waiting.get(payload.traceId);
        if (resolve) resolve(outcome);
        else early.set(payload.traceId, outcome);
        waiting.delete(payload.traceId);
      }
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  };
  const reading = read();
  return {
    outcome: (traceId: string) =>
      new Promise<Outcome>((resolve, reject) => {
        const known = early.get(traceId);
        early.delete(traceId);
        if (known) return resolve(known);
        waiting.set(traceId, resolve);
        reading.catch(reject);
      }),
    stop: () => {
      stopped = true;
    },
  };
}
