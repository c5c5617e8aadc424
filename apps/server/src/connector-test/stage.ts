import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import {
  createFunctionHost,
  createSandbox,
  type DeployedFunction,
  type FunctionHost,
  zipDirectory,
} from "@hearth/functions";
import { parseAnswer } from "@hearth/managed";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type PlatformStand, startPlatformStand } from "./platform-stand.ts";

export interface StageOptions {
  /** Of the function's code. */
  directory: string;
  /** AWS's name. */
  runtime: string;
  handler: string;
  /** The function's environment variables. */
  variables: Readonly<Record<string, string>>;
  /** A user's access token at the vendor. */
  token: string;
  /** The variable that holds the vendor's URL: a proxy takes its place. */
  vendorUrlVariable?: string;
  /** PEM that the function and the proxy trust besides the well-known roots. */
  ca?: string;
}

/** What came of one invocation. */
export type Reply =
  | { kind: "answered"; responseCode: number; message: string | undefined; userId: unknown; milliseconds: number }
  | { kind: "malformed"; why: string }
  | { kind: "failed"; why: string }
  | { kind: "late" };

/** Where a connector plays its part: the function host's sandbox, a platform, and the vendor behind a proxy. */
export interface Stage {
  platform: PlatformStand;
  /** Absent when nobody has said where the vendor's URL stands. */
  proxy: FaultProxy | undefined;
  token: string;
  /** Whatever the function has written. */
  output: string[];
  /** A request as the platform sends it (reference 9.3). */
  request(operation: string, payload?: object, token?: string): Record<string, unknown>;
  /**
   * Asks the function, once it has done with what it was asked before: one environment, whose memory knows all of that.
   * As the platform does it asks again, three times at most, until the answer is in time and, where `may5xx` is false,
   * none that says that the connector could not.
   */
  invoke(event: unknown, may5xx?: boolean): Promise<Reply>;
  /** Resolves when the function is at nothing. */
  idle(): Promise<void>;
  /** Ends the function: whatever it has written is in `output` then. */
  endFunction(): Promise<void>;
  stop(): Promise<void>;
}

/** The platform stops waiting after it (reference 9.3). */
const TIME_LIMIT = 2_000;
const ATTEMPTS = 3;
/** Milliseconds until a function that does not end is left to itself. */
const LONGEST_WAIT = 10_000;
const PLACE = { accountId: "000000000000", region: "us-east-1" };
const CONNECTOR_ID = "0123456789abcdef0123456789abcdef";
const KEYS = {
  accessKeyId: "ASIATESTOFACONNECTOR",
  secretAccessKey: "secret-of-the-test",
  sessionToken: "session-of-the-test",
};
/** Apart from those of a server, and of other runs, on the same machine. */
const FIRST_ID = 3_900_000 + (process.pid % 1_000) * 10;
const IDS = { first: FIRST_ID, last: FIRST_ID + 9 };
const MOST_OUTPUT = 10_000;

export async function startStage(options: StageOptions): Promise<Stage> {
  const { token, vendorUrlVariable: variable, ca } = options;
  const arn = `arn:aws:lambda:${PLACE.region}:${PLACE.accountId}:function:connector-under-test`;
  const output: string[] = [];
  const zip = await zipDirectory(options.directory);
  const vendorUrl = variable === undefined ? undefined : options.variables[variable];
  const proxy = vendorUrl === undefined ? undefined : await startFaultProxy(vendorUrl, ca);
  const variables = { ...options.variables, ...(proxy && variable ? { [variable]: proxy.url } : {}) };
  const platform = await startPlatformStand({
    ...{ connectorId: CONNECTOR_ID, functionArn: arn, keys: KEYS },
    invokeAgain: (payload) => void begin(payload),
  });
  const host = createFunctionHost({
    ...{ clock: systemClock, log: silentLogger, sandbox: createSandbox(), ids: IDS },
    directory: join(tmpdir(), `hearth-connector-${randomUUID()}`),
    limits: { accountConcurrency: 4, environments: 4, idleMs: 60_000 },
    logs: {
      async put(_place, _group, _stream, events) {
        for (const { message } of events) if (output.length < MOST_OUTPUT) output.push(message);
      },
    },
    credentials: async () => ({ ...KEYS, expiresAt: systemClock.now() + 3_600_000 }),
    surroundings: () => ({ AWS_ENDPOINT_URL: platform.url }),
    certificates: () => ca ?? "",
  });
  const deployed: DeployedFunction = {
    ...PLACE,
    ...{ name: "connector-under-test", arn, generation: "1", runtime: options.runtime, handler: options.handler },
    ...{ roleArn: `arn:aws:iam::${PLACE.accountId}:role/connector`, timeoutSeconds: 60, memoryMb: 256 },
    logGroup: "/aws/lambda/connector-under-test",
    codeSha256: createHash("sha256").update(zip).digest("hex"),
    code: async () => zip,
    variables: () => variables,
  };

  const running = new Set<Promise<unknown>>();
  /** Resolves when what runs now has ended, and its environment asks for more. */
  const allEnded = () => within(LONGEST_WAIT, Promise.all(running).then(allWait));

  async function allWait(): Promise<true> {
    const until = performance.now() + LONGEST_WAIT;
    const areIdle = () => host.environments().idle === host.environments().all;
    while (!areIdle() && performance.now() < until) await new Promise((next) => setTimeout(next, 2));
    return true;
  }

  /** One after another. */
  function begin(payload: Buffer): ReturnType<FunctionHost["invoke"]> {
    const result = allEnded().then(() => host.invoke(deployed, { requestId: randomUUID(), payload }));
    const ended = result.catch(() => {}).finally(() => running.delete(ended));
    running.add(ended);
    return result;
  }

  async function idle(): Promise<void> {
    while (running.size > 0 && (await allEnded()) !== undefined);
  }

  async function ask(event: unknown): Promise<Reply> {
    await idle();
    const since = performance.now();
    const result = await within(TIME_LIMIT, begin(Buffer.from(JSON.stringify(event))));
    if (result === undefined) return { kind: "late" };
    if (result.outcome === "throttled") return { kind: "failed", why: result.message };
    const text = Buffer.from(result.payload).toString("utf8");
    if (result.outcome === "failed") return { kind: "failed", why: text.slice(0, 500) };
    return replyOf(text, token, performance.now() - since);
  }

  async function invoke(event: unknown, may5xx = false): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await ask(event);
      const isUnsure = reply.kind === "late" || (!may5xx && reply.kind === "answered" && reply.responseCode >= 500);
      if (!isUnsure || attempt === ATTEMPTS) return reply;
    }
  }

  return {
    ...{ platform, proxy, token, output, invoke, idle },
    async endFunction() {
      await host.stop();
      await new Promise((next) => setImmediate(next));
    },
    request: (operation, payload = {}, asked = token) => ({
      header: { auth: { token: asked, type: "OAuth2.0" } },
      payload: {
        operationName: operation,
        operationVersion: operation === "AWS.ActivateUser" ? "1.0.0" : "1.0",
        connectorId: CONNECTOR_ID,
        ...payload,
      },
    }),
    async stop() {
      await host.stop();
      await Promise.all([platform.stop(), proxy?.stop()]);
    },
  };
}

/** Undefined when it takes longer. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** As the platform reads it. */
function replyOf(text: string, token: string, milliseconds: number): Reply {
  const answer = parseAnswer(text, token);
  if (answer.kind === "malformed") return answer;
  const { message } = answer;
  return answer.kind === "acknowledged"
    ? { kind: "answered", responseCode: 200, milliseconds, message, userId: answer.userId }
    : { kind: "answered", responseCode: answer.responseCode, milliseconds, message, userId: undefined };
}
