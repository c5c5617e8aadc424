import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { programArguments, ROOT } from "../kit/programs.ts";

/** Where the demo keeps what it needs while it runs: nothing of it is left there afterwards. */
const temporary = mkdtempSync(join(tmpdir(), "hearth-connectors-demo-"));
// Functions have users of their own, who have to get at their temporary files.
chmodSync(temporary, 0o755);
const nothing = join(temporary, "nothing");
mkdirSync(nothing);
afterEach(() => expect(readdirSync(temporary).filter((name) => name.startsWith("hearth-demo-"))).toEqual([]));
afterAll(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 }));

const missing = ["aws", "python3"].filter((program) => spawnSync(program, ["--version"]).status !== 0);
if (missing.length > 0) console.log(`hearth demo connectors is not run: ${missing.join(" and ")} missing`);

function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...programArguments("hearth", { fromSources: true }), "demo", "connectors"], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { all: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed.all += chunk));
  return { child, printed, exited: once(child, "close").then(([code]) => code as number | null) };
}

test.runIf(missing.length === 0)(
  "hearth demo connectors prints the walk with both connectors, and exits 0",
  async () => {
    const { printed, exited } = start();
    expect(await exited, printed.all).toBe(0);
    const steps = printed.all
      .split("\n")
      .flatMap((line) => / s {2}\w+ +(\d\w?) {1,2}(\w[\w ]*)/.exec(line)?.slice(1) ?? []);
    const walk = [
      ...[
        "0",
        "aws lambda create",
        "0",
        "aws lambda add",
        "1",
        "CreateCloudConnector",
        "2",
        "CreateConnectorDestination",
      ],
      ...["3", "CreateAccountAssociation", "4a", "StartDeviceDiscovery", "4b", "GetDeviceDiscovery"],
      ...["4c", "ListDiscoveredDevices", "4d", "CreateManagedThing", "4e", "GetManagedThing"],
      ...["4f", "RegisterAccountAssociation", "5", "SendManagedThingCommand", "6", "DEVICE_COMMAND succeeded"],
      ...["6", "DEVICE_EVENT OnOff", "7", "the operator lists the connector"],
    ];
    expect(steps).toEqual([...walk, ...walk]);
    expect(printed.all).toContain("The connector in TypeScript");
    expect(printed.all).toContain("The connector in Python");
  },
  180_000,
);

test.runIf(missing.length === 0)(
  "Ctrl-C ends it, and nothing is left",
  async () => {
    const { child, printed, exited } = start();
    while (!printed.all.includes("runs at")) await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await exited, printed.all).toBe(130);
  },
  60_000,
);

test("without the AWS CLI it says what to install, and exits 1", async () => {
  const { printed, exited } = start({ PATH: nothing });
  expect(await exited).toBe(1);
  expect(printed.all).toMatch(/^hearth: this demo needs the AWS CLI.*Install/m);
}, 60_000);
