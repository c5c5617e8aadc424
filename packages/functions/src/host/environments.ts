import { chmod, chown, cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { messageOf, randomHex } from "@hearth/base";
import { BadZip, unpackZip } from "../code/zip-archive.ts";
import type { DeployedFunction } from "./deployed-function.ts";
import { Environment } from "./environment.ts";
import { EnvironmentRefused } from "./environment-refused.ts";
import { environmentVariables } from "./environment-variables.ts";
import type { FunctionHostDeps } from "./function-host.ts";
import { createFunctionLog } from "./function-log.ts";
import { createRuntimeApi } from "./runtime-endpoint.ts";
import { findRuntime } from "./runtimes.ts";
import { UserIds } from "./user-ids.ts";

/** An environment begins nothing when its keys are good for less. */
const CREDENTIALS_MARGIN_MS = 5 * 60_000;
const FAR_FUTURE = Number.MAX_SAFE_INTEGER;
const RUNTIME_FILES = join(dirname(fileURLToPath(import.meta.url)), "..", "runtime");

/** Code of a function on disk, for as long as environments use it. */
interface Unpacked {
  directory: string;
  group: number | undefined;
  users: number;
  done: Promise<void>;
}

/** Makes environments: users, directories, code, process. */
export function createEnvironments(deps: Omit<FunctionHostDeps, "limits">): {
  start(
    deployed: DeployedFunction,
    events: {
      made: (environment: Environment) => void;
      onReady: (environment: Environment) => void;
      onAnswered: (environment: Environment) => void;
      onEnded: (environment: Environment) => void;
    },
  ): Promise<void>;
  alive(): Environment[];
  stop(): Promise<void>;
} {
  const { clock, log, sandbox, directory } = deps;
  const api = createRuntimeApi();
  const ids = new UserIds(deps.ids);
  const unpacked = new Map<string, Unpacked>();
  const alive = new Set<Environment>();
  const removals = new Set<Promise<void>>();
  let prepared: Promise<void> | undefined;

  const inside = (...names: string[]) => join(directory, ...names);
  const bundle = inside("ca-bundle.pem");
  const ownCertificates = inside("ca.pem");

  /** Others may pass through, to what is theirs, but see no names. */
  async function prepare(): Promise<void> {
    await rm(directory, { recursive: true, force: true });
    await mkdir(dirname(directory), { recursive: true });
    if (sandbox.ownUsers) await requireOpenWay(dirname(directory));
    // Not recursive: what somebody else has put in its place is refused.
    await mkdir(directory, { mode: 0o711 });
    await chmod(directory, 0o711);
    for (const name of ["code", "tmp"]) {
      await mkdir(inside(name), { mode: 0o711 });
      await chmod(inside(name), 0o711);
    }
    await cp(RUNTIME_FILES, inside("runtime"), { recursive: true });
    await chmod(inside("runtime"), 0o755);
    const certificates = deps.certificates?.() ?? "";
    await writeFile(ownCertificates, certificates, { mode: 0o644 });
    await writeFile(bundle, `${rootCertificates.join("\n")}\n${certificates}`, { mode: 0o644 });
  }

  function remove(path: string): void {
    const removal = rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
      .catch((error) => log.warn({ path, error: messageOf(error) }, "files of a function could not be removed"))
      .finally(() => removals.delete(removal));
    removals.add(removal);
  }

  function takeId(): number | undefined {
    if (!sandbox.ownUsers) return undefined;
    const id = ids.take();
    if (id === undefined) throw new EnvironmentRefused("All user ids for functions are taken (HEARTH_FUNCTION_UIDS).");
    return id;
  }

  const giveBack = (id: number | undefined) => {
    if (id !== undefined) ids.giveBack(id);
  };

  async function unpack(deployed: DeployedFunction, target: Unpacked): Promise<void> {
    await mkdir(target.directory, { mode: 0o750 });
    await unpackZip(await deployed.code(), target.directory, target.group);
    if (target.group !== undefined) await chown(target.directory, 0, target.group);
    await chmod(target.directory, 0o750);
  }

  /** One copy for all environments of a function, whose group alone may read it. */
  function useCode(deployed: DeployedFunction): { code: Unpacked; leave: () => void } {
    const key = `${deployed.arn} ${deployed.codeSha256}`;
    let code = unpacked.get(key);
    if (!code) {
      const made: Unpacked = {
        directory: inside("code", randomHex(12)),
        group: takeId(),
        users: 0,
        done: Promise.resolve(),
      };
      made.done = unpack(deployed, made);
      code = made;
      unpacked.set(key, code);
    }
    const used = code;
    used.users++;
    return {
      code: used,
      leave() {
        used.users--;
        if (used.users > 0) return;
        if (unpacked.get(key) === used) unpacked.delete(key);
        remove(used.directory);
        giveBack(used.group);
      },
    };
  }

  return {
    async start(deployed, { made, onReady, onAnswered, onEnded }) {
      const undo: (() => void)[] = [];
      try {
        prepared ??= prepare().catch((error) => {
          prepared = undefined;
          throw error;
        });
        await prepared;
        const runtime = findRuntime(deployed.runtime);
        if ("problem" in runtime) throw new EnvironmentRefused(runtime.problem);
        const { code, leave } = useCode(deployed);
        undo.push(leave);
        const [keys] = await Promise.all([deps.credentials?.(deployed.roleArn, deployed.arn), code.done]);
        const user = takeId();
        undo.push(() => giveBack(user));
        const temporary = inside("tmp", randomHex(12));
        await mkdir(temporary, { mode: 0o700 });
        undo.push(() => remove(temporary));
        if (user !== undefined && code.group !== undefined) await chown(temporary, user, code.group);

        const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
        const logStream = `${day}/[$LATEST]${randomHex(16)}`;
        const functionLog = createFunctionLog({
          ...{ clock, log, sink: deps.logs, place: deployed, group: deployed.logGroup, stream: logStream },
        });
        const environment = new Environment({
          deployed,
          clock,
          log: functionLog,
          retireAt: keys ? keys.expiresAt - CREDENTIALS_MARGIN_MS : FAR_FUTURE,
          onReady,
          onAnswered,
          onEnded(one) {
            alive.delete(one);
            for (const step of undo.splice(0).reverse()) step();
            onEnded(one);
          },
        });
        const endpoint = await api.open(environment, user);
        made(environment);
        alive.add(environment);
        const variables = environmentVariables(deployed, {
          ...{ runtimeApi: endpoint.address, taskRoot: code.directory, temporary, logStream, keys },
          certificates: { own: ownCertificates, bundle },
          surroundings: deps.surroundings(),
        });
        const command =
          runtime.kind === "provided"
            ? [join(code.directory, runtime.program)]
            : runtime.kind === "python"
              ? [runtime.program, inside("runtime", "python_runtime.py")]
              : [runtime.program, `--max-old-space-size=${heapMb(deployed)}`, inside("runtime", "node-runtime.mjs")];
        const child = sandbox.start({
          command,
          variables,
          workingDirectory: code.directory,
          temporary,
          hostDirectory: directory,
          memoryMb: deployed.memoryMb,
          ids: user === undefined || code.group === undefined ? undefined : { user, group: code.group },
        });
        environment.begin(endpoint, child, () => sandbox.kill(child, user));
      } catch (error) {
        for (const step of undo.splice(0).reverse()) step();
        if (error instanceof BadZip) throw new EnvironmentRefused(error.message);
        throw error;
      }
    },

    alive: () => [...alive],

    async stop() {
      for (const environment of alive) environment.end();
      if (!prepared) return;
      await prepared.catch(() => {});
      await Promise.all(removals);
      await rm(directory, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 }).catch((error) =>
        log.warn({ directory, error: messageOf(error) }, "files of functions could not be removed"),
      );
    },
  };
}

/** Users of functions pass through what leads to their files. */
async function requireOpenWay(path: string): Promise<void> {
  if (((await stat(path)).mode & 0o001) === 0) {
    throw new EnvironmentRefused(`Functions cannot enter ${path}: set TMPDIR to a directory that everybody may enter.`);
  }
  if (dirname(path) !== path) await requireOpenWay(dirname(path));
}

/** What is left of the memory for JavaScript's heap, so that it ends with a word rather than by a failed allocation. */
const heapMb = ({ memoryMb }: DeployedFunction): number => Math.max(64, Math.floor(memoryMb * 0.9));
