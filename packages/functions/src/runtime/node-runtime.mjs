// The runtime of `nodejs*.x`: asks the Runtime API for invocations and gives them to the handler, one at a time.
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
const RUNTIME = "/2018-06-01/runtime";
/** AWS: Lambda quotas, synchronous response; a little more than 6 MiB. */
const LONGEST_ANSWER = 6_291_556;

/** One connection, on which requests may follow each other without waiting: what the host answers always has a length. */
let socket;
let received = Buffer.alloc(0);
let waiting = [];

function fail(error) {
  socket = undefined;
  received = Buffer.alloc(0);
  const failed = waiting;
  waiting = [];
  for (const { reject } of failed) reject(error);
}

function opened() {
  if (socket) return socket;
  const opening = connect({ host, port: Number(port), noDelay: true });
  opening.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    take();
  });
  opening.on("error", () => {});
  opening.on("close", () => opening === socket && fail(new Error("the Runtime API has closed the connection")));
  socket = opening;
  return opening;
}

function take() {
  for (;;) {
    const end = received.indexOf("\r\n\r\n");
    const first = waiting[0];
    if (end < 0 || !first) return;
    first.head ??= received.toString("latin1", 0, end);
    first.length ??= Number(/\r\ncontent-length: *(\d+)/i.exec(first.head)?.[1] ?? 0);
    const whole = end + 4 + first.length;
    if (received.length < whole) return;
    const body = received.subarray(end + 4, whole);
    received = received.subarray(whole);
    waiting.shift();
    const headers = {};
    for (const line of first.head.split("\r\n").slice(1)) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    first.resolve({ status: Number(first.head.slice(9, 12)), headers, body });
  }
}

function ask(method, path, body, headers = "") {
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    const to = opened();
    const content = body === undefined ? undefined : Buffer.from(body);
    const length = content ? `content-type: application/json\r\ncontent-length: ${content.length}\r\n` : "";
    const head = `${method} ${RUNTIME}${path} HTTP/1.1\r\nhost: ${host}:${port}\r\n${headers}${length}\r\n`;
    to.write(head, "latin1");
    if (content) to.write(content);
  });
}

const errorDocument = (error) => {
  const isError = error instanceof Error || (typeof error === "object" && error !== null && "stack" in error);
  return JSON.stringify({
    errorType: isError ? String(error.name) : typeof error,
    errorMessage: isError ? String(error.message) : String(error),
    trace: isError ? String(error.stack).split("\n") : [],
  });
};
const errorHeader = (error) => {
  const type = String(error?.name ?? "Error").replace(/[^\w.-]/g, "");
  return `lambda-runtime-function-error-type: ${type}\r\n`;
};

let requestId;
/** Lines as AWS writes them: time, request, level, text; what spans lines stays one event. */
for (const [name, level] of Object.entries({
  ...{ log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" },
})) {
  const stream = level === "INFO" || level === "DEBUG" ? process.stdout : process.stderr;
  console[name] = (...values) => {
    const text = format(...values).replaceAll("\n", "\r");
    stream.write(`${new Date().toISOString()}\t${requestId ?? "undefined"}\t${level}\t${text}\n`);
  };
}

const coded = (name, message) => Object.assign(new Error(message), { name });

async function loadHandler() {
  const [, folder = "", file = "", path = ""] = /^(.*\/)?([^./]+)\.(.+)$/.exec(process.env._HANDLER ?? "") ?? [];
  if (!file) throw coded("Runtime.MalformedHandlerName", `Bad handler ${process.env._HANDLER}: write file.function`);
  const base = resolve(taskRoot, folder, file);
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => base + end).find((name) => existsSync(name));
  if (!found || !base.startsWith(join(taskRoot, "/"))) {
    throw coded("Runtime.ImportModuleError", `Cannot find module '${folder}${file}' in the function's code`);
  }
  const module = await import(pathToFileURL(found).href);
  const at = (from) => path.split(".").reduce((value, key) => value?.[key], from);
  const handler = at(module) ?? at(module.default);
  if (typeof handler !== "function") {
    throw coded("Runtime.HandlerNotFound", `${process.env._HANDLER} is undefined or not exported`);
  }
  return handler;
}

function contextOf(headers, deadline) {
  const client = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    ...(client ? { clientContext: JSON.parse(client) } : {}),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** The handler's answer, whether it returns, resolves or calls back. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, answer) => (error ? reject(error) : resolve(answer));
    context.done = callback;
    context.succeed = resolve;
    context.fail = reject;
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    else if (handler.length < 3 && returned !== undefined) resolve(returned);
  });
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
let crashing = false;
/** The invocation under way fails with it, and the environment ends. */
async function crash(error) {
  if (crashing) return;
  crashing = true;
  console.error("Uncaught", error);
  const path = requestId === undefined ? "/init/error" : `/invocation/${requestId}/error`;
  setTimeout(() => process.exit(129), 1_000).unref();
  await ask("POST", path, errorDocument(error), errorHeader(error)).catch(() => {});
  process.exit(129);
}

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  console.error("Init failed", error);
  await ask("POST", "/init/error", errorDocument(error), errorHeader(error)).catch(() => {});
  process.exit(1);
}

let asked = ask("GET", "/invocation/next");
for (;;) {
  let next;
  try {
    next = await asked;
    if (next.status !== 200) throw new Error(`the Runtime API answered ${next.status}`);
  } catch {
    // Without a host there is nothing left to do.
    process.exit(0);
  }
  const { headers, body } = next;
  requestId = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  let outcome;
  try {
    const context = contextOf(headers, Number(headers["lambda-runtime-deadline-ms"]));
    const answer = await run(handler, JSON.parse(body.toString("utf8")), context);
    const text = JSON.stringify(answer) ?? "null";
    if (Buffer.byteLength(text) > LONGEST_ANSWER) {
      const message = `Response payload size exceeded maximum allowed payload size (${LONGEST_ANSWER} bytes).`;
      throw coded("Function.ResponseSizeTooLarge", message);
    }
    outcome = { path: "response", text, header: "" };
  } catch (error) {
    console.error("Invoke Error", error);
    outcome = { path: "error", text: errorDocument(error), header: errorHeader(error) };
  }
  if (crashing) break;
  // Both in one breath: the next invocation may come at once.
  const to = opened();
  to.cork();
  ask("POST", `/invocation/${requestId}/${outcome.path}`, outcome.text, outcome.header).catch(() => process.exit(1));
  asked = ask("GET", "/invocation/next");
  to.uncork();
}
