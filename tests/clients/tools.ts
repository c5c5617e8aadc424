import { type SpawnOptionsWithoutStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Where a program is on the PATH; undefined when it is not there. */
export function find(program: string): string | undefined {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, program));
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** True when `missing` says why tests cannot run here; says it aloud, so that nobody takes silence for success. */
export function skipped(what: string, missing: string | undefined): boolean {
  if (missing !== undefined) process.stderr.write(`SKIPPED: ${what}: ${missing}\n`);
  return missing !== undefined;
}

/** Major and minor version of the AWS CLI; zeros when it does not say. */
function awsCliVersion(): [number, number] {
  const text = spawnSync("aws", ["--version"], { encoding: "utf8" }).stdout ?? "";
  const [, major = "0", minor = "0"] = /aws-cli\/(\d+)\.(\d+)/.exec(text) ?? [];
  return [Number(major), Number(minor)];
}

export const awsCliMajor = (): number => awsCliVersion()[0];

/** True where `python3` has the CLI as modules; version 2 brings a Python of its own. */
export const canImportAwsCli = (): boolean => spawnSync("python3", ["-c", "import awscli.clidriver"]).status === 0;

/** Why the AWS CLI cannot be used, or undefined. Older ones do not know iot-managed-integrations. */
export function awsCliMissing(): string | undefined {
  if (!find("aws")) return "the AWS CLI (aws) is not on the PATH";
  const [major, minor] = awsCliVersion();
  const isNew = (major === 1 && minor >= 45) || (major === 2 && minor >= 30) || major > 2;
  return isNew ? undefined : `the AWS CLI ${major}.${minor} is too old (1.45 or 2.30 is needed)`;
}

export interface Ran {
  /** Null when a signal or the time limit ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, for at most `timeout` ms. `input` is what it reads. */
export function run(
  program: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio & { input?: string } = {},
): Promise<Ran> {
  const { timeout = 120_000, input, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...rest, timeout });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|HEARTH)_/.test(name)));

/** The environment of an AWS tool that knows one endpoint and one key, and nothing of this machine's own settings. */
export function awsEnvironment(file: {
  apiEndpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}): NodeJS.ProcessEnv {
  return {
    ...ownEnvironment(),
    AWS_ENDPOINT_URL: file.apiEndpoint,
    AWS_REGION: file.region,
    AWS_DEFAULT_REGION: file.region,
    AWS_ACCESS_KEY_ID: file.accessKeyId,
    AWS_SECRET_ACCESS_KEY: file.secretAccessKey,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
  };
}

export interface AwsCli {
  /** Runs `aws <args>` to its end. */
  run(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ran>;
  close(): Promise<void>;
}

/** The AWS CLI, each command in a process of its own; Python reads the CLI's modules once for all of them, if it can. */
export async function openAwsCli(): Promise<AwsCli> {
  if (!canImportAwsCli()) return { run: (args, options) => run("aws", args, options), async close() {} };
  const directory = mkdtempSync(join(tmpdir(), "aws-"));
  const path = join(directory, "cli");
  const script = fileURLToPath(new URL("aws_cli.py", import.meta.url));
  const python = spawn("python3", [script, path], {
    stdio: ["pipe", "pipe", "inherit"],
    env: ownEnvironment(),
  });
  const ended = once(python, "exit");
  const [first] = await Promise.race([once(python.stdout, "data"), ended]);
  if (String(first).trim() !== "ready") throw new Error(`the AWS CLI's modules did not load: ${first}`);
  return {
    async run(args, { cwd, env }) {
      const socket = connect(path);
      socket.end(JSON.stringify({ args, cwd, env }));
      return JSON.parse(await text(socket)) as Ran;
    },
    async close() {
      python.stdin.end();
      await ended;
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
