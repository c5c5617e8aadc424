import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import type { Check } from "./checks.ts";
import { type CheckResult, runChecks } from "./run-checks.ts";

export interface ConnectorTestOptions {
  handler?: string;
  runtime?: string;
  /** File of NAME=value lines. */
  env?: string;
  token?: string;
  vendorUrlEnv?: string;
  /** PEM file. */
  ca?: string;
  /** Whether the user is to stay linked. */
  keepUser?: boolean;
  json?: boolean;
}

/** `hearth connector test`: plays the platform against the connector in a directory. */
export async function connectorTest(directory: string, options: ConnectorTestOptions): Promise<void> {
  const token = options.token ?? process.env["HEARTH_CONNECTOR_TOKEN"];
  if (!token) {
    throw new CommandError("Give the access token of a user at the vendor: --token, or HEARTH_CONNECTOR_TOKEN.");
  }
  if (!existsSync(directory)) throw new CommandError(`${directory} does not exist.`);
  const runtime = options.runtime === undefined ? runtimeOf(directory) : fullRuntime(options.runtime);
  const variables = options.env === undefined ? {} : parseVariables(await readText(options.env));
  const { vendorUrlEnv } = options;
  if (vendorUrlEnv !== undefined && !URL.canParse(variables[vendorUrlEnv] ?? "")) {
    throw new CommandError(`--vendor-url-env: ${vendorUrlEnv} is no URL in the file of --env.`);
  }
  const show = options.json ? undefined : display(process.stdout);
  const results = await runChecks({
    ...{ directory, runtime, variables, token },
    handler: options.handler ?? (runtime.startsWith("python") ? "lambda_function.lambda_handler" : "index.handler"),
    ...(vendorUrlEnv === undefined ? {} : { vendorUrlVariable: vendorUrlEnv }),
    ...(options.ca === undefined ? {} : { ca: await readText(options.ca) }),
    wanted: ({ needs }) => !(options.keepUser && needs === "end"),
    ...(show ? { progress: show } : {}),
  });
  const failed = results.filter(({ ok }) => !ok).length;
  if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else {
    process.stdout.write(
      failed === 0
        ? `\nThe connector keeps the contract: ${results.length} checks.\n`
        : `\n${failed} of ${results.length} checks failed. The clauses are those of docs/connector-sdk.md.\n`,
    );
    if (vendorUrlEnv === undefined) {
      process.stdout.write(
        "Not tried: a vendor that answers nonsense. Name the variable of its URL: --vendor-url-env.\n",
      );
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

const RUNTIMES = { node: "nodejs22.x", python3: "python3.12", bootstrap: "provided.al2023" } as const;

/** By AWS's name or a short one; undefined: what stands in the directory decides. */
export function runtimeOf(directory: string): string {
  if (existsSync(join(directory, "bootstrap"))) return RUNTIMES.bootstrap;
  if (existsSync(join(directory, "lambda_function.py"))) return RUNTIMES.python3;
  if (["index.mjs", "index.js", "index.cjs"].some((name) => existsSync(join(directory, name)))) return RUNTIMES.node;
  throw new CommandError(
    `${directory} holds no function: an index.mjs, a lambda_function.py or a bootstrap. Build it first, or give --runtime and --handler.`,
  );
}

/** `node`, `python3` and `bootstrap` are short for AWS's names. */
const fullRuntime = (name: string): string =>
  Object.hasOwn(RUNTIMES, name) ? RUNTIMES[name as keyof typeof RUNTIMES] : name;

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

/** Lines of NAME=value; empty ones and those that begin with # are passed over. */
export function parseVariables(text: string): Record<string, string> {
  const variables = new Map<string, string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, name, value] = /^([A-Za-z]\w*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new CommandError(`--env: line ${i + 1} is not NAME=value.`);
    variables.set(name, value);
  }
  return Object.fromEntries(variables);
}

/** One line a check; on a terminal the one that runs is shown while it does. */
function display(out: NodeJS.WriteStream): {
  begins(check: Check, n: number, of: number): void;
  ended(result: CheckResult): void;
} {
  const isTerminal = out.isTTY === true;
  return {
    begins({ clause, title }, number, of) {
      if (isTerminal) out.write(`\r\u001b[K  … [${number}/${of}] ${clause} ${title}`.slice(0, (out.columns ?? 80) + 4));
    },
    ended({ ok, clause, title, why }) {
      out.write(`${isTerminal ? "\r\u001b[K" : ""}${ok ? "ok  " : "FAIL"} ${clause} ${title}\n`);
      if (why !== undefined) out.write(`         ${why}\n`);
    },
  };
}
