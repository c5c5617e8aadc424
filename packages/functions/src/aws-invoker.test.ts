import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsInvoker } from "./aws-invoker.ts";

let server: Server;
let endpoint: string;
const heard: { path: string; body: string }[] = [];
const before: Record<string, string | undefined> = {};

/** What stands for AWS: answers by the function's name. */
const script: Readonly<Record<string, readonly [status: number, headers: Record<string, string>, body: string]>> = {
  fine: [200, {}, '{"header":{"responseCode":200}}'],
  fails: [200, { "x-amz-function-error": "Unhandled" }, '{"errorType":"Error"}'],
  busy: [429, { "x-amzn-errortype": "TooManyRequestsException" }, '{"message":"Rate Exceeded."}'],
  closed: [403, { "x-amzn-errortype": "AccessDeniedException" }, '{"message":"no"}'],
  gone: [404, { "x-amzn-errortype": "ResourceNotFoundException" }, '{"Message":"Function not found"}'],
  broken: [500, { "x-amzn-errortype": "ServiceException" }, '{"message":"later"}'],
};

beforeAll(async () => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    before[name] = process.env[name];
    process.env[name] = "test";
  }
  server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = decodeURIComponent(request.url ?? "");
    heard.push({ path, body });
    const answer = Object.entries(script).find(([name]) => path.includes(`function:${name}/`))?.[1];
    // Anything else hangs.
    if (!answer) return;
    response.writeHead(answer[0], { "content-type": "application/json", ...answer[1] });
    response.end(answer[2]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server.closeAllConnections();
  server.close();
});

test("AWS Lambda's answers become outcomes, by one attempt each", async () => {
  const invoker = createAwsInvoker({ endpoint });
  const call = (name: string, signal?: AbortSignal) =>
    invoker.invoke({
      account: "000000000000",
      functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
      payload: Buffer.from('{"a":1}'),
      timeoutMs: name === "hangs" ? 50 : 10_000,
      caller: { service: "iotmanagedintegrations.amazonaws.com", sourceAccount: "000000000000" },
      ...(signal ? { signal } : {}),
    });
  const text = (payload: Uint8Array) => Buffer.from(payload).toString();
  const fine = await call("fine");
  expect(fine.outcome === "answered" && text(fine.payload)).toBe(script["fine"]?.[2]);
  expect(heard[0]).toEqual({
    path: "/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:fine/invocations",
    body: '{"a":1}',
  });
  const fails = await call("fails");
  expect(fails).toMatchObject({ outcome: "function-error", kind: "Unhandled" });
  expect(await call("busy")).toEqual({ outcome: "throttled", message: "Rate Exceeded." });
  expect(await call("closed")).toMatchObject({ outcome: "denied" });
  expect(await call("gone")).toMatchObject({ outcome: "not-found" });
  await expect(call("broken")).rejects.toThrow("later");
  expect(await call("hangs")).toMatchObject({ outcome: "timed-out" });
  expect(await call("hangs", AbortSignal.abort())).toMatchObject({ outcome: "timed-out" });
  expect(heard.filter(({ path }) => path.includes("function:broken"))).toHaveLength(1);
  const other = { account: "", payload: new Uint8Array(), timeoutMs: 1, caller: { service: "", sourceAccount: "" } };
  expect(await invoker.invoke({ ...other, functionArn: "arn:aws:s3:::bucket" })).toMatchObject({
    outcome: "not-found",
  });
  invoker.close();
});
