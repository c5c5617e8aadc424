import { createHash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, sep } from "node:path";
import type { Auth } from "@hearth/auth";
import type { Database, Outbox, Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import {
  createAwsInvoker,
  createFunctionHost,
  createFunctions,
  createSandbox,
  type Functions,
  type RoleCredentials,
  zipDirectory,
} from "@hearth/functions";
import type { Logs } from "@hearth/stand-ins";
import type { Configuration } from "./configuration.ts";

/** How long an environment without work is kept. */
const IDLE_MS = 10 * 60_000;

/**
 * Functions as the configuration wants them. `notes`: what a person should be told of it. Not run as root, functions
 * could read what the server can: then they run only where somebody has said so.
 */
export function createServerFunctions(
  configuration: Configuration,
  deps: {
    database: Database;
    sealer: Sealer;
    clock: Clock;
    log: Logger;
    outbox: Outbox;
    logs: Logs;
    assumeRoleForService: Auth["assumeRoleForService"];
    credentials?: RoleCredentials;
    /** `http://127.0.0.1:<port>` */
    apiEndpoint(): string;
    /** PEM of the server's own root. */
    authority(): string;
  },
): Functions & { notes: readonly string[] } {
  const { clock, log } = deps;
  const { accountId, dataDir, functionDirectories, functionEnvironments } = configuration;
  // The rest stays free for others, whatever an account's functions wait for.
  const accountConcurrency = Math.ceil((functionEnvironments * 3) / 4);
  const sandbox = createSandbox();
  const disabled = whyNot(configuration, sandbox.ownUsers);
  const notes =
    disabled === undefined && sandbox.absent.length > 0
      ? [`functions (Lambda) run here without ${sandbox.absent.join("; without ")}.`]
      : configuration.functions === "protected" && disabled !== undefined
        ? [disabled]
        : [];
  const host =
    disabled === undefined
      ? createFunctionHost({
          ...{ clock, log, sandbox, logs: deps.logs, ids: configuration.functionIds },
          // Functions may not enter the data directory. The name is this installation's own.
          directory: join(
            tmpdir(),
            `hearth-functions-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`,
          ),
          limits: { accountConcurrency, environments: functionEnvironments, idleMs: IDLE_MS },
          credentials: deps.credentials,
          surroundings: () => ({ AWS_ENDPOINT_URL: deps.apiEndpoint() }),
          certificates: () => [deps.authority(), ...configuration.outboundCa].join("\n"),
        })
      : { disabled };
  const functions = createFunctions({
    ...deps,
    host,
    async requireTrust(roleArn, sourceArn, place) {
      await deps.assumeRoleForService({
        ...{ roleArn, service: "lambda.amazonaws.com", sourceAccount: place.accountId, sourceArn },
      });
    },
    baseUrl: () => configuration.publicUrl ?? deps.apiEndpoint(),
    // The files are the operator's: other accounts' callers may not have them read.
    fromDirectory:
      functionDirectories.length === 0 ? undefined : (path) => zipAllowedDirectory(functionDirectories, path),
    directoryAccount: accountId,
    accountConcurrency,
  });
  if (configuration.functions !== "aws") return { ...functions, notes };
  const aws = createAwsInvoker();
  return {
    ...functions,
    notes,
    invoker: aws,
    async stop() {
      aws.close();
      await functions.stop();
    },
  };
}

function whyNot({ functions }: Configuration, ownUsers: boolean): string | undefined {
  if (functions === "off") return "Functions (Lambda) are switched off here (HEARTH_FUNCTIONS=off).";
  if (functions === "aws") {
    return "Functions are AWS Lambda's here (HEARTH_FUNCTIONS=aws): deploy and invoke them there, without this endpoint.";
  }
  if (functions === "unprotected" || ownUsers) return undefined;
  const why = process.getuid?.() === 0 ? "setpriv (util-linux) is missing" : "this server does not run as root";
  return (
    `Functions (Lambda) are off: ${why}, so a function could read whatever the server can, its keys too. ` +
    "HEARTH_FUNCTIONS=unprotected runs them all the same."
  );
}

async function zipAllowedDirectory(allowed: readonly string[], path: string): Promise<Uint8Array> {
  const refuse = (why: string) => new ServiceError("InvalidParameterValueException", `S3Key: ${why}`, { Type: "User" });
  if (!isAbsolute(path)) throw refuse("the absolute path of a directory is needed.");
  // Where links lead decides.
  const real = await realpath(path).catch(() => undefined);
  const roots = await Promise.all(allowed.map((root) => realpath(root).catch(() => undefined)));
  const inside =
    real !== undefined && roots.some((root) => root !== undefined && (real === root || real.startsWith(root + sep)));
  if (!inside || !(await stat(real)).isDirectory()) {
    throw refuse("there is no such directory under those of HEARTH_FUNCTION_DIRECTORIES.");
  }
  return zipDirectory(real).catch((error: unknown) => {
    throw refuse((error as Error).message);
  });
}
