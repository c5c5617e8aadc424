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
import { type LoadProcess, startLoadProcess } from "./load-process.ts";
import { median, quantile } from "./machine.ts";
import type { LoadFigures, LoadJob } from "./managed/job.ts";
import { cpuMicros } from "./mqtt/process-figures.ts";

type Clients = {
  [Service in "iam" | "iot-managed-integrations" | "kinesis"]: Client<ServiceOperations[Service]>;
};

const SIZES = "100,10000,100000";
/** Connected devices; the other things are rows. */
const DEVICES = 100;
const IN_FLIGHT = 24;
const UPC = "829576019524";
const STREAM = "bench";
/** What a command runs through is much code, which is compiled well only after some ten thousand of them. */
const WARM_UP_SECONDS = 14;

interface Measured {
  size: number;
  rate: number;
  p99: number;
}

/**
 * Commands end to end, from the app's call to the DEVICE_COMMAND record in the account's stream, with 100 connected
 * devices among 100, 10,000 and 100,000 managed things. App and devices are one process beside the server's, which speaks
 * no more than it must.
 */
export async function benchManaged(seconds: number, runs: number, sizes = SIZES): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  const measured: Measured[] = [];
  try {
    let credentials: DeviceCredential[] | undefined;
    console.log(`${DEVICES} connected devices, ${IN_FLIGHT} commands in flight, ${runs} runs of ${seconds} s\n`);
    console.log(HEAD);
    for (const size of sizes.split(",").map(Number)) {
      if (credentials) fill(join(dataDir, "hearth.db"), size);
      const nodeArguments = process.env["HEARTH_BENCH_NODE_ARGUMENTS"]?.split(" ") ?? [];
      const server = await startServerProcess({ dataDir, nodeArguments, fromSources: true });
      try {
        if (!credentials) {
          const clients = clientsOf(server.file);
          await prepareStream(clients, server.file);
          credentials = await provisionAll(clients, server.file);
        }
        const load = startLoadProcess<LoadJob, LoadFigures>(new URL("managed/load-process.ts", import.meta.url));
        try {
          await load.run({ kind: "connect", file: server.file, stream: STREAM, credentials });
          measured.push(await measure(load, server.pid, { size, seconds, runs }));
          await load.run({ kind: "disconnect" });
        } finally {
          load.stop();
        }
      } finally {
        await server.stop();
      }
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  const spread = (name: "rate" | "p99") => {
    const values = measured.map((one) => one[name]);
    return (Math.max(...values) / Math.min(...values)).toFixed(2);
  };
  console.log(`\nflat within: rate ${spread("rate")}×, p99 after the call ${spread("p99")}×`);
}

const HEAD = `| things | commands/s (runs) | ms after the call p50 / p99 | ms after the device's answer p50 / p99 | server CPU µs a command | load CPU µs a command |
|---|---|---|---|---|---|`;

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
      await introduce(file, credential);
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
  load: LoadProcess<LoadJob, LoadFigures>,
  pid: number,
  { size, seconds, runs }: { size: number; seconds: number; runs: number },
): Promise<Measured> {
  const send = async (duration: number): Promise<LoadFigures> => {
    const figures = await load.run({ kind: "send", seconds: duration, inFlight: IN_FLIGHT });
    if (!figures) throw new Error("the load gave no figures");
    return figures;
  };
  await send(WARM_UP_SECONDS);
  const each: LoadFigures[] = [];
  const server: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = cpuMicros(pid);
    const figures = await send(seconds);
    server.push((cpuMicros(pid) - before) / figures.sinceCall.length);
    each.push(figures);
  }
  const rates = each.map((one) => one.sinceCall.length / one.seconds);
  const of = (name: "sinceCall" | "sinceAnswer", share: number) =>
    median(each.map((one) => quantile(one[name], share)));
  const rate = median(rates);
  const p99 = of("sinceCall", 0.99);
  const cpu = median(each.map((one) => one.cpu / one.sinceCall.length));
  console.log(
    `| ${size.toLocaleString("en")} | ${rate.toFixed(0)} (${rates.map((one) => one.toFixed(0)).join(", ")}) ` +
      `| ${of("sinceCall", 0.5)} / ${p99} | ${of("sinceAnswer", 0.5)} / ${of("sinceAnswer", 0.99)} ` +
      `| ${median(server).toFixed(0)} | ${cpu.toFixed(0)} |`,
  );
  return { size, rate, p99 };
}

/** Has each device tell what it is, as the device SDK does; from then on the platform knows it. */
async function introduce(file: ServerFile, credential: DeviceCredential): Promise<void> {
  const agent = createMqttAgent({ connection: { ...placeOf(file), ...credential } });
  const store = createMemoryCredentialStore();
  const device = createDevice({ agent, store, id: credential.managedThingId, nodeId: "bench" });
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => false } },
    actions: { Toggle: () => {} },
  });
  await device.start();
  await device.stop();
}
