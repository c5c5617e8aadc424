import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { promisify } from "node:util";
import { CommandError } from "../../command-error.ts";
import type { HearthFile } from "../../hearth-file.ts";

const run = promisify(execFile);

/** Where functions look for programs: a Python elsewhere would not be found by the connector. */
const FUNCTIONS_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin";

/** @throws CommandError saying what to install, when a program that the demo needs is not there */
export async function requirePrograms(): Promise<void> {
  const missing = [
    ...((await runs("aws")) ? [] : ["the AWS CLI (https://aws.amazonaws.com/cli, or pip install awscli)"]),
    ...((await runs("python3"))
      ? []
      : ["Python 3.9 or later (python3), which one of the two connectors is written in"]),
    ...((await runs("python3", FUNCTIONS_PATH)) ? [] : [`python3 in one of ${FUNCTIONS_PATH}, where functions look`]),
  ];
  if (missing.length > 0) throw new CommandError(`this demo needs ${missing.join(" and ")}. Install it and run again.`);
}

const runs = (command: string, PATH = process.env["PATH"]): Promise<boolean> =>
  run(command, ["--version"], { env: { ...process.env, PATH } }).then(
    () => true,
    () => false,
  );

/** The AWS CLI as it is, led to this server by its environment and nothing else: the answer's JSON. */
export function awsCli(file: Pick<HearthFile, "apiEndpoint" | "region" | "accessKeyId" | "secretAccessKey">) {
  const { PATH, HOME } = process.env;
  const env = {
    ...{ PATH, HOME, AWS_ENDPOINT_URL: file.apiEndpoint, AWS_REGION: file.region, AWS_DEFAULT_REGION: file.region },
    ...{ AWS_ACCESS_KEY_ID: file.accessKeyId, AWS_SECRET_ACCESS_KEY: file.secretAccessKey },
    // Nobody's profile, and no pager.
    ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull, AWS_PAGER: "" },
  };
  return async (...args: string[]): Promise<Record<string, unknown>> => {
    try {
      const { stdout } = await run("aws", args, { env, timeout: 120_000 });
      return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      throw new CommandError(`aws ${args.slice(0, 2).join(" ")} failed: ${stderr.trim() || error}`);
    }
  };
}
