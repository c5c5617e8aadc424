import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { makeHubRoot } from "../../../tests/kit/hub-process.ts";
import { programArguments } from "../../../tests/kit/programs.ts";
import { bundleProgram } from "../build.ts";
import { readRecipes } from "./greengrass/recipe.ts";
import { runComponents } from "./greengrass/runner.ts";

const INSTALL = fileURLToPath(new URL(".", import.meta.url));
const PREFIX = "com.amazon.IoTManagedIntegrationsDevice.";
/** Nobody is there; the part that looks for it runs all the same. */
const RADIO = "tcp://127.0.0.1:9";
const WAIT = { timeout: 30_000, interval: 50 };

/** The program as it is installed, but that what it runs is the tests' bundle. */
let artifacts: string;
beforeAll(() => {
  artifacts = mkdtempSync(join(tmpdir(), "hub-artifacts-"));
  for (const name of ["bin", "lib"]) mkdirSync(join(artifacts, "hearth-hub", name), { recursive: true });
  cpSync(join(INSTALL, "hearth-hub"), join(artifacts, "hearth-hub/bin/hearth-hub"));
  writeFileSync(join(artifacts, "hearth-hub/lib/main.mjs"), `await import("${programArguments("hub")[0]}");\n`);
  cpSync(join(INSTALL, "start_iotmi_sdk.sh"), join(artifacts, "hearth-hub/start_iotmi_sdk.sh"));
});
afterAll(() => rmSync(artifacts, { recursive: true, force: true, maxRetries: 10 }));

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

function ownRoot(): string {
  const { root, remove } = makeHubRoot();
  undo.push(remove);
  return root;
}

const text = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
/** A process that has ended and that nobody has asked about has no arguments any more. */
const isAlive = (pid: number): boolean => text(`/proc/${pid}/cmdline`) !== "";

function writeConfiguration(root: string): void {
  const directory = join(root, "data/aws/iotmi/config");
  mkdirSync(directory, { recursive: true });
  cpSync(join(INSTALL, "iotshd_config.sample.json"), join(directory, "iotmi_config.json"));
}

test("a process loads no library that its parts do not use", async () => {
  const { outputs } = await bundleProgram(artifacts, { write: false });
  /** Where the code comes from that is loaded with this source, by package. */
  const loadedWith = (source: string): Set<string> => {
    const [entry] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [source];
    const chunks = new Set([entry]);
    for (const chunk of chunks) {
      for (const { path, kind, external } of outputs[chunk]?.imports ?? []) {
        if (kind === "import-statement" && !external) chunks.add(path);
      }
    }
    const sources = [...chunks].flatMap((chunk) => Object.keys(outputs[chunk]?.inputs ?? {}));
    return new Set(sources.map((path) => /^(?:node_modules|packages)\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? "apps/hub"));
  };
  const connection = ["node_modules/mqtt", "node_modules/ws", "packages/device-sdk"];
  expect([...loadedWith("apps/hub/src/proxy/mqtt-proxy.ts")]).toEqual(expect.arrayContaining(connection));
  for (const radio of [
    "zigbee/zigbee-part.ts",
    "zwave/zwave-part.ts",
    "custom/custom-part.ts",
    "matter/matter-plugin.ts",
  ]) {
    const loaded = loadedWith(`apps/hub/src/${radio}`);
    expect([radio, ...connection.filter((name) => loaded.has(name))]).toEqual([radio]);
  }
  const parts = Object.values(outputs).flatMap(({ entryPoint = "" }) => /^apps\/hub\/.*/.exec(entryPoint) ?? []);
  // Of the data model's definitions only a Matter device has need: the bridges for the other protocols have tables.
  const defined = parts.filter((part) => loadedWith(part).has("packages/data-model"));
  expect(defined).toEqual(["apps/hub/src/matter/matter-plugin.ts"]);
});

test("row 73: start_iotmi_sdk.sh prints every stage, and all processes run", () => {
  const root = ownRoot();
  const script = join(artifacts, "hearth-hub/start_iotmi_sdk.sh");
  const run = (...words: string[]) => {
    const env = { ...process.env, HEARTH_HUB_ROOT: root, HEARTH_HUB_ZIGBEE: RADIO, HEARTH_HUB_WAIT: "1" };
    return spawnSync("sh", [script, ...words], { env, encoding: "utf8" });
  };
  const without = run();
  expect([without.status, without.stderr]).toEqual([1, expect.stringMatching(/iotmi_config\.json is not there/)]);

  writeConfiguration(root);
  undo.push(() => run("stop"));
  const { stdout } = run();
  const stages = [
    "HubOnboarding",
    "MQTT proxy",
    "event manager",
    "Zigbee service",
    "Z-Wave service",
    "CDMB",
    "agent",
    "provisioner",
  ];
  const printed = stdout.split("\n").filter((line) => line.startsWith("Starting "));
  expect(printed.map((line) => line.replace(/^Starting (.*) \.\.\. .*$/, "$1"))).toEqual(stages);
  expect(printed[4]).toContain("left out: HEARTH_HUB_ZWAVE is not set");
  expect(stdout).toMatch(
    /Stopping old processes[\s\S]*Creating the log directory[\s\S]*Checking prerequisites[\s\S]*Checking status/,
  );
  const running = [...stdout.matchAll(/^ {2}(\w+): running$/gm)].map((match) => match[1]);
  expect(running.sort()).toEqual([
    "DeviceCdmb",
    "HubOnboarding",
    "IoTManagedIntegrationsDeviceAgent",
    "ace_eventmgr",
    "ace_zigbee_service",
    "iotmi_lpw_provisioner",
    "iotmi_mqtt_proxy",
  ]);
  const pids = readdirSync(join(root, "dev/aipc/sdk")).map((name) => Number(text(join(root, "dev/aipc/sdk", name))));
  expect(pids.every(isAlive)).toBe(true);
  // Each has the flags of Node that bin/hearth-hub names.
  expect(pids.every((pid) => /^node\0--max-semi-space-size=\d+\0/.test(text(`/proc/${pid}/cmdline`)))).toBe(true);
  expect(text(join(artifacts, "hearth-hub/logs/provisioner_logs.txt"))).toContain("Successfully subscribed to topic");
  expect(run("status").status).toBe(0);
  expect(run("stop").status).toBe(0);
  expect(pids.some(isAlive)).toBe(false);
});

test("row 72 (part): the eight recipes are valid, and their life-cycle commands start the hub", async () => {
  const recipes = await readRecipes(join(INSTALL, "greengrass/recipes"), "0.1.0");
  const names = [
    "AceCommon",
    "AceZigbee",
    "AceZwave",
    "Agent",
    "CDMB",
    "HubOnboarding",
    "LPW-Provisioner",
    "MQTTProxy",
  ];
  expect([...recipes.keys()]).toEqual(names.map((name) => PREFIX + name));
  const root = ownRoot();
  writeConfiguration(root);
  const kernelRoot = join(root, "greengrass/v2");
  const running = runComponents(recipes, {
    kernelRoot,
    artifacts: () => artifacts,
    configuration: { root, zigbeePort: RADIO },
  });
  undo.push(() => running.stop());
  const log = (name: string): string => text(join(kernelRoot, `logs/${PREFIX}${name}.log`));
  await vi.waitFor(() => {
    for (const name of ["CDMB", "LPW-Provisioner"]) {
      expect(log(name)).toContain("Successfully subscribed to topic");
    }
  }, WAIT);
  expect(log("AceZwave")).toContain("there is no radio");
  for (const name of names.filter((one) => one !== "AceZwave")) {
    expect([name, isAlive(running.pids.get(PREFIX + name) as number)]).toEqual([name, true]);
  }
});

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
if (!hasSystemd) process.stdout.write("install.test.ts: there is no systemd-analyze here, row 74 is not tried\n");

test.runIf(hasSystemd)("row 74 (part): setup_hub.sh installs units that systemd takes and finds safe", () => {
  const root = ownRoot();
  const host = join(root, "host");
  mkdirSync(host);
  for (const name of ["setup_hub.sh", "systemd", "local_certs"])
    cpSync(join(INSTALL, name), join(host, name), { recursive: true });
  cpSync(join(INSTALL, "iotshd_config.sample.json"), join(host, "iotshd_config.json"));
  writeFileSync(join(host, "local_certs/claim_pk.key"), "a key");
  spawnSync("tar", ["-czf", join(host, "package.tgz"), "-C", join(artifacts, "hearth-hub"), "."]);
  const hub = join(root, "hub");
  mkdirSync(hub);
  const setUp = (...words: string[]) =>
    spawnSync("sh", [join(host, "setup_hub.sh"), `--root=${hub}`, `--package=${join(host, "package.tgz")}`, ...words], {
      encoding: "utf8",
    });
  expect(setUp("--user=a b")).toMatchObject({ status: 1, stderr: expect.stringContaining("is no name of a user") });
  expect(setUp("--user=gateway", "--group=gateway")).toMatchObject({ status: 0, stderr: "" });
  // Once more changes nothing that is the hub's own.
  writeFileSync(join(hub, "data/aws/iotmi/config/iotmi_config.json"), "provisioned since");
  expect(setUp("--user=gateway", "--group=gateway").status).toBe(0);
  expect(text(join(hub, "data/aws/iotmi/config/iotmi_config.json"))).toBe("provisioned since");

  const mode = (path: string): number => statSync(join(hub, path)).mode & 0o777;
  expect(mode("data/aws/iotmi/certs/claim_pk.key")).toBe(0o600);
  expect([mode("data/aws/iotmi/certs"), mode("data/ace/kvstorage")]).toEqual([0o700, 0o700]);
  expect(existsSync(join(hub, "opt/hearth-hub/start_iotmi_sdk.sh"))).toBe(true);
  expect(mode("usr/local/bin/deploy_iotshd_services_on_hub.sh")).toBe(0o755);
  const units = readdirSync(join(hub, "etc/systemd/system"));
  expect(units.sort()).toEqual([
    "hearth-hub-custom.service",
    "hearth-hub-zigbee.service",
    "hearth-hub-zwave.service",
    "hearth-hub.service",
  ]);
  for (const unit of units) {
    const path = join(hub, "etc/systemd/system", unit);
    expect(text(path)).toMatch(/^User=gateway$/m);
    expect(text(path)).not.toMatch(/@[A-Z]+@/);
    // Whether the program is there is seen on this machine's own paths.
    writeFileSync(path, text(path).replaceAll("/opt/hearth-hub", join(hub, "opt/hearth-hub")));
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
    expect(complaints(verified.stderr)).toBe("");
    const safe = ["security", "--offline=true", "--threshold=40", "--no-pager", path];
    expect(spawnSync("systemd-analyze", safe, { encoding: "utf8" })).toMatchObject({ status: 0 });
  }
});

/** Of our units, not of others that this machine has. */
const complaints = (stderr: string): string =>
  stderr
    .split("\n")
    .filter((line) => line.includes("hearth-hub"))
    .join("\n");
