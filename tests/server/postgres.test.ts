import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearth } from "../kit/command.ts";
import { type RunningPostgres, startPostgres } from "../kit/postgres.ts";
import { type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { clientsOf, provisionDevice } from "./doors.ts";

const dataDir = mkdtempSync(join(tmpdir(), "hearth-on-postgres-"));
let postgres: RunningPostgres;
let server: ServerProcess;
const start = () => startServerProcess({ dataDir, environment: { HEARTH_DATABASE_URL: postgres.url } });

beforeAll(async () => {
  postgres = await startPostgres();
  server = await start();
});
afterAll(async () => {
  await server?.kill("SIGTERM");
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

test("the walk on PostgreSQL", async () => {
  const walk = await hearth(dataDir, "demo");
  expect(walk.stderr).toBe("");
  expect(walk.code, walk.stdout).toBe(0);
  for (const told of ["ACTIVATED", "OnOff: true", "DEVICE_EVENT", "DEVICE_STATE", "DELETED", "Done."]) {
    expect(walk.stdout).toContain(told);
  }
  // Nothing of it lies in a database beside.
  expect(existsSync(join(dataDir, "hearth.db"))).toBe(false);
});

test("a second start on the same database keeps everything", async () => {
  const { file } = server;
  const clients = clientsOf(file);
  const { credential } = await provisionDevice(clients, file, "POSTGRES");
  await clients.iotData.send("UpdateThingShadow", {
    thingName: credential.managedThingId,
    payload: Buffer.from(JSON.stringify({ state: { desired: { on: true } } })),
  });
  await clients.kinesis.send("CreateStream", { StreamName: "kept", ShardCount: 1 });
  const authority = readFileSync(file.caFile, "utf8");
  expect(await server.kill("SIGKILL")).toBe(null);

  server = await start();
  expect(server.file).toMatchObject({ accessKeyId: file.accessKeyId, secretAccessKey: file.secretAccessKey });
  expect(readFileSync(file.caFile, "utf8")).toBe(authority);
  const { managed, iot, iotData, kinesis } = clientsOf(server.file);
  const Identifier = credential.managedThingId;
  expect(await managed.send("GetManagedThing", { Identifier })).toMatchObject({ SerialNumber: "POSTGRES" });
  expect(await iot.send("DescribeThing", { thingName: Identifier })).toMatchObject({ thingName: Identifier });
  const { payload } = await iotData.send("GetThingShadow", { thingName: Identifier });
  expect(JSON.parse(Buffer.from(payload ?? []).toString())).toMatchObject({ state: { desired: { on: true } } });
  const { StreamDescriptionSummary } = await kinesis.send("DescribeStreamSummary", { StreamName: "kept" });
  expect(StreamDescriptionSummary?.StreamStatus).toBe("ACTIVE");
});

test("backups are PostgreSQL's own, and that is said", async () => {
  const refused = await hearth(dataDir, "backup", "mine");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^hearth: .*pg_dump.*\n$/) });
});
