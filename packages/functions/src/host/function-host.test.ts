import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, silentLogger, systemClock, uuid } from "@hearth/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functionOf } from "../testing.ts";
import type { DeployedFunction, InvocationResult } from "./deployed-function.ts";
import { createFunctionHost, type FunctionHost } from "./function-host.ts";
import { createSandbox } from "./sandbox.ts";

/** Apart from those of other runs on the same machine. */
const FIRST_ID = 3_100_000 + (process.pid % 4_000) * 100;
const IDS = { first: FIRST_ID, last: FIRST_ID + 99 };
const sandbox = createSandbox();
let parent: string;
let host: FunctionHost;
/** The time limit, in seconds, that is over when a test says so. */
const BY_HAND = 900;
/** Each ends an invocation with that limit. */
const timeIsUp = new Set<() => void>();
const clock: Clock = {
  ...systemClock,
  after(delay, run) {
    if (delay !== BY_HAND * 1000) return systemClock.after(delay, run);
    timeIsUp.add(run);
    return () => timeIsUp.delete(run);
  },
};
const logged: { group: string; stream: string; message: string }[] = [];

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "hearth-host-"));
  chmodSync(parent, 0o755);
  host = createFunctionHost({
    ...{ clock, log: silentLogger, sandbox, directory: join(parent, "work"), ids: IDS },
    limits: { accountConcurrency: 20, environments: 6, idleMs: 60_000 },
    surroundings: () => ({ GIVEN: "yes" }),
    logs: {
      async put(_, group, stream, events) {
        logged.push(...events.map(({ message }) => ({ group, stream, message })));
      },
    },
  });
});
afterAll(async () => {
  await host.stop();
  expect(existsSync(join(parent, "work"))).toBe(false);
  rmSync(parent, { recursive: true, force: true, maxRetries: 10 });
});

const invoke = (deployed: DeployedFunction, event: unknown): Promise<InvocationResult> =>
  host.invoke(deployed, { requestId: uuid(), payload: Buffer.from(JSON.stringify(event)) });

/** Resolves when a function has written `words`. */
const wrote = (words: string): Promise<void> =>
  expect.poll(() => logged.some(({ message }) => message.includes(words))).toBe(true);

/** The answer, or the error's document. */
async function outcomeOf(deployed: DeployedFunction, event: unknown = {}): Promise<Record<string, unknown>> {
  const result = await invoke(deployed, event);
  if (result.outcome === "throttled") return { throttled: result.reason };
  const value = JSON.parse(Buffer.from(result.payload).toString()) as Record<string, unknown>;
  return result.outcome === "answered" ? { answer: value } : value;
}

/** Processes of the users that functions have. */
const alive = (): string[] =>
  readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const status = readFileSync(`/proc/${name}/status`, "latin1");
      const [, user = "0"] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
      return Number(user) >= IDS.first && Number(user) <= IDS.last && !/^State:\s+Z/m.test(status);
    } catch {
      return false;
    }
  });

describe("an environment", () => {
  test("has what it is given and nothing of the server's", async () => {
    process.env["OF_THE_SERVER"] = "secret";
    const keys = await functionOf(
      "keys",
      {
        "index.mjs": `import { readdirSync, writeFileSync } from "node:fs";
        const tries = (run) => { try { run(); return "done"; } catch (error) { return error.code; } };
        export const handler = async () => ({ keys: Object.keys(process.env), own: process.env.OWN, user: process.getuid(),
          groups: process.getgroups(), root: tries(() => readdirSync("/root")),
          code: tries(() => writeFileSync("index.mjs", "")), siblings: tries(() => readdirSync("..")),
          temporary: tries(() => writeFileSync(process.env.TMPDIR + "/x", "")) });`,
      },
      { variables: () => ({ OWN: 'it\'s $HOME `id`\n"x"' }) },
    );
    const { answer } = (await outcomeOf(keys)) as { answer: Record<string, unknown> };
    delete process.env["OF_THE_SERVER"];
    expect(answer["keys"]).toEqual(expect.arrayContaining(["GIVEN", "OWN", "AWS_REGION", "_HANDLER", "TMPDIR"]));
    expect(answer["keys"]).not.toContain("OF_THE_SERVER");
    expect(answer["own"]).toBe('it\'s $HOME `id`\n"x"');
    expect(answer["temporary"]).toBe("done");
    if (!sandbox.ownUsers) return;
    expect(answer).toMatchObject({ root: "EACCES", code: "EACCES", siblings: "EACCES" });
    expect(answer["user"]).toBeGreaterThanOrEqual(IDS.first);
    expect(answer["groups"]).not.toContain(0);
  });

  test("has a /tmp of its own, where the sandbox can make one, and leaves nothing in another's", async () => {
    const name = `of-one-${uuid()}`;
    const files = {
      "index.mjs": `import { readdirSync, readFileSync, writeFileSync } from "node:fs";
        export const handler = async (write) => { if (write) for (const at of ["/tmp", "/var/tmp", "/dev/shm"]) writeFileSync(at + "/${name}", "x");
          return { tmp: readdirSync("/tmp"), again: readdirSync(process.env.TMPDIR), code: readFileSync("index.mjs").length > 0, root: readdirSync(process.env.LAMBDA_TASK_ROOT), cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT }; };`,
    };
    const one = await functionOf("tmp-one", files);
    const other = await functionOf("tmp-other", { ...files, "more.txt": "" });
    if (!sandbox.ownTemporary()) return;
    const { answer: written } = (await outcomeOf(one, true)) as { answer: { tmp: string[]; again: string[] } };
    expect(written.tmp).toContain(name);
    expect(written).toMatchObject({ again: written.tmp, code: true, root: ["index.mjs"], cwd: true });
    const { answer: found } = (await outcomeOf(other, false)) as { answer: { tmp: string[] } };
    expect(found.tmp).not.toContain(name);
    for (const at of ["/tmp", "/var/tmp", "/dev/shm"]) expect(existsSync(join(at, name))).toBe(false);
  });

  test("answers for itself alone, once, and to nobody else's request", async () => {
    const twice = await functionOf("twice", {
      bootstrap: `#!/usr/bin/env python3
import json, os, urllib.request, urllib.error
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
def post(path, body=b"{}"):
    try:
        return urllib.request.urlopen(api + path, body).status
    except urllib.error.HTTPError as error:
        return error.code
seen = []
while True:
    with urllib.request.urlopen(api + "invocation/next") as got:
        id = got.headers["Lambda-Runtime-Aws-Request-Id"]
    wrong = post("invocation/00000000-0000-0000-0000-000000000000/response")
    right = post("invocation/" + id + "/response", json.dumps({"seen": seen, "api": api}).encode())
    seen = [wrong, right, post("invocation/" + id + "/response"), post("invocation/" + id + "/error"), post("nothing")]
`,
    });
    let api = "";
    const seen = async () => {
      const { answer } = (await outcomeOf(twice)) as { answer: { seen: number[]; api: string } };
      api = answer.api;
      return answer.seen;
    };
    // The first answer of an environment has seen nothing.
    await expect.poll(seen).toEqual([400, 202, 400, 400, 404]);
    if (!sandbox.ownUsers) return;
    // Another user's socket is closed without an answer.
    const { port } = new URL(api);
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n"),
      );
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(text));
    });
    expect(heard).toBe("");
    // By a new one first, where this one is slow to ask for more.
    await expect.poll(seen).toEqual([400, 202, 400, 400, 404]);
  });

  test("that misbehaves harms its own invocation only", async () => {
    const files = {
      "index.mjs": `process.on("SIGTERM", () => {});
        import { spawn } from "node:child_process";
        // What the server has not read yet would be the function's own memory.
        const written = (text) => new Promise((resolve) => process.stdout.write(text, resolve));
        export const handler = async (event) => {
          if (event.how === "hang") { await written("it hangs now\\n"); for (;;); }
          if (event.how === "flood") for (let n = 0; n < 1600; n++) await written("x".repeat(65536));
          if (event.how === "lines") for (let n = 0; n < 40_000; n += 100) await written(Array.from({ length: 100 }, (_, m) => "line " + (n + m) + "\\n").join(""));
          if (event.how === "fork") { const all = []; for (let n = 0; n < 300; n++) { const one = spawn("sleep", ["1000"], { detached: true }); one.on("error", () => {}); all.push(one); } await new Promise((r) => setTimeout(r, 50)); process.exit(5); }
          if (event.how === "memory") { const all = []; for (;;) all.push(new Array(1e5).fill(Math.random())); }
          if (event.how === "reject") { Promise.reject(new RangeError("behind")); await new Promise((r) => setTimeout(r, 1e4)); }
          return event.how;
        };`,
    };
    const bad = await functionOf("bad", files, { timeoutSeconds: BY_HAND });
    const good = await functionOf("good", { "index.mjs": "export const handler = async () => 'fine';" });
    expect(await outcomeOf(good)).toEqual({ answer: "fine" });
    expect(await outcomeOf(bad, { how: "flood" })).toEqual({ answer: "flood" });
    // Hundreds of thousands of lines and hundreds of processes take their time, and are shown with the long runs.
    if (process.env["HEARTH_LONG"] === "1") {
      expect(await outcomeOf(bad, { how: "lines" })).toEqual({ answer: "lines" });
      const forking = await functionOf("forking", files, { timeoutSeconds: 2 });
      expect(await outcomeOf(forking, { how: "fork" })).toMatchObject({
        errorType: expect.stringMatching(/^(Runtime\.ExitError|Sandbox\.Timedout)$/),
      });
    }
    expect(await outcomeOf(bad, { how: "memory" })).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(await outcomeOf(bad, { how: "reject" })).toMatchObject({ errorType: "RangeError", errorMessage: "behind" });
    const hanging = outcomeOf(bad, { how: "hang" });
    expect(await outcomeOf(good)).toEqual({ answer: "fine" });
    await wrote("it hangs now");
    for (const end of timeIsUp) end();
    expect(await hanging).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect(await outcomeOf(bad, { how: "well again" })).toEqual({ answer: "well again" });
    await expect.poll(() => logged.some(({ message }) => /bytes of output were dropped/.test(message))).toBe(true);
    const bytes = logged.reduce((sum, { message }) => sum + message.length, 0);
    expect(bytes).toBeLessThan(8_000_000);
    // A few idle environments are left, of the functions above; none of the 300.
    if (sandbox.ownUsers) await expect.poll(() => alive().length, { timeout: 30_000 }).toBeLessThan(20);
  });

  test("is not outlived by a function that leaves its group and asks not to die with its parent", async () => {
    if (!sandbox.ownUsers) return;
    const tough = await functionOf(
      "tough",
      {
        "index.py": `import ctypes, os, time
def handler(event, context):
    os.setsid()
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    if os.fork() == 0:
        os.setsid()
        print("gone its own way", flush=True)
    time.sleep(600)
`,
      },
      { runtime: "python3.12", timeoutSeconds: BY_HAND },
    );
    const before = new Set(alive());
    const outcome = outcomeOf(tough);
    await wrote("gone its own way");
    const its = alive().filter((pid) => !before.has(pid));
    expect(its.length).toBeGreaterThan(1);
    for (const end of timeIsUp) end();
    expect(await outcome).toMatchObject({ errorType: "Sandbox.Timedout" });
    await expect.poll(() => alive().filter((pid) => its.includes(pid)), { timeout: 30_000 }).toEqual([]);
  });

  test("of a new generation replaces the old one", async () => {
    const first = await functionOf("renewed", { "index.mjs": "export const handler = async () => 1;" });
    const second = await functionOf(
      "renewed",
      { "index.mjs": "export const handler = async () => 2;" },
      { generation: "2" },
    );
    expect(await outcomeOf(first)).toEqual({ answer: 1 });
    expect(await outcomeOf(second)).toEqual({ answer: 2 });
    host.retire(second.arn);
    expect(await outcomeOf(second)).toEqual({ answer: 2 });
  });

  test("is one of a bounded number", async () => {
    const crowd = await functionOf("crowd", {
      "index.mjs": "export const handler = async (ms) => { await new Promise((r) => setTimeout(r, ms)); return ms; };",
    });
    const all = await Promise.all(Array.from({ length: 8 }, () => outcomeOf(crowd, 200)));
    const throttled = all.filter(({ throttled }) => throttled === "ConcurrentInvocationLimitExceeded").length;
    expect(throttled).toBeGreaterThanOrEqual(2);
    expect(all.filter(({ answer }) => answer === 200)).toHaveLength(8 - throttled);
    expect(host.environments().all).toBeLessThanOrEqual(6);
  });

  test("says why it cannot begin", async () => {
    const files = { "index.mjs": "export const handler = 1; throw new TypeError('at once');" };
    expect(await outcomeOf(await functionOf("throws", files))).toMatchObject({
      errorType: "TypeError",
      errorMessage: "at once",
    });
    const missing = await functionOf("missing", { "other.mjs": "" });
    expect(await outcomeOf(missing)).toMatchObject({ errorType: "Runtime.ImportModuleError" });
    const unnamed = await functionOf("unnamed", { "index.mjs": "export const other = 1;" });
    expect(await outcomeOf(unnamed)).toMatchObject({ errorType: "Runtime.HandlerNotFound" });
    const script = await functionOf("script", { bootstrap: "#!/bin/sh\nexit 9\n" });
    expect(await outcomeOf(script)).toMatchObject({ errorType: "Runtime.ExitError" });
    const java = await functionOf("java", {}, { runtime: "java21" });
    expect(await outcomeOf(java)).toMatchObject({ errorType: "Sandbox.Failure" });
  });
});
