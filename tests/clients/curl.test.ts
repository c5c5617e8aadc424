import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import { endPeers } from "../walk/peer.ts";
import { find, skipped } from "./tools.ts";

// curl offers ALPN h2 and http/1.1 only, never x-amzn-http-ca: 8443 is its door, and 443 lets it in by its first bytes.
let fleet: Fleet;
let key: Awaited<ReturnType<Fleet["identity"]>>;
const directory = mkdtempSync(join(tmpdir(), "hearth-curl-"));
const path = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text, { mode: 0o600 });
  return join(directory, name);
};
beforeAll(async () => {
  fleet = await openFleet();
  key = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
});
afterAll(async () => {
  endPeers();
  await fleet?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

const missing = find("curl") ? undefined : "curl is not on the PATH";
test.skipIf(skipped("curl", missing)).each(["--http1.1", "--http2", "--no-alpn"])(
  "publishes with a client certificate, curl %s",
  async (protocol) => {
    const own = ["--cert", path("cert.pem", key.certificate), "--key", path("key.pem", key.privateKey)];
    const topic = `curl/${protocol.slice(2)}`;
    const listener = await fleet.connect(key);
    await listener.subscribe(topic);
    const curl = async (port: number, more: string[]) => {
      const url = `https://localhost:${port}/topics/${topic}?qos=1`;
      const how = ["--silent", "--show-error", "--max-time", "10", protocol, "--cacert", path("ca.pem", fleet.ca)];
      const said = ["--write-out", "\n%{http_code}", "--data", `{"on":true}`];
      const { stdout } = await promisify(execFile)("curl", [...how, ...said, ...more, url]);
      return stdout.split("\n").at(-1);
    };
    for (const port of [fleet.platform.ports.https, fleet.platform.ports.tls]) {
      expect(await curl(port, own)).toBe("200");
      expect((await listener.next(topic)).json).toEqual({ on: true });
      expect(await curl(port, [])).toBe("403");
    }
  },
);
