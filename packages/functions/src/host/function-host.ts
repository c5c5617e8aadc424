import type { Clock, Logger } from "@hearth/base";
import {
  type DeployedFunction,
  errorPayload,
  type Invocation,
  type InvocationResult,
  type RoleCredentials,
  type ThrottleReason,
} from "./deployed-function.ts";
import type { Environment } from "./environment.ts";
import { EnvironmentRefused } from "./environment-refused.ts";
import { createEnvironments } from "./environments.ts";
import type { LogSink } from "./function-log.ts";
import type { Sandbox } from "./sandbox.ts";
import type { IdRange } from "./user-ids.ts";

export interface HostLimits {
  /** Invocations of one account at once. */
  accountConcurrency: number;
  /** Processes of all accounts, idle ones included. */
  environments: number;
  /** Milliseconds after which an idle environment is stopped. */
  idleMs: number;
}

export interface FunctionHostDeps {
  clock: Clock;
  log: Logger;
  sandbox: Sandbox;
  /** For code, temporary files and the runtimes; made anew by the host, and removed when it stops. */
  directory: string;
  /** User and group ids for functions alone; unused where the sandbox has no users. */
  ids: IdRange;
  limits: HostLimits;
  logs?: LogSink | undefined;
  /** Absent: functions get no keys. */
  credentials?: RoleCredentials | undefined;
  /** What functions of any account get besides, AWS_ENDPOINT_URL say; asked when an environment starts. */
  surroundings(): Readonly<Record<string, string>>;
  /** PEM of the certificates that functions trust besides their runtime's own. */
  certificates?(): string;
}

export interface FunctionHost {
  invoke(deployed: DeployedFunction, invocation: Invocation): Promise<InvocationResult>;
  /** No environment of it takes another invocation: it has been changed or deleted. */
  retire(arn: string): void;
  /** Of all functions, and of those how many have nothing to do. */
  environments(): { all: number; idle: number; processIds: number[] };
  /** Ends every environment, also those that are at work. */
  stop(): Promise<void>;
}

interface Waiting {
  invocation: Invocation;
  settle: (result: InvocationResult | Promise<InvocationResult>) => void;
}

interface Pool {
  deployed: DeployedFunction;
  environments: Set<Environment>;
  /** The one used last comes last, and is used first. */
  idle: Environment[];
  waiting: Waiting[];
  /** Environments that are on their way to their first invocation … */
  starting: number;
  /** … and those that have answered but not asked for the next one yet. */
  returning: Set<Environment>;
  /** Invocations, those that wait included. */
  running: number;
}

const SWEEP_MS = 10_000;
const RETURN_MS = 20;

/** Runs functions in environments of their own, which are used again while they are warm. */
export function createFunctionHost(deps: FunctionHostDeps): FunctionHost {
  const { clock, log, limits } = deps;
  const environments = createEnvironments(deps);
  const pools = new Map<string, Pool>();
  const runningOf = new Map<string, number>();
  let count = 0;
  let stopped = false;
  let cancelSweep: (() => void) | undefined;

  function poolOf(deployed: DeployedFunction): Pool {
    const found = pools.get(deployed.arn);
    if (found?.deployed.generation === deployed.generation) return found;
    if (found) retirePool(found);
    const pool: Pool = {
      deployed,
      environments: new Set(),
      idle: [],
      waiting: [],
      starting: 0,
      returning: new Set(),
      running: 0,
    };
    pools.set(deployed.arn, pool);
    return pool;
  }

  /** Whoever waits for one of its environments is still served. */
  function retirePool(pool: Pool): void {
    if (pools.get(pool.deployed.arn) === pool) pools.delete(pool.deployed.arn);
    for (const environment of pool.environments) environment.retired = true;
    for (const environment of pool.idle.splice(0)) environment.end();
  }

  /** The one that has been idle longest makes room. */
  function evictOne(): boolean {
    let oldest: Environment | undefined;
    for (const { idle } of pools.values()) {
      const [first] = idle;
      if (first && (!oldest || first.idleSince < oldest.idleSince)) oldest = first;
    }
    oldest?.end();
    return oldest !== undefined;
  }

  function ready(pool: Pool, environment: Environment): void {
    pool.returning.delete(environment);
    const next = pool.waiting.shift();
    if (next) next.settle(environment.run(next.invocation));
    else if (environment.retired || stopped) environment.end();
    else {
      environment.idleSince = clock.now();
      pool.idle.push(environment);
      cancelSweep ??= clock.after(SWEEP_MS, sweep);
    }
  }

  /** Whoever waits for an environment that has answered waits a moment: mostly it asks for the next one at once. */
  function wait(pool: Pool, invocation: Invocation): Promise<InvocationResult> {
    return new Promise((settle) => {
      const waiting = { invocation, settle };
      pool.waiting.push(waiting);
      if (pool.waiting.length > pool.starting + pool.returning.size) start(pool);
      else {
        clock.after(RETURN_MS, () => {
          if (pool.waiting.includes(waiting) && pool.waiting.length > pool.starting) start(pool);
        });
      }
    });
  }

  function start(pool: Pool): void {
    count++;
    pool.starting++;
    let wasReady = false;
    let environment: Environment | undefined;
    const gone = () => {
      count--;
      if (!wasReady) pool.starting--;
      if (environment) {
        pool.returning.delete(environment);
        pool.environments.delete(environment);
        const at = pool.idle.indexOf(environment);
        if (at >= 0) pool.idle.splice(at, 1);
      }
    };
    environments
      .start(pool.deployed, {
        made: (made) => {
          environment = made;
          pool.environments.add(made);
        },
        onReady: (one) => {
          if (!wasReady) pool.starting--;
          wasReady = true;
          ready(pool, one);
        },
        onAnswered: (one) => pool.returning.add(one),
        onEnded: (one) => {
          gone();
          if (!wasReady) pool.waiting.shift()?.settle(one.initError);
          else if (!stopped && pool.waiting.length > pool.starting + pool.returning.size) start(pool);
        },
      })
      .catch((error: unknown) => {
        if (environment) return environment.end();
        gone();
        log.warn({ err: error, function: pool.deployed.arn }, "an environment could not be started");
        const text = error instanceof EnvironmentRefused ? error.message : "The environment could not be started.";
        pool.waiting.shift()?.settle({ outcome: "failed", payload: errorPayload("Sandbox.Failure", text) });
      });
  }

  /** Ends what has been idle for long, or whose credentials are old. */
  function sweep(): void {
    cancelSweep = undefined;
    const now = clock.now();
    let left = 0;
    for (const pool of pools.values()) {
      for (const environment of [...pool.idle]) {
        if (now - environment.idleSince >= limits.idleMs || now >= environment.retireAt) environment.end();
        else left++;
      }
      if (pool.environments.size === 0 && pool.running === 0) pools.delete(pool.deployed.arn);
    }
    if (left > 0 && !stopped) cancelSweep = clock.after(SWEEP_MS, sweep);
  }

  const throttled = (reason: ThrottleReason, message: string): InvocationResult => ({
    outcome: "throttled",
    reason,
    message,
  });

  function takeIdle(pool: Pool): Environment | undefined {
    for (;;) {
      const environment = pool.idle.pop();
      if (!environment) return undefined;
      if (environment.idle && clock.now() < environment.retireAt) return environment;
      environment.end();
    }
  }

  async function invoke(deployed: DeployedFunction, invocation: Invocation): Promise<InvocationResult> {
    if (stopped) return throttled("CallerRateLimitExceeded", "The server is stopping.");
    const pool = poolOf(deployed);
    const ofAccount = runningOf.get(deployed.accountId) ?? 0;
    if (pool.running >= (deployed.concurrency ?? Number.POSITIVE_INFINITY)) {
      return throttled("ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.");
    }
    if (ofAccount >= limits.accountConcurrency) return throttled("ConcurrentInvocationLimitExceeded", "Rate Exceeded.");
    const environment = takeIdle(pool);
    const needsOne = !environment && pool.waiting.length >= pool.starting + pool.returning.size;
    if (needsOne && count >= limits.environments && !evictOne()) {
      const message = `This server runs ${limits.environments} environments already (HEARTH_FUNCTION_ENVIRONMENTS).`;
      return throttled("ConcurrentInvocationLimitExceeded", message);
    }
    pool.running++;
    runningOf.set(deployed.accountId, ofAccount + 1);
    try {
      if (environment) return await environment.run(invocation);
      return await wait(pool, invocation);
    } finally {
      pool.running--;
      const now = (runningOf.get(deployed.accountId) ?? 1) - 1;
      if (now > 0) runningOf.set(deployed.accountId, now);
      else runningOf.delete(deployed.accountId);
    }
  }

  return {
    invoke,
    retire(arn) {
      const pool = pools.get(arn);
      if (pool) retirePool(pool);
    },
    environments: () => {
      const all = environments.alive();
      const processIds = all.flatMap(({ processId }) => processId ?? []);
      return { all: all.length, idle: all.filter(({ idle }) => idle).length, processIds };
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      cancelSweep?.();
      await environments.stop();
      if (count !== 0) log.warn({ count }, "environments were left over");
    },
  };
}
