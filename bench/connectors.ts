import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { type Client, createClient, type ServiceOperations } from "@hearth/client";
import { build } from "esbuild";
import yazl from "yazl";
import { type ServerFile, startServerProcess } from "../tests/kit/server-process.ts";
import { makeVendorSecret, policyOf } from "../tests/kit/vendor-secret.ts";
import { median, quantile } from "./machine.ts";
import { cpuMicros, residentBytes } from "./mqtt/process-figures.ts";

type Clients = {
  [Service in "iam" | "iot-managed-integrations" | "kinesis" | "kms" | "lambda" | "secretsmanager"]: Client<
    ServiceOperations[Service]
  >;
};

const NAME = "bench";
const STREAM = "bench";
/** Devices that are commanded. */
const DEVICES = 32;
const IN_FLIGHT = [1, 16];
const WARM_UP_SECONDS = 5;
/** Without commands, to know what the stream's reader costs. */
const IDLE_SECONDS = 2;
const DEVICES_FOUND = 5_000;

/**
 * A discovery of 5,000 devices in 50 pages of which one comes twice, and commands end to end: from the app's call through a
 * function on the SDK, which acknowledges and tells the outcome, to the DEVICE_COMMAND record in the account's stream.
 */
export async function benchConnectors(seconds: number, runs: number): Promise<void> {
  const server = await startServerProcess({
    fromSources: true,
    environment: { HEARTH_FUNCTIONS: process.getuid?.() === 0 ? "protected" : "unprotected" },
  });
  try {
    const clients = clientsOf(server.file);
    await openStream(clients, server.file);
    const AccountAssociationId = await associate(clients, server.file);
    const discoveries: string[] = [];
    for (let run = 0; run < runs; run++) discoveries.push(await discover(clients, server.pid, AccountAssociationId));
    const things = await register(clients, AccountAssociationId, discoveries.at(-1) ?? "");
    const outcomes = readOutcomes(clients);
    const command = async (ManagedThingId: string, on: boolean): Promise<number> => {
      const action = { name: on ? "On" : "Off", parameters: {} };
      const capability = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [action] };
      const Endpoints = [{ endpointId: "1", capabilities: [capability] }];
      const begun = Date.now();
      const given = { ManagedThingId, AccountAssociationId, Endpoints };
      const { TraceId = "" } = await clients["iot-managed-integrations"].send("SendManagedThingCommand", given);
      return (await outcomes.of(TraceId)) - begun;
    };
    const load = async (inFlight: number, duration: number): Promise<number[]> => {
      const latencies: number[] = [];
      const end = Date.now() + duration * 1000;
      const worker = async (ManagedThingId: string) => {
        for (let on = true; Date.now() < end; on = !on) latencies.push(await command(ManagedThingId, on));
      };
      await Promise.all(things.slice(0, inFlight).map(worker));
      return latencies;
    };
    await load(16, WARM_UP_SECONDS);
    const before = cpuMicros(server.pid);
    await wait(IDLE_SECONDS * 1000);
    const reading = (cpuMicros(server.pid) - before) / IDLE_SECONDS;
    for (const inFlight of IN_FLIGHT) {
      for (let run = 0; run < runs; run++) {
        const cpu = cpuMicros(server.pid);
        const latencies = await load(inFlight, seconds);
        const each = (cpuMicros(server.pid) - cpu - reading * seconds) / latencies.length;
        console.log(
          `commands, ${inFlight} in flight: ${(latencies.length / seconds).toFixed(0)}/s, p50 ${median(latencies).toFixed(0)} ms, ` +
            `p99 ${quantile(latencies, 0.99).toFixed(0)} ms, ${each.toFixed(0)} µs of the server's CPU each`,
        );
      }
    }
    outcomes.stop();
  } finally {
    await server.stop();
  }
}

function clientsOf(file: ServerFile): Clients {
  const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
  return {
    iam: createClient("iam", options),
    "iot-managed-integrations": createClient("iot-managed-integrations", options),
    kinesis: createClient("kinesis", options),
    kms: createClient("kms", options),
    lambda: createClient("lambda", options),
    secretsmanager: createClient("secretsmanager", options),
  };
}

async function roleFor({ iam }: Clients, RoleName: string, Service: string, Action: readonly string[]) {
  const trust = { Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send("CreateRole", { RoleName, AssumeRolePolicyDocument: policyOf(trust) });
  const PolicyDocument = policyOf({ Effect: "Allow", Action, Resource: "*" });
  await iam.send("PutRolePolicy", { RoleName, PolicyName: NAME, PolicyDocument });
  return Role.Arn;
}

async function openStream(clients: Clients, { accountId, region }: ServerFile): Promise<void> {
  const { kinesis, "iot-managed-integrations": managed } = clients;
  await kinesis.send("CreateStream", { StreamName: STREAM, ShardCount: 1 });
  while (
    (await kinesis.send("DescribeStreamSummary", { StreamName: STREAM })).StreamDescriptionSummary?.StreamStatus !==
    "ACTIVE"
  )
    await wait(50);
  await managed.send("CreateDestination", {
    ...{ Name: STREAM, DeliveryDestinationType: "KINESIS" },
    DeliveryDestinationArn: `arn:aws:kinesis:${region}:${accountId}:stream/${STREAM}`,
    RoleArn: await roleFor(clients, "stream", "iotmanagedintegrations.amazonaws.com", ["kinesis:PutRecord"]),
  });
  await managed.send("CreateNotificationConfiguration", { EventType: "DEVICE_COMMAND", DestinationName: STREAM });
}

/** The function, its connector, and an association by a secret of the customer's, which asks nobody to sign in. */
async function associate(clients: Clients, file: ServerFile): Promise<string> {
  const { lambda, "iot-managed-integrations": managed } = clients;
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "connectors/function.ts")],
    ...{ bundle: true, write: false, platform: "node", format: "esm", target: "node20", minify: true },
    external: ["@aws-sdk/credential-provider-node"],
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  });
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(outputFiles[0]?.contents ?? []), "index.mjs");
  zip.end();
  const allowed = ["iotmanagedintegrations:SendConnectorEvent", "lambda:InvokeFunction"];
  const { FunctionArn = "" } = await lambda.send("CreateFunction", {
    ...{ FunctionName: NAME, Runtime: "nodejs22.x", Handler: "index.handler", Timeout: 300 },
    Role: await roleFor(clients, "function", "lambda.amazonaws.com", allowed),
    Code: { ZipFile: new Uint8Array(await buffer(zip.outputStream)) },
  });
  await lambda.send("AddPermission", {
    ...{ FunctionName: NAME, StatementId: "platform", Action: "lambda:InvokeFunction" },
    Principal: "iotmanagedintegrations.amazonaws.com",
  });
  const EndpointConfig = { lambda: { arn: FunctionArn } };
  const { Id: CloudConnectorId = "" } = await managed.send("CreateCloudConnector", { Name: NAME, EndpointConfig });
  const AuthMaterialName = "key";
  const SecretsManager = await makeVendorSecret(clients, file, "a-key-of-the-customer");
  const { Id: ConnectorDestinationId = "" } = await managed.send("CreateConnectorDestination", {
    CloudConnectorId,
    AuthConfig: { GeneralAuthorization: [{ AuthMaterialName, SecretsManager }] },
  });
  const given = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName } };
  const { AccountAssociationId } = await managed.send("CreateAccountAssociation", given);
  for (;;) {
    const { AssociationState, ErrorMessage } = await managed.send("GetAccountAssociation", { AccountAssociationId });
    if (AssociationState === "ASSOCIATION_SUCCEEDED") return AccountAssociationId;
    if (AssociationState === "ASSOCIATION_FAILED") throw new Error(`not linked: ${ErrorMessage}`);
    await wait(20);
  }
}

/** Prints how long the discovery took, and how much memory the server had at most meanwhile: the discovery's id. */
async function discover(clients: Clients, pid: number, AccountAssociationId: string): Promise<string> {
  const { "iot-managed-integrations": managed } = clients;
  const before = residentBytes(pid);
  const cpu = cpuMicros(pid);
  let peak = before;
  const begun = performance.now();
  const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
  const { Id: Identifier = "" } = await managed.send("StartDeviceDiscovery", search);
  for (;;) {
    const { Status } = await managed.send("GetDeviceDiscovery", { Identifier });
    peak = Math.max(peak, residentBytes(pid));
    if (Status === "SUCCEEDED") break;
    if (Status !== "RUNNING") throw new Error(`the discovery is ${Status}`);
    await wait(20);
  }
  const took = performance.now() - begun;
  const used = (cpuMicros(pid) - cpu) / 1e6;
  let found = 0;
  for (let NextToken: string | undefined; ; ) {
    const page = await managed.send("ListDiscoveredDevices", {
      ...{ Identifier, MaxResults: 100 },
      ...(NextToken ? { NextToken } : {}),
    });
    found += page.Items?.length ?? 0;
    NextToken = page.NextToken;
    if (!NextToken) break;
  }
  if (found !== DEVICES_FOUND) throw new Error(`${found} devices were found`);
  const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(0);
  console.log(
    `discovery of ${found} devices: ${(took / 1000).toFixed(2)} s, ${used.toFixed(2)} s of the server's CPU, ` +
      `${mib(before)} MiB resident before, ${mib(peak)} MiB at most`,
  );
  return Identifier;
}

async function register(clients: Clients, AccountAssociationId: string, DeviceDiscoveryId: string): Promise<string[]> {
  const { "iot-managed-integrations": managed } = clients;
  const given = { Identifier: DeviceDiscoveryId, MaxResults: DEVICES };
  const { Items = [] } = await managed.send("ListDiscoveredDevices", given);
  return Promise.all(
    Items.map(async ({ AuthenticationMaterial = "" }) => {
      const { Id: ManagedThingId = "" } = await managed.send("CreateManagedThing", {
        ...{ Role: "DEVICE", AuthenticationMaterialType: "DISCOVERED_DEVICE", AuthenticationMaterial },
      });
      const three = { AccountAssociationId, DeviceDiscoveryId, ManagedThingId };
      await managed.send("RegisterAccountAssociation", three);
      return ManagedThingId;
    }),
  );
}

/** The records of the stream say themselves when they arrived: reading them late costs no latency. */
function readOutcomes({ kinesis }: Clients) {
  const arrived = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  let stopped = false;

  async function read(): Promise<void> {
    const { Shards } = await kinesis.send("ListShards", { StreamName: STREAM });
    const shard = {
      StreamName: STREAM,
      ShardId: Shards?.[0]?.ShardId ?? "",
      ShardIteratorType: "TRIM_HORIZON" as const,
    };
    let { ShardIterator } = await kinesis.send("GetShardIterator", shard);
    while (!stopped && ShardIterator) {
      const { Records, NextShardIterator } = await kinesis.send("GetRecords", { ShardIterator });
      ShardIterator = NextShardIterator;
      for (const { Data, ApproximateArrivalTimestamp } of Records) {
        const { payload } = JSON.parse(new TextDecoder().decode(Data)) as {
          payload: { traceId: string; result: string };
        };
        if (payload.result !== "succeeded") throw new Error(`a command has ${payload.result}`);
        const at = (ApproximateArrivalTimestamp ?? 0) * 1000;
        const told = waiting.get(payload.traceId);
        if (told) {
          waiting.delete(payload.traceId);
          told(at);
        } else arrived.set(payload.traceId, at);
      }
      await wait(5);
    }
  }
  const reading = read();
  return {
    async of(traceId: string): Promise<number> {
      const at = arrived.get(traceId);
      if (at !== undefined) {
        arrived.delete(traceId);
        return at;
      }
      const told = new Promise<number>((resolve) => waiting.set(traceId, resolve));
      return Promise.race([told, reading.then(() => Promise.reject(new Error("the reader has ended")))]);
    },
    stop: () => {
      stopped = true;
    },
  };
}
