import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBrowser } from "../../../../tests/kit/sign-in.ts";
import { startTestVendor } from "../../../../tests/kit/vendor-cloud.ts";
import { runtimeOf } from "./command.ts";
import { type CheckResult, runChecks } from "./run-checks.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const CLIENT = {
  id: "hearth",
  secret: "a-secret-of-hearth-at-the-vendor",
  redirectUris: ["https://hearth.example/callback"],
};
const ALICE = { username: "alice", password: "correct horse" };

let directory: string;
let vendor: Awaited<ReturnType<typeof startTestVendor>>;
let variables: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hearth-connectors-"));
  vendor = await startTestVendor({
    users: [{ name: ALICE.username, password: ALICE.password, devices: { lamps: 60, fans: 1, cameras: 1 } }],
    clients: [CLIENT],
  });
  variables = { VENDOR_URL: vendor.cloud.url, VENDOR_CLIENT_ID: CLIENT.id, VENDOR_CLIENT_SECRET: CLIENT.secret };
});

afterAll(async () => {
  await vendor?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Alice lets Hearth at her devices. */
async function link(): Promise<string> {
  const query = new URLSearchParams({ response_type: "code", client_id: CLIENT.id, state: "1" });
  const back = await createBrowser(vendor.fetch).signIn(`${vendor.cloud.authorizationUrl}?${query}`, ALICE);
  const answer = await vendor.fetch(vendor.cloud.tokenUrl, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString("base64")}`,
    },
    body: `${new URLSearchParams({
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: CLIENT.redirectUris[0] ?? "",
    })}`,
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Long runs wait for what hangs, too. */
const withTime = process.env["HEARTH_LONG"] === "1";

async function tried(code: string): Promise<CheckResult[]> {
  const runtime = runtimeOf(code);
  return runChecks({
    ...{ directory: code, runtime, handler: "index.handler", variables, token: await link() },
    ...{ vendorUrlVariable: "VENDOR_URL", ca: vendor.ca },
    wanted: ({ needs }) => withTime || needs !== "time",
  });
}

const failuresOf = (results: readonly CheckResult[]) =>
  results.filter(({ ok }) => !ok).map(({ clause, why }) => `${clause} ${why}`);

describe("hearth connector test", () => {
  it("finds nothing wrong with the connector on the SDK", async () => {
    const out = join(directory, "lamp-connector");
    await run(process.execPath, ["--import", "tsx", "examples/lamp-connector/build.ts", "--out", out], { cwd: ROOT });
    const results = await tried(join(out, "code"));
    expect(failuresOf(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(18);
  });
});
