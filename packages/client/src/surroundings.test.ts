import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createClient as createBrowserClient } from "./browser.ts";
import { createClient } from "./index.ts";
import { WebSha256 } from "./web-sha256.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.unstubAllEnvs();
});

async function listening(): Promise<{ endpoint: string; asked: { url: string; headers: IncomingHttpHeaders }[] }> {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? "", headers: request.headers });
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" };

describe("on Node", () => {
  test("endpoint, region and credentials come from the environment", async () => {
    const { endpoint, asked } = await listening();
    vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
    vi.stubEnv("AWS_REGION", "eu-west-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    await createClient("iot-managed-integrations").listManagedThings();
    expect(asked[0]?.headers["authorization"]).toMatch(/Credential=AKIAENVIRONMENT\/\d{8}\/eu-west-1\//);
    expect(asked[0]?.headers["x-amz-security-token"]).toBe("session");
  });

  test("a provider is asked, and what is missing is said", async () => {
    const { endpoint, asked } = await listening();
    const provided = async () => ({ ...credentials, accessKeyId: "AKIAPROVIDED" });
    await createClient("iot", { endpoint, region: "us-east-1", credentials: provided }).listThings();
    expect(asked[0]?.headers["authorization"]).toContain("Credential=AKIAPROVIDED/");
    for (const name of ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, "");
    expect(() => createClient("iot")).toThrow("No endpoint: give one, or set AWS_ENDPOINT_URL.");
    expect(() => createClient("iot", { endpoint })).toThrow("No region: give one, or set AWS_REGION.");
  });
});

describe("in a browser", () => {
  test("WebCrypto hashes as Node does", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), fc.option(fc.uint8Array({ minLength: 1 })), async (parts, secret) => {
        const ours = new WebSha256(secret ?? undefined);
        const theirs = secret ? createHmac("sha256", secret) : createHash("sha256");
        for (const part of parts) {
          ours.update(part);
          theirs.update(part);
        }
        expect(Buffer.from(await ours.digest()).toString("hex")).toBe(theirs.digest("hex"));
      }),
      { numRuns: 50 },
    ));

  test("a request has the signature that it has on Node", async () => {
    const { endpoint, asked } = await listening();
    vi.useFakeTimers({ toFake: ["Date"] });
    closing.push(() => vi.useRealTimers());
    const options = { endpoint, region: "us-east-1", credentials };
    const input = { ManagedThingId: "a b", Endpoints: [] };
    await createClient("iot-managed-integrations", options).sendManagedThingCommand(input);
    await createBrowserClient("iot-managed-integrations", options).sendManagedThingCommand(input);
    expect(asked[1]?.headers["authorization"]).toBe(asked[0]?.headers["authorization"]);
    expect(asked[1]?.headers["authorization"]).toContain("Signature=");
  });

  test("a bundle needs nothing of Node, and works without it", async () => {
    const { endpoint, asked } = await listening();
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: 'export { createClient } from "@hearth/client";',
        resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      },
      bundle: true,
      platform: "browser",
      format: "iife",
      globalName: "hearth",
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /hash-node|credential-provider|^node:/.test(path))).toEqual([]);
    // What a page has, and neither Buffer, process nor require.
    const page = {
      fetch,
      crypto,
      URL,
      URLSearchParams,
      TextEncoder,
      TextDecoder,
      AbortSignal,
      Uint8Array,
      ArrayBuffer,
      atob,
      btoa,
      setTimeout,
    };
    const made = runInNewContext(`${outputFiles[0]?.text}; hearth.createClient`, { ...page }) as typeof createClient;
    const managed = made("iot-managed-integrations", { endpoint, region: "us-east-1", credentials });
    expect(await managed.listManagedThings({ MaxResults: 5 })).toEqual({});
    expect(asked[0]?.url).toBe("/managed-things?MaxResults=5");
    expect(asked[0]?.headers["authorization"]).toContain("Credential=AKIAEXAMPLE/");
    expect(() => made("iot", { endpoint })).toThrow("Give endpoint, region and credentials.");
  });
});
