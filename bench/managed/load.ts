import { readFileSync } from "node:fs";
import type { LoadFigures, LoadJob } from "./job.ts";
import { connectLight, type Light } from "./light.ts";
import { openSigned, type SignedConnection } from "./signed-http.ts";

/** Milliseconds between two looks at the stream; the arrival of a record is what it says itself. */
const POLL_MS = 4;

const ENDPOINTS = [
  {
    endpointId: "1",
    capabilities: [
      { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "Toggle", parameters: {} }] },
    ],
  },
];

export interface Load {
  send(seconds: number, inFlight: number): Promise<LoadFigures>;
  stop(): void;
}

/** The app with its stream, and the devices: everything that is not the server. */
export async function connectLoad({ file, stream, credentials }: LoadJob & { kind: "connect" }): Promise<Load> {
  const ca = readFileSync(file.caFile, "utf8");
  const answers = new Map<string, number>();
  const lights = await Promise.all(
    credentials.map((credential) =>
      connectLight(file.mqttsPort, ca, credential, (traceId, at) => answers.set(traceId, at)),
    ),
  );
  const signer = { endpoint: file.apiEndpoint, ...file };
  const outcomes = await followStream(openSigned({ ...signer, service: "kinesis" }), stream);
  const connections: SignedConnection[] = [];
  const body = JSON.stringify({ Endpoints: ENDPOINTS });
  let next = 0;

  async function commandsUntil(connection: SignedConnection, end: number, figures: LoadFigures): Promise<void> {
    while (Date.now() < end) {
      const { id } = lights[next++ % lights.length] as Light;
      const start = Date.now();
      const { TraceId } = JSON.parse(await connection.post(`/managed-things-command/${id}`, body)) as {
        TraceId: string;
      };
      const arrivedAt = await outcomes.arrival(TraceId);
      figures.sinceCall.push(arrivedAt - start);
      figures.sinceAnswer.push(arrivedAt - (answers.get(TraceId) ?? Number.NaN));
      answers.delete(TraceId);
    }
  }

  return {
    async send(seconds, inFlight) {
      while (connections.length < inFlight)
        connections.push(openSigned({ ...signer, service: "iotmanagedintegrations" }));
      const figures: LoadFigures = { seconds: 0, sinceCall: [], sinceAnswer: [], cpu: 0 };
      const own = process.cpuUsage();
      const begun = performance.now();
      const end = Date.now() + seconds * 1000;
      await Promise.all(connections.slice(0, inFlight).map((connection) => commandsUntil(connection, end, figures)));
      const used = process.cpuUsage(own);
      return {
        ...figures,
        seconds: (performance.now() - begun) / 1000,
        cpu: used.user + used.system,
      };
    },
    stop() {
      outcomes.stop();
      for (const one of [...lights]) one.stop();
      for (const connection of connections) connection.close();
    },
  };
}

/** Reads the stream's only shard, and tells who waits when the outcome of a command has arrived there. */
async function followStream(kinesis: SignedConnection, stream: string) {
  const call = async <Answer>(operation: string, input: object): Promise<Answer> =>
    JSON.parse(await kinesis.post("/", JSON.stringify(input), `Kinesis_20131202.${operation}`)) as Answer;
  const shard = { StreamName: stream, ShardId: "shardId-000000000000", ShardIteratorType: "LATEST" };
  let iterator = (await call<{ ShardIterator: string }>("GetShardIterator", shard)).ShardIterator;
  const waiting = new Map<string, (arrivedAt: number) => void>();
  const early = new Map<string, number>();
  let stopped = false;

  async function read(): Promise<void> {
    while (!stopped) {
      const answer = await call<{
        NextShardIterator: string;
        Records: { Data: string; ApproximateArrivalTimestamp: number }[];
      }>("GetRecords", { ShardIterator: iterator });
      iterator = answer.NextShardIterator;
      for (const { Data, ApproximateArrivalTimestamp } of answer.Records) {
        const { payload } = JSON.parse(Buffer.from(Data, "base64").toString()) as {
          payload: { traceId: string; result: string };
        };
        if (payload.result !== "succeeded") throw new Error(`command ${payload.traceId} has ${payload.result}`);
        const arrivedAt = Math.round(ApproximateArrivalTimestamp * 1000);
        const resolve = waiting.get(payload.traceId);
        if (resolve) resolve(arrivedAt);
        else early.set(payload.traceId, arrivedAt);
        waiting.delete(payload.traceId);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    kinesis.close();
  }

  const reading = read();
  // Whoever waits for a record is told; nobody may be waiting now.
  reading.catch(() => {});
  return {
    arrival: (traceId: string) =>
      new Promise<number>((resolve, reject) => {
        const known = early.get(traceId);
        early.delete(traceId);
        if (known !== undefined) return resolve(known);
        waiting.set(traceId, resolve);
        reading.catch(reject);
      }),
    stop: () => {
      stopped = true;
    },
  };
}
