import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@hearth/client";
import { ROOT } from "../../tests/kit/programs.ts";
import { type ServerOptions, startServerProcess } from "../../tests/kit/server-process.ts";
import { type BenchCertificates, makeCertificates } from "./certificates.ts";
import { onCore } from "./cores.ts";

/** A broker that runs. */
export interface Broker {
  pid: number;
  tcpPort: number;
  tlsPort: number;
  stop(): Promise<void>;
}

export interface BrokerKind {
  name: string;
  /** Version and settings that matter. */
  about: string;
  start(profileDirectory?: string): Promise<Broker>;
}

/** The bench cannot be run here; the message says what to install. */
export class BenchError extends Error {}

const POLICY = "bench";

/** What all brokers share for one run of the bench: certificates and a directory. */
export interface Ground {
  directory: string;
  certificates: BenchCertificates;
  remove(): void;
}

export async function prepareGround(): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  return {
    directory,
    certificates: await makeCertificates(),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Hearth as `npm start` runs it, with the open port, under a policy that denies. */
export async function hearthOf({ directory, certificates }: Ground): Promise<BrokerKind> {
  const options = (more: Partial<ServerOptions> = {}): ServerOptions => ({
    dataDir: join(directory, "hearth"),
    fromSources: true,
    prefix: onCore("broker"),
    environment: { HEARTH_OPEN_MQTT_PORT: "0", HEARTH_OPEN_MQTT_POLICY: POLICY },
    ...more,
  });
  mkdirSync(join(directory, "hearth"), { mode: 0o700 });
  const server = await startServerProcess(options());
  const { file } = server;
  const arn = (resource: string) => `arn:aws:iot:${file.region}:${file.accountId}:${resource}`;
  const iot = createClient("iot", { endpoint: file.apiEndpoint, region: file.region, credentials: file });
  await iot.send("CreatePolicy", {
    policyName: POLICY,
    policyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "iot:Connect", Resource: arn(`client/\${iot:ClientId}`) },
        { Effect: "Allow", Action: "iot:Publish", Resource: arn(`topic/bench/\${iot:ClientId}/*`) },
        { Effect: "Allow", Action: "iot:Receive", Resource: arn("topic/bench/*") },
        { Effect: "Allow", Action: "iot:Subscribe", Resource: arn("topicfilter/bench/*") },
        { Effect: "Deny", Action: "iot:Publish", Resource: arn("topic/bench/*/denied") },
      ],
    }),
  });
  const registered = await iot.send("RegisterCertificateWithoutCA", {
    certificatePem: certificates.client.cert,
    status: "ACTIVE",
  });
  await iot.send("AttachPolicy", { policyName: POLICY, target: registered.certificateArn ?? "" });
  await server.stop();
  return {
    name: "Hearth",
    about: "authorization by policy, metrics and sessions on; embedded store with fsync",
    async start(profileDirectory) {
      const nodeArguments = profileDirectory ? ["--cpu-prof", `--cpu-prof-dir=${profileDirectory}`] : [];
      // The sampling thread would wait for the main thread on a core that they share, and see it idle only.
      const prefix = profileDirectory ? [] : onCore("broker");
      const running = await startServerProcess(options({ nodeArguments, prefix }));
      return {
        pid: running.pid,
        tcpPort: running.file.openMqttPort ?? 0,
        tlsPort: running.file.mqttsPort,
        stop: () => running.stop(),
      };
    },
  };
}

/** Debian's mosquitto without persistence. @throws BenchError when it is not installed */
export function mosquittoOf({ directory, certificates }: Ground): BrokerKind {
  // Debian puts it where only root looks.
  const command = ["mosquitto", "/usr/sbin/mosquitto"].find((path) => !spawnSync(path, ["-h"]).error);
  if (!command) throw new BenchError("mosquitto is not installed: apt-get install mosquitto");
  const version = /version (\S+)/.exec(spawnSync(command, ["-h"]).stdout.toString())?.[1] ?? "";
  return {
    name: "mosquitto",
    about: `${version}; persistence off, set_tcp_nodelay true, queues without limit, no authorization`,
    async start() {
      const [tcpPort, tlsPort] = [await freePort(), await freePort()];
      const file = (name: string, content: string) => {
        const path = join(directory, name);
        writeFileSync(path, content, { mode: 0o600 });
        return path;
      };
      const configuration = file(
        "mosquitto.conf",
        [
          `user ${userInfo().username}`,
          "persistence false",
          "allow_anonymous true",
          "set_tcp_nodelay true",
          "max_inflight_messages 0",
          "max_queued_messages 0",
          "log_dest none",
          `listener ${tcpPort} 127.0.0.1`,
          `listener ${tlsPort} 127.0.0.1`,
          `cafile ${file("ca.pem", certificates.ca)}`,
          `certfile ${file("server.pem", certificates.server.cert)}`,
          `keyfile ${file("server.key", certificates.server.key)}`,
          "require_certificate true",
          "",
        ].join("\n"),
      );
      const child = start(command, ["-c", configuration]);
      return { ...(await ready(child, tcpPort)), tcpPort, tlsPort };
    },
  };
}

/** aedes with its memory persistence. */
export function aedesOf({ directory, certificates }: Ground): BrokerKind {
  return {
    name: "aedes",
    about: "1.2.0; memory persistence, no authorization",
    async start() {
      const [tcpPort, tlsPort] = [await freePort(), await freePort()];
      const settings = join(directory, "aedes.json");
      writeFileSync(settings, JSON.stringify({ tcpPort, tlsPort, ca: certificates.ca, ...certificates.server }), {
        mode: 0o600,
      });
      const peer = fileURLToPath(new URL("aedes-peer.ts", import.meta.url));
      const child = start(process.execPath, ["--import", "tsx", peer, settings]);
      return { ...(await ready(child, tcpPort)), tcpPort, tlsPort };
    },
  };
}

function start(command: string, args: string[]): ChildProcess {
  const [first = "", ...rest] = [...onCore("broker"), command, ...args];
  return spawn(first, rest, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}

/** Waits until it accepts. */
async function ready(child: ChildProcess, port: number): Promise<Pick<Broker, "pid" | "stop">> {
  const ended = once(child, "exit");
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (child.exitCode !== null || attempt > 200) throw new BenchError(`${child.spawnargs.join(" ")} does not run`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
