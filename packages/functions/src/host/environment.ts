import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Clock } from "@hearth/base";
import { type DeployedFunction, errorPayload, type Invocation, type InvocationResult } from "./deployed-function.ts";
import type { FunctionLog } from "./function-log.ts";
import { LONGEST_ANSWER, type RuntimeEndpoint, type RuntimeParty } from "./runtime-endpoint.ts";

type Ran = Exclude<InvocationResult, { outcome: "throttled" }>;

interface Running {
  invocation: Invocation;
  settle: (result: Ran) => void;
  startedAt: number;
}

/** AWS: Lambda execution environment life cycle, init phase. */
const INIT_MS = 10_000;
/** Memory is looked at no more often. */
const MEMORY_EVERY_MS = 1_000;

/** One process of a function and its side of the Runtime API: it has one invocation at a time. */
export class Environment implements RuntimeParty {
  readonly deployed: DeployedFunction;
  /** Milliseconds since the epoch; when its credentials are too old to begin anything. */
  readonly retireAt: number;
  idleSince = 0;
  /** Used no more once what runs is over. */
  retired = false;
  readonly #clock: Clock;
  readonly #log: FunctionLog;
  readonly #onReady: (environment: Environment) => void;
  readonly #onAnswered: (environment: Environment) => void;
  readonly #onEnded: (environment: Environment) => void;
  #endpoint: RuntimeEndpoint | undefined;
  #child: ChildProcess | undefined;
  #kill: () => void = () => {};
  /** A GET next that is to be answered. */
  #polling: ServerResponse | undefined;
  #running: Running | undefined;
  /** It has answered, and what it has written is still being read. */
  #finishing = false;
  #ended = false;
  #ready = false;
  #initError: Ran | undefined;
  #cancelInit: () => void = () => {};
  /** Of the time limit, which holds until the next invocation is asked for. */
  #cancelLimit: () => void = () => {};
  readonly #bornAt = performance.now();
  #initMs: number | undefined;
  #memoryKb = 0;
  #memoryAt = 0;
  #memoryPid: number | undefined;

  constructor(given: {
    deployed: DeployedFunction;
    clock: Clock;
    log: FunctionLog;
    retireAt: number;
    /** It waits for an invocation. */
    onReady: (environment: Environment) => void;
    /** It has answered, and will ask for the next one. */
    onAnswered: (environment: Environment) => void;
    onEnded: (environment: Environment) => void;
  }) {
    this.deployed = given.deployed;
    this.#clock = given.clock;
    this.#log = given.log;
    this.retireAt = given.retireAt;
    this.#onReady = given.onReady;
    this.#onAnswered = given.onAnswered;
    this.#onEnded = given.onEnded;
  }

  /** From now on it lives, until `kill` or its own end. */
  begin(endpoint: RuntimeEndpoint, child: ChildProcess, kill: () => void): void {
    this.#endpoint = endpoint;
    this.#child = child;
    this.#kill = kill;
    child.stdout?.on("data", (chunk: Buffer) => this.#log.output("stdout", chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#log.output("stderr", chunk));
    child.on("error", (error) => this.#exited(`could not be started: ${error.message}`));
    child.on("exit", (code, signal) =>
      this.#exited(`Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`),
    );
    if (this.#ended) {
      kill();
      return;
    }
    this.#cancelInit = this.#clock.after(INIT_MS, () => {
      this.#initError = failed("Sandbox.Timedout", `Init timed out after ${INIT_MS / 1000} seconds`);
      this.end();
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it waits for an invocation. */
  get idle(): boolean {
    return this.#polling !== undefined && !this.#running && !this.#finishing && !this.#ended;
  }

  /** Why it never became ready. */
  get initError(): Ran {
    return this.#initError ?? failed("Runtime.ExitError", "The environment has ended before it was ready.");
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** To be called while it is idle. Resolves whatever becomes of the invocation. */
  run(invocation: Invocation): Promise<Ran> {
    const { requestId, payload, clientContext } = invocation;
    const { timeoutSeconds, arn } = this.deployed;
    const response = this.#polling;
    if (!response) return Promise.resolve(failed("Runtime.ExitError", "The environment has ended."));
    this.#polling = undefined;
    if (invocation.tail) this.#log.startTail();
    this.#log.line(`START RequestId: ${requestId} Version: $LATEST`);
    return new Promise((resolve) => {
      this.#cancelLimit = this.#clock.after(timeoutSeconds * 1000, () => {
        const seconds = timeoutSeconds.toFixed(2);
        const text = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
        this.#log.line(
          `${new Date(this.#clock.now()).toISOString()} ${requestId} Task timed out after ${seconds} seconds`,
        );
        this.#settle(failed("Sandbox.Timedout", text));
        this.end();
      });
      this.#running = { invocation, settle: resolve, startedAt: performance.now() };
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": payload.byteLength,
        "lambda-runtime-aws-request-id": requestId,
        "lambda-runtime-deadline-ms": `${this.#clock.now() + timeoutSeconds * 1000}`,
        "lambda-runtime-invoked-function-arn": arn,
        "lambda-runtime-trace-id": `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll("-", "").slice(8, 32)};Sampled=0`,
        ...(clientContext === undefined ? {} : { "lambda-runtime-client-context": clientContext }),
      });
      response.end(payload);
    });
  }

  /** Ends it and everything that it has started. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelInit();
    this.#cancelLimit();
    this.#settle(failed("Runtime.ExitError", "The environment was stopped."));
    this.#endpoint?.close();
    this.#polling = undefined;
    this.#kill();
    void this.#log.end();
    this.#onEnded(this);
  }

  #exited(why: string): void {
    if (this.#ended) return;
    const { requestId } = this.#running?.invocation ?? {};
    const text = requestId === undefined ? `Error: ${why}` : `RequestId: ${requestId} Error: ${why}`;
    this.#initError ??= failed("Runtime.ExitError", text);
    this.#log.line(text);
    // What it wrote last may still be in the pipes.
    setImmediate(() => {
      this.#settle(failed("Runtime.ExitError", text));
      this.end();
    });
  }

  next(response: ServerResponse): boolean {
    if (this.#polling || this.#ended) return false;
    this.#polling = response;
    response.on("close", () => {
      if (this.#polling === response) {
        // Whoever stops asking never gets an invocation again.
        this.#polling = undefined;
        this.end();
      }
    });
    // A runtime may ask for the next one in one breath with its answer, which is being read then.
    if (!this.#running && !this.#finishing) this.#becomeReady();
    return true;
  }

  #becomeReady(): void {
    this.#cancelLimit();
    if (!this.#ready) {
      this.#ready = true;
      this.#initMs = performance.now() - this.#bornAt;
      this.#cancelInit();
    }
    this.#onReady(this);
  }

  expects(requestId: string): boolean {
    return this.#running?.invocation.requestId === requestId;
  }

  respond(_: string, payload: Buffer): void {
    this.#settle({ outcome: "answered", payload });
  }

  fail(_: string, payload: Buffer, errorType: string | undefined): void {
    const document = payload.length > 0 ? payload : errorPayload(errorType ?? "Runtime.Unknown", "");
    this.#settle({ outcome: "failed", payload: document });
  }

  tooLarge(): void {
    const text = `Response payload size exceeded maximum allowed payload size (${LONGEST_ANSWER} bytes).`;
    this.#settle(failed("Function.ResponseSizeTooLarge", text));
  }

  failInit(payload: Buffer, errorType: string | undefined): void {
    if (this.#ready) return;
    const document = payload.length > 0 ? payload : errorPayload(errorType ?? "Runtime.Unknown", "");
    this.#initError = { outcome: "failed", payload: document };
    // Time for its last words.
    setImmediate(() => this.end());
  }

  #settle(result: Ran): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    if (!this.#ended) this.#onAnswered(this);
    this.#finishing = true;
    const finish = () => {
      this.#finishing = false;
      this.#report(running);
      if (running.invocation.tail) running.settle({ ...result, tail: this.#log.takeTail() });
      if (this.#polling && !this.#ended) this.#becomeReady();
    };
    // What was written before the answer is in the pipes: it is read within this turn and the next.
    setImmediate(() => setImmediate(finish));
    if (!running.invocation.tail) running.settle(result);
  }

  #report({ invocation: { requestId }, startedAt }: Running): void {
    const now = performance.now();
    if (now - this.#memoryAt > MEMORY_EVERY_MS) {
      this.#memoryAt = now;
      void this.#readMemory();
    }
    const duration = now - startedAt;
    const { memoryMb } = this.deployed;
    const init = this.#initMs === undefined ? "" : `\tInit Duration: ${this.#initMs.toFixed(2)} ms`;
    this.#initMs = undefined;
    this.#log.line(`END RequestId: ${requestId}`);
    this.#log.line(
      `REPORT RequestId: ${requestId}\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${Math.ceil(duration)} ms` +
        `\tMemory Size: ${memoryMb} MB\tMax Memory Used: ${Math.ceil(this.#memoryKb / 1024)} MB${init}`,
    );
  }

  /** The peak of the runtime's own process: the sandbox's, which stay root's, may stand before it. */
  async #readMemory(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined || process.platform !== "linux") return;
    try {
      this.#memoryPid ??= await ownProcess(pid);
      const status = await readFile(`/proc/${this.#memoryPid}/status`, "latin1");
      this.#memoryKb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? this.#memoryKb);
    } catch {
      // It has ended.
    }
  }
}

async function ownProcess(pid: number, generations = 3): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1");
  if (generations === 0 || !/^Uid:\s+0\s/m.test(status)) return pid;
  const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, "latin1")).trim().split(" ");
  return child ? ownProcess(Number(child), generations - 1) : pid;
}

const failed = (errorType: string, errorMessage: string): Ran => ({
  outcome: "failed",
  payload: errorPayload(errorType, errorMessage),
});
