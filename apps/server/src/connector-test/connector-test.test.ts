import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildConnector } from "../../../../examples/lamp-connector/src/build-connector.ts";
import { forward } from "../../../../examples/lamp-connector/src/forwarder.ts";
import { settingsFrom } from "../../../../examples/lamp-connector/src/vendor.ts";
import { createBrowser } from "../../../../tests/kit/sign-in.ts";
import { startTestVendor } from "../../../../tests/kit/vendor-cloud.ts";
import type { Check } from "./checks.ts";
import { parseVariables, runtimeOf } from "./command.ts";
import { startPlatformStand } from "./platform-stand.ts";
import { type CheckResult, runChecks } from "./run-checks.ts";

const PYTHON = join(import.meta.dirname, "..", "..", "..", "..", "examples", "lamp-connector-python");
const CLIENT = {
  id: "hearth",
  secret: "a-secret/with:odd+characters%",
  redirectUris: ["https://hearth.example/callback"],
};
const ALICE = { username: "alice", password: "correct horse" };

let directory: string;
let vendor: Awaited<ReturnType<typeof startTestVendor>>;
let variables: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hearth-connectors-"));
  vendor = await startTestVendor({
    users: [{ name: ALICE.username, password: ALICE.password, devices: { lamps: 51, fans: 1, cameras: 1 } }],
    clients: [CLIENT],
  });
  variables = { VENDOR_URL: vendor.cloud.url, VENDOR_CLIENT_ID: CLIENT.id, VENDOR_CLIENT_SECRET: CLIENT.secret };
});

afterAll(async () => {
  await vendor?.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 10 });
});

/** Alice lets Hearth at her devices. */
async function link(): Promise<string> {
  const query = new URLSearchParams({ response_type: "code", client_id: CLIENT.id, state: "1" });
  const back = await createBrowser(vendor.fetch).signIn(`${vendor.cloud.authorizationUrl}?${query}`, ALICE);
  const answer = await vendor.fetch(vendor.cloud.tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `${new URLSearchParams({
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: CLIENT.redirectUris[0] ?? "",
    })}`,
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Long runs wait for what hangs, too. */
const withTime = process.env["HEARTH_LONG"] === "1";

async function tried(
  code: string,
  token: string,
  wanted: (check: Check) => boolean = () => true,
): Promise<CheckResult[]> {
  const runtime = runtimeOf(code);
  return runChecks({
    ...{ directory: code, runtime, handler: "index.handler", variables, token },
    ...{ vendorUrlVariable: "VENDOR_URL", ca: vendor.ca },
    wanted: (check) => wanted(check) && (withTime || check.needs !== "time"),
  });
}

const failuresOf = (results: readonly CheckResult[]) =>
  results.filter(({ ok }) => !ok).map(({ clause, why }) => `${clause} ${why}`);

/** The connector in Python, spoilt: replacements in its files, and the checks that have to notice. */
const SPOILT: { what: string; replace: Record<string, [string, string][]>; needs: string[]; fails: string[] }[] = [
  {
    what: "trusts its callers",
    replace: {
      "connector.py": [
        [
          "        try:\n            request = platform_requests",
          "        json.loads(event)['header']['auth']\n        try:\n            request = platform_requests",
        ],
      ],
    },
    needs: ["ActivateUser is"],
    fails: ["9.3 A request without its header", "9.3 What is no request at all"],
  },
  {
    what: "answers with a text, and does twice what it is asked twice",
    replace: {
      "connector.py": [
        ["if future is None or", "if True or"],
        ["code, payload = error.code,", "code, payload = str(error.code),"],
      ],
    },
    needs: ["ActivateUser is", "DiscoverDevices is", "SendCommand is"],
    fails: ["9.3 An unknown operation", "9.3 The same deviceDiscoveryId again", "9.3 The same traceId again"],
  },
  {
    what: "speaks of clusters that do not exist, and writes the token into its log",
    replace: {
      "connector.py": [
        ["        operation = request[", "        print(request, flush=True)\n        operation = request["],
      ],
      "devices.py": [["0x0008, 0x0300,", "0xFFF1, 0x0300,"]],
    },
    needs: ["ActivateUser is"],
    fails: ["9.6 DiscoverDevices", "9.2 The user's token stands in no log"],
  },
];

describe("hearth connector test", () => {
  let bundle: string;
  let python: string;
  /** Of whoever does not revoke it. */
  let token: string;
  beforeAll(async () => {
    token = await link();
    const out = join(directory, "lamp-connector-python");
    ({ code: bundle } = await buildConnector({ out: join(directory, "lamp-connector") }));
    await promisify(execFile)("/usr/bin/env", ["python3", "-B", join(PYTHON, "build.py"), "--out", out]);
    python = join(out, "code");
  });

  it("finds nothing wrong with the connector on the SDK", async () => {
    const results = await tried(bundle, await link());
    expect(failuresOf(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(18);
  });

  it("finds nothing wrong with the connector in Python", async () => {
    expect(failuresOf(await tried(python, await link()))).toEqual([]);
  });

  it.each(SPOILT)("names the clauses for a connector that $what", async ({ replace, needs, fails }) => {
    const spoilt = await mkdtemp(join(directory, "spoilt-"));
    await cp(python, spoilt, { recursive: true });
    for (const [name, changes] of Object.entries(replace)) {
      let text = await readFile(join(spoilt, name), "utf8");
      for (const [before, after] of changes) {
        expect(text).toContain(before);
        text = text.replace(before, after);
      }
      await writeFile(join(spoilt, name), text);
    }
    const results = await tried(spoilt, token, ({ clause, title }) =>
      [...needs, ...fails].some((one) => title.startsWith(one) || `${clause} ${title}`.startsWith(one)),
    );
    const failed = results.filter(({ ok }) => !ok).map(({ clause, title }) => `${clause} ${title}`);
    for (const clause of fails) expect(failed).toContainEqual(expect.stringContaining(clause));
    expect(results[0]).toMatchObject({ clause: "9.5", ok: true });
  });

  it("hears what somebody does at the vendor's devices, through both forwarders", async () => {
    const lamp = "lamp-u-alice-1";
    const keys = { accessKeyId: "AKIAOFTHEFORWARDER", secretAccessKey: "secret", sessionToken: "session" };
    const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:lamp";
    const stand = await startPlatformStand({ connectorId: "c1", functionArn, keys, invokeAgain: () => {} });
    const ca = join(directory, "vendor-ca.pem");
    await writeFile(ca, vendor.ca);
    const python = spawn("/usr/bin/env", ["python3", "-B", join(PYTHON, "forwarder.py")], {
      env: {
        ...{ ...variables, VENDOR_CA: ca, CONNECTOR_FUNCTION_ARN: functionArn, AWS_ENDPOINT_URL: stand.url },
        ...{
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        },
        ...{ AWS_SESSION_TOKEN: keys.sessionToken, PATH: process.env["PATH"] },
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const stopping = new AbortController();
    const told: unknown[] = [];
    const steps: string[] = [];
    let isAway = true;
    const forwarding = forward({
      settings: settingsFrom({ ...variables, VENDOR_CA: ca }),
      events: {
        async deviceEvent(event) {
          if (isAway) {
            isAway = false;
            throw new TypeError("fetch failed");
          }
          told.push(event);
        },
      },
      ...{ signal: stopping.signal, say: ({ event }) => steps.push(event), firstWait: 1 },
    });
    try {
      await once(python.stdout, "data");
      const press = (change: Record<string, unknown>) => vendor.cloud.simulate(lamp, change);
      const isTold = (level: number) => JSON.stringify(told).includes(`"CurrentLevel":${level}`);
      // The stream may not be open yet: somebody presses the switch again and again.
      await expect.poll(() => press({ on: true }) && told.length, { timeout: 30_000 }).toBeGreaterThan(0);
      vendor.cloud.setFaults({ duplicatePushes: true });
      press({ level: 50 });
      press({ level: 100 });
      await expect.poll(() => isTold(127) && JSON.stringify(told.at(-1)).includes('"CurrentLevel":254')).toBe(true);
      expect(told.filter((event) => JSON.stringify(event).includes('"CurrentLevel":127'))).toHaveLength(1);
      expect(told[0]).toMatchObject({
        ...{ connectorDeviceId: lamp, userId: "u-alice" },
        endpoints: [{ id: "1", capabilities: [{ id: "matter.OnOff@1.4", properties: { OnOff: true } }, {}, {}] }],
      });
      expect(steps.slice(0, 3)).toEqual(["connecting", "waiting", "forwarded"]);
      const heard = await stand.waitFor(({ event }) => event.ConnectorDeviceId === lamp, 0, 30_000);
      expect(heard?.event).toMatchObject({
        ...{ ConnectorId: "c1", Operation: "DEVICE_EVENT", UserId: "u-alice" },
        MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", attributes: { "0x0000": true } }, {}, {}] },
      });
      expect(stand.problems).toEqual([]);
      python.kill("SIGTERM");
      expect(await once(python, "exit")).toEqual([0, null]);
    } finally {
      stopping.abort();
      python.kill("SIGKILL");
      vendor.cloud.clearFaults();
      await Promise.all([forwarding, stand.stop()]);
    }
  });

  it("knows what stands in a directory, and reads an environment", () => {
    expect(runtimeOf(bundle)).toBe("nodejs22.x");
    expect(() => runtimeOf(directory)).toThrow(/Build it first/);
    expect(parseVariables("# the vendor\nVENDOR_URL=https://a.example/?b=c\n\nEMPTY=\r\n")).toEqual({
      ...{ VENDOR_URL: "https://a.example/?b=c", EMPTY: "" },
    });
    expect(() => parseVariables("export A=1")).toThrow(/line 1/);
  });
});
