export { createAwsInvoker } from "./aws-invoker.ts";
export { zipDirectory } from "./code/directory-zip.ts";
export { migrations } from "./function-store.ts";
export { createFunctions, type Functions, type FunctionsDeps } from "./functions.ts";
export type {
  DeployedFunction,
  FunctionCredentials,
  Invocation,
  InvocationResult,
  RoleCredentials,
} from "./host/deployed-function.ts";
export { createFunctionHost, type FunctionHost, type FunctionHostDeps, type HostLimits } from "./host/function-host.ts";
export { createSandbox, type Sandbox } from "./host/sandbox.ts";
export type { IdRange } from "./host/user-ids.ts";
export type { FunctionCall, FunctionInvoker, FunctionOutcome } from "./invoker.ts";
