import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { awsCliMissing, awsEnvironment, find, run, skipped } from "./tools.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The shell blocks of the section "Five minutes", as printed. */
function blocks(): string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = readme.split("\n## ").find((one) => one.startsWith("Five minutes")) ?? "";
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] ?? "");
}

describe("README, five minutes", () => {
  let directory: string;
  let server: ServerProcess;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "hearth-readme-"));
    // Where `npm start` puts it, seen from where the reader stands.
    server = await startServerProcess({ dataDir: join(directory, ".hearth"), fromSources: true });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });

  /** The reader's shell. Only the ports differ from what is printed: those of this server, not the usual ones. */
  async function type(script: string): Promise<string> {
    const { apiEndpoint, mqttsPort } = server.file;
    const lines = script.replace("http://127.0.0.1:4566", apiEndpoint).replace("--port 8883", `--port ${mqttsPort}`);
    const {
      AWS_ENDPOINT_URL,
      AWS_REGION,
      AWS_DEFAULT_REGION,
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
      AWS_MAX_ATTEMPTS,
      ...env
    } = awsEnvironment(server.file);
    writeFileSync(join(directory, "typed.sh"), lines);
    // Through a pipe: what node gives a child is a socket, and /dev/stdout cannot be opened on one.
    const { code, stdout, stderr } = await run("bash", ["-o", "pipefail", "-c", "bash -e -o pipefail typed.sh | cat"], {
      cwd: directory,
      env: { ...env, PATH: `${join(ROOT, "node_modules/.bin")}:${dirname(process.execPath)}:${env["PATH"]}` },
      timeout: 180_000,
    });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  test("npx hearth demo", async () => {
    const [demo] = blocks();
    expect(demo?.trim()).toBe("npx hearth demo");
    const { code, stdout, stderr } = await run(process.execPath, [join(ROOT, "apps/server/bin/hearth.js"), "demo"], {
      cwd: directory,
      timeout: 180_000,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("DEVICE_LIFE_CYCLE DELETED");
    expect(stdout).toContain("Done.");
  });

  test.skipIf(skipped("README, with the AWS CLI", awsCliMissing()))(
    "with the AWS CLI, then with a device",
    async () => {
      const [, , cli = "", device = ""] = blocks();
      expect(cli).toContain("aws sts get-caller-identity");
      const hasMosquitto = find("mosquitto_pub") !== undefined;
      if (!hasMosquitto) skipped("README, mosquitto_pub", "mosquitto-clients is not installed");
      const lines = hasMosquitto ? device : device.slice(0, device.indexOf("mosquitto_pub"));
      // One terminal: the second block goes on where the first has ended.
      const printed = await type(cli + lines);
      expect(printed).toContain(`"Account": "${server.file.accountId}"`);
      expect(printed).toContain('"thingName": "lamp"');
      expect(printed).toContain('"desired":{"on":true}');
      expect(printed).toContain("ClaimCertificatePrivateKey");
      expect(printed).toContain(":managed-thing/");
    },
  );
});
