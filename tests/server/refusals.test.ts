import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  complaints,
  type ServerOptions,
  type ServerProcess,
  spawnServer,
  startServerProcess,
} from "../kit/server-process.ts";

const root = mkdtempSync(join(tmpdir(), "hearth-refused-"));
const used = join(root, "used");
let server: ServerProcess;
let taken: Server;
let takenPort: string;

beforeAll(async () => {
  const first = await startServerProcess({ dataDir: used });
  await first.kill("SIGTERM");
  server = await startServerProcess({ dataDir: join(root, "running") });
  taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const address = taken.address();
  takenPort = String(typeof address === "object" ? address?.port : address);
});
afterAll(async () => {
  taken.close();
  await server.kill("SIGTERM");
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

/** A copy of a data directory that a server has used. */
function usedDirectory(name: string): string {
  const directory = join(root, name);
  cpSync(used, directory, { recursive: true });
  return directory;
}

function newDirectory(name: string): string {
  const directory = join(root, name);
  mkdirSync(directory);
  return directory;
}

function configured(text: string): ServerOptions {
  const file = join(newDirectory(`configured-${randomBytes(4).toString("hex")}`), "hearth.yaml");
  writeFileSync(file, text);
  return { environment: { HEARTH_CONFIG: file } };
}

/** Root may write everywhere unless it gives that up. */
const asAnybody =
  process.getuid?.() === 0
    ? ["setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search"]
    : [];

interface Refusal {
  what: string;
  given: () => ServerOptions;
  /** The thing, and the way out. */
  says: readonly (string | RegExp)[];
}

const refusals: Refusal[] = [
  ...["HEARTH_API_PORT", "HEARTH_MQTTS_PORT"].map((name) => ({
    what: `a taken port, ${name}`,
    given: () => ({ dataDir: join(root, name), environment: { [name]: takenPort } }),
    says: ["127.0.0.1:", "taken", name],
  })),
  {
    what: "a taken open MQTT port",
    given: () => ({
      dataDir: join(root, "open-taken"),
      environment: { HEARTH_OPEN_MQTT_PORT: takenPort, HEARTH_OPEN_MQTT_POLICY: "open" },
    }),
    says: ["127.0.0.1:", "taken", "HEARTH_OPEN_MQTT_PORT"],
  },
  {
    what: "an open MQTT port without a policy",
    given: () => ({ dataDir: join(root, "open"), environment: { HEARTH_OPEN_MQTT_PORT: "0" } }),
    says: ["HEARTH_OPEN_MQTT_PORT", "set HEARTH_OPEN_MQTT_POLICY"],
  },
  {
    what: "a directory that another server uses",
    given: () => ({ dataDir: server.dataDir }),
    says: ["Another Hearth runs on", "running", "HEARTH_DATA_DIR"],
  },
  {
    what: "a directory that cannot be written",
    given: () => {
      const dataDir = newDirectory("read-only");
      chmodSync(dataDir, 0o555);
      return { dataDir, prefix: asAnybody };
    },
    says: ["read-only", "cannot be written", "HEARTH_DATA_DIR"],
  },
  {
    what: "a database that cannot be written",
    given: () => {
      const dataDir = usedDirectory("read-only-database");
      chmodSync(join(dataDir, "hearth.db"), 0o400);
      return { dataDir, prefix: asAnybody };
    },
    says: ["read-only-database", "cannot be written", "HEARTH_DATA_DIR"],
  },
  {
    what: "a directory that cannot be made",
    given: () => {
      writeFileSync(join(root, "a-file"), "");
      return { dataDir: join(root, "a-file", "below") };
    },
    says: ["a-file/below", "cannot be made", "HEARTH_DATA_DIR"],
  },
  {
    what: "a database of a newer version",
    given: () => {
      const dataDir = usedDirectory("newer");
      const database = new Sqlite(join(dataDir, "hearth.db"));
      const insert = "INSERT INTO hearth_migration (room, version, name, checksum, applied_at) VALUES (?, ?, ?, ?, 0)";
      database.prepare(insert).run("iot", 99, "what is to come", "x");
      database.close();
      return { dataDir };
    },
    says: ["newer", "what is to come", /start that version|upgrade/i],
  },
  {
    what: "a database that is damaged",
    given: () => {
      const dataDir = usedDirectory("damaged");
      writeFileSync(join(dataDir, "hearth.db"), randomBytes(50_000));
      return { dataDir };
    },
    says: ["damaged", "hearth.db", /restore/],
  },
  {
    what: "another master key",
    given: () => ({
      dataDir: usedDirectory("other-key"),
      environment: { HEARTH_MASTER_KEY: randomBytes(32).toString("base64") },
    }),
    says: ["HEARTH_MASTER_KEY", "other-key", "not the key of this database"],
  },
  {
    what: "a master key that others may read",
    given: () => {
      const dataDir = usedDirectory("open-key");
      chmodSync(join(dataDir, "master.key"), 0o640);
      return { dataDir };
    },
    says: ["open-key/master.key", "can be read by others", "chmod 600"],
  },
  {
    what: "a database server that does not answer",
    given: () => ({
      dataDir: newDirectory("no-postgres"),
      environment: { HEARTH_DATABASE_URL: "postgresql://hearth:hush@127.0.0.1:1/hearth" },
    }),
    says: ["HEARTH_DATABASE_URL", "127.0.0.1:1", "ECONNREFUSED"],
  },
  {
    what: "a bad setting in the environment",
    given: () => ({ environment: { HEARTH_API_PORT: "66000" } }),
    says: ["HEARTH_API_PORT", "from 0 to 65535"],
  },
  {
    what: "a file that is no YAML",
    given: () => configured('region: "us-east-1\napiPort: 1\n'),
    says: ["hearth.yaml", "line"],
  },
  {
    what: "an address that is not this machine's",
    given: () => ({ environment: { HEARTH_BIND: "203.0.113.7" } }),
    says: ["203.0.113.7", "HEARTH_BIND"],
  },
];

test.concurrent.each(refusals)("$what: one line, code 1", async ({ given, says }) => {
  const options = given();
  const refused = spawnServer({ dataDir: join(root, "refused"), ...options });
  expect(await refused.exited, refused.stdout() + refused.stderr()).toBe(1);
  expect(refused.stdout()).toBe("");
  const lines = complaints(refused.stderr()).split("\n");
  expect(lines, refused.stderr()).toHaveLength(2);
  expect(lines[1]).toBe("");
  for (const part of ["hearth: ", ...says]) expect(lines[0]).toMatch(part);
  expect(lines[0]).not.toContain("hush");
});

test("a refusal leaves the running server and the stored data alone", async () => {
  expect(await (await fetch(`${server.file.apiEndpoint}/readyz`)).text()).toBe("ready\n");
  const before = readFileSync(join(used, "hearth.json"), "utf8");
  const again = await startServerProcess({ dataDir: used });
  expect(again.file.accessKeyId).toBe((JSON.parse(before) as { accessKeyId: string }).accessKeyId);
  await again.kill("SIGTERM");
});
