export type { FunctionCall, FunctionInvoker, FunctionOutcome } from "./invoker.ts";
