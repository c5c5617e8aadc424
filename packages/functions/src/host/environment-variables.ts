import type { DeployedFunction, FunctionCredentials } from "./deployed-function.ts";
import { SEARCH_PATH } from "./sandbox.ts";

/** AWS: Defined runtime environment variables, reserved; and what the shell that starts them will not have set. */
const RESERVED: readonly string[] = [
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "EUID",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "PPID",
  "UID",
];

/** Names that a function may not set. */
export const reservedNames = (variables: Readonly<Record<string, string>>): string[] =>
  Object.keys(variables).filter((name) => RESERVED.includes(name));

/** All that a function's process finds in its environment. */
export function environmentVariables(
  deployed: DeployedFunction,
  given: {
    runtimeApi: string;
    taskRoot: string;
    temporary: string;
    logStream: string;
    keys: FunctionCredentials | undefined;
    certificates: { own: string; bundle: string };
    surroundings: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const { keys, certificates } = given;
  return {
    HOME: given.temporary,
    LANG: "C.UTF-8",
    NODE_EXTRA_CA_CERTS: certificates.own,
    PATH: SEARCH_PATH,
    SSL_CERT_FILE: certificates.bundle,
    TMPDIR: given.temporary,
    TZ: ":UTC",
    ...given.surroundings,
    ...deployed.variables(),
    _HANDLER: deployed.handler,
    AWS_DEFAULT_REGION: deployed.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${deployed.memoryMb}`,
    AWS_LAMBDA_FUNCTION_NAME: deployed.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: deployed.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: given.logStream,
    AWS_LAMBDA_RUNTIME_API: given.runtimeApi,
    AWS_REGION: deployed.region,
    LAMBDA_TASK_ROOT: given.taskRoot,
    ...(keys && {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken,
    }),
  };
}
