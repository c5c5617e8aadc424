import type { IncomingMessage, ServerResponse } from "node:http";
import type { Database, Outbox, Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { LambdaOperations, OperationTable } from "@hearth/contract";
import { createReadCode } from "./code/given-code.ts";
import { createCodeDownload } from "./code-download.ts";
import { createEventQueue } from "./event-queue.ts";
import { functionArn, invalidParameter, logGroupOf, type Place, type StoredFunction } from "./function.ts";
import { functionOperations } from "./function-operations.ts";
import { createFunctionRegistry } from "./function-registry.ts";
import { createFunctionStore, type FunctionStore } from "./function-store.ts";
import type { DeployedFunction } from "./host/deployed-function.ts";
import type { FunctionHost } from "./host/function-host.ts";
import { invokeOperation, type Run } from "./invoke-operation.ts";
import type { FunctionInvoker } from "./invoker.ts";
import { createOwnInvoker } from "./own-invoker.ts";
import { permissionOperations } from "./permission-operations.ts";

export interface FunctionsDeps {
  database: Pick<Database, "commit" | "query">;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  outbox: Outbox;
  /** A sentence about what to do instead: functions can be kept but not run. */
  host: FunctionHost | { disabled: string };
  /** Throws `AccessDeniedException` unless the role's trust policy lets Lambda take it for this function. */
  requireTrust(roleArn: string, functionArn: string, place: Place): Promise<void>;
  /** `http://127.0.0.1:4566`, before the paths of links that are handed out. */
  baseUrl(): string;
  /** Makes a zip of a directory that may be deployed; absent: none may. Throws `InvalidParameterValueException`. */
  fromDirectory?: ((path: string) => Promise<Uint8Array>) | undefined;
  /** The one account that may deploy directories: they are of the machine's operator. */
  directoryAccount: string;
  /** Invocations that an account may run at once. */
  accountConcurrency: number;
}

export interface Functions {
  /** For the API door, service `lambda`. */
  operations: OperationTable<LambdaOperations>;
  /** For services of the platform. */
  invoker: FunctionInvoker;
  /** Serves the links of GetFunction; false when the request is none of them. */
  serveCode(request: IncomingMessage, response: ServerResponse): boolean;
  /** Removes what uploads that were cut off have left. To be awaited before the first request. */
  start(): Promise<void>;
  /** Ends all environments. Invocations under way fail. */
  stop(): Promise<void>;
}

/** Lambda, as far as connectors and other functions of this installation need it. */
export function createFunctions(deps: FunctionsDeps): Functions {
  const { clock, log, database, outbox, sealer } = deps;
  const host = "disabled" in deps.host ? undefined : deps.host;
  const disabled = "disabled" in deps.host ? deps.host.disabled : undefined;
  const store = createFunctionStore(deps);
  const registry = createFunctionRegistry({ database, store, changed: (arn) => host?.retire(arn) });
  const download = createCodeDownload({ store, sealer, clock, log });
  let stopping = false;

  const requireEnabled = () => {
    if (disabled !== undefined) throw invalidParameter(disabled);
  };
  const run: Run = async (stored, invocation) => {
    if (!host) throw invalidParameter(disabled ?? "");
    return host.invoke(deployedOf(store, stored), invocation);
  };
  const events = createEventQueue({ database, outbox, log, registry, run, stopping: () => stopping });

  return {
    operations: {
      ...functionOperations({
        registry,
        store,
        requireEnabled,
        readCode: createReadCode(deps),
        serially: createSerially(),
        requireTrust: deps.requireTrust,
        codeUrl: (stored) => deps.baseUrl() + download.link(stored),
        accountConcurrency: deps.accountConcurrency,
      }),
      ...permissionOperations({ registry }),
      ...invokeOperation({ registry, events, requireEnabled, run }),
    },
    invoker: createOwnInvoker({ clock, registry, run, disabled }),
    serveCode: download.serve,
    start: () => store.dropAllUnusedCode(),
    async stop() {
      stopping = true;
      await host?.stop();
    },
  };
}

/** Tasks of one place one after another. */
function createSerially() {
  const tails = new Map<string, Promise<unknown>>();
  return <T>({ accountId, region }: Place, task: () => Promise<T>): Promise<T> => {
    const key = `${accountId} ${region}`;
    const result = (tails.get(key) ?? Promise.resolve()).then(task);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    return result;
  };
}

const deployed = new WeakMap<StoredFunction, DeployedFunction>();

function deployedOf(store: FunctionStore, stored: StoredFunction): DeployedFunction {
  const known = deployed.get(stored);
  if (known) return known;
  const { accountId, region, name, settings, codeSha256, codeSize } = stored;
  const made: DeployedFunction = {
    accountId,
    region,
    name,
    arn: functionArn(stored, name),
    generation: stored.generation,
    runtime: settings.runtime,
    handler: settings.handler,
    roleArn: settings.role,
    timeoutSeconds: settings.timeoutSeconds,
    memoryMb: settings.memoryMb,
    concurrency: stored.reservedConcurrency,
    logGroup: logGroupOf(stored),
    codeSha256,
    async code() {
      const zip = new Uint8Array(codeSize);
      let at = 0;
      for await (const part of store.code(stored, codeSha256)) {
        zip.set(part, at);
        at += part.byteLength;
      }
      return zip;
    },
    variables: () => stored.variables ?? {},
  };
  deployed.set(stored, made);
  return made;
}
