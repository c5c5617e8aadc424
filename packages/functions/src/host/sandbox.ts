import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { findProgram } from "./find-program.ts";

/** The tools of util-linux that the sandbox is made of. */
const TOOLS = ["setpriv", "prlimit", "unshare", "mount"] as const;
type Tool = (typeof TOOLS)[number];

/** What functions see; nothing of the server's own. */
export const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin";

interface SandboxedProcess {
  /** The program and its arguments, by absolute paths. */
  command: readonly string[];
  /** All of its environment. */
  variables: Readonly<Record<string, string>>;
  workingDirectory: string;
  /** A directory that is its own, and the one in which that and the code are. */
  temporary: string;
  hostDirectory: string;
  /** Under which it runs; absent: the server's own. */
  ids?: { user: number; group: number } | undefined;
  memoryMb: number;
}

export interface Sandbox {
  /** Whether each function runs under a user id of its own. */
  readonly ownUsers: boolean;
  /** Whether /tmp is each environment's own. */
  ownTemporary(): boolean;
  /** What protects functions elsewhere but is absent here, each as half a sentence. */
  readonly absent: readonly string[];
  start(wanted: SandboxedProcess): ChildProcess;
  /** Ends everything that has come of the process. */
  kill(child: ChildProcess, user: number | undefined): void;
}

const MIB = 1024 * 1024;
/** What a language's runtime needs beside the function's own memory. */
const RUNTIME_MIB = 192;
/** Processes and threads of an environment. A Node process has about eleven. */
const MOST_PROCESSES = 256;
const MOST_FILES = 1_024;
const LARGEST_FILE = 512 * MIB;

/**
 * The variables come by the standard input, as a script: a command line can be read by everybody, and what stands in the
 * environment of the tools before would act on them while they still are root (LD_PRELOAD).
 */
const LAUNCH = 'eval "$(cat)"; exec "$@" </dev/null';

/**
 * In a mount namespace: code for Lambda writes to /tmp and counts on being alone there. What everybody may write to becomes
 * the environment's own directory; where the host's own lies in one of those, it stays to be found.
 */
const OWN_TEMPORARY = `set -e
own=$1 host=$2
shift 2
for shared in /tmp /var/tmp /dev/shm; do
  case $host in "$shared"/*)
    inside=$own\${host#"$shared"}
    mkdir -p "$inside"
    mount --bind "$host" "$inside"
  esac
done
for shared in /tmp /var/tmp /dev/shm; do
  if [ -d "$shared" ] && [ ! -L "$shared" ]; then mount --rbind "$own" "$shared"; fi
done
cd "$PWD"
set +e`;

/** Of processes, which ends with its first one, and of mounts. */
const NAMESPACE = ["--pid", "--fork", "--kill-child", "--mount-proc"];
/**
 * The first process stays root's own: a function that was it could leave its group and wish not to die with its parent,
 * and so outlive its time and the server.
 */
const FIRST_PROCESS = 'code=0; "$@" || code=$?; exit $code';

const findTool = (name: Tool): string | undefined =>
  findProgram(name, [process.env["PATH"] ?? "", "/usr/sbin", "/usr/bin", "/bin"].join(delimiter));

const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/**
 * How children are confined, as far as this system lets us: user ids of their own (root only), a process namespace that
 * ends with its first process, limits of the kernel, and death with the server.
 */
export function createSandbox(): Sandbox {
  const tools = Object.fromEntries(TOOLS.map((name) => [name, findTool(name)])) as Record<Tool, string | undefined>;
  const root = process.getuid?.() === 0;
  const ownUsers = root && tools.setpriv !== undefined;
  const absent: string[] = [];
  if (!ownUsers) {
    const why = root ? "setpriv (util-linux) is missing" : "the server does not run as root";
    absent.push(`user ids of their own (${why}): functions can read what the server can`);
  }
  if (!tools.prlimit) absent.push("limits of memory, processes and files (prlimit of util-linux is missing)");
  if (!tools.setpriv) absent.push("an end together with the server when that is killed (setpriv is missing)");
  let namespaces: boolean | undefined;
  let mounts: boolean | undefined;

  /** A container may forbid it; asked once. */
  function hasNamespaces(): boolean {
    namespaces ??=
      root &&
      tools.unshare !== undefined &&
      spawnSync(tools.unshare, [...NAMESPACE, "/bin/true"], { timeout: 5_000 }).status === 0;
    return namespaces;
  }

  function ownTemporary(): boolean {
    mounts ??=
      hasNamespaces() &&
      tools.mount !== undefined &&
      spawnSync(tools.unshare ?? "", ["--mount", tools.mount, "--bind", "/tmp", "/tmp"], { timeout: 5_000 }).status ===
        0;
    return mounts;
  }

  return {
    ownUsers,
    ownTemporary,
    absent,

    start({ command, variables, workingDirectory, temporary, hostDirectory, ids, memoryMb }) {
      const chain: string[] = [];
      const { setpriv, prlimit, unshare } = tools;
      if (setpriv) chain.push(setpriv, "--pdeathsig", "KILL");
      if (unshare && hasNamespaces()) {
        const prepare = ids && ownTemporary() ? OWN_TEMPORARY : "shift 2";
        chain.push(unshare, ...NAMESPACE, "/bin/sh", "-c", `${prepare}\n${FIRST_PROCESS}`, "sh");
        chain.push(temporary, hostDirectory);
      }
      if (setpriv && ids) {
        chain.push(setpriv, "--reuid", `${ids.user}`, "--regid", `${ids.group}`, "--clear-groups", "--no-new-privs");
        chain.push("--inh-caps=-all", "--bounding-set=-all", "--pdeathsig", "KILL");
      }
      if (prlimit) {
        chain.push(prlimit, `--data=${(memoryMb + RUNTIME_MIB) * MIB}`, `--nofile=${MOST_FILES}`, "--core=0");
        // The limit counts all processes of a user: only where the user is the environment's own.
        if (ids) chain.push(`--nproc=${MOST_PROCESSES}`);
        chain.push(`--fsize=${LARGEST_FILE}`, "--");
      }
      chain.push("/bin/sh", "-c", LAUNCH, "sh", ...command);
      const [program = "", ...args] = chain;
      const child = spawn(program, args, {
        cwd: workingDirectory,
        env: { PATH: SEARCH_PATH },
        stdio: ["pipe", "pipe", "pipe"],
        // A group of its own, which can be ended as a whole.
        detached: true,
      });
      child.stdin?.on("error", () => {});
      const script = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
      child.stdin?.end(script.join(""));
      return child;
    },

    kill(child, user) {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // Gone already.
      }
      // Whoever has left the group still has the user id. Inside a namespace nobody outlives its first process.
      if (user === undefined || hasNamespaces() || !tools.setpriv) return;
      const sweep = ["--reuid", `${user}`, "--clear-groups", "/bin/sh", "-c", "kill -KILL -1"];
      spawn(tools.setpriv, sweep, { stdio: "ignore" }).on("error", () => {});
    },
  };
}
