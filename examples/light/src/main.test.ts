import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type SimulatedPlatform, startSimulatedPlatform } from "@hearth/device-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { programArguments } from "../../../tests/kit/programs.ts";

let cloud: SimulatedPlatform;
let directory: string;
const processes: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  cloud = await startSimulatedPlatform({ devices: [{ serialNumber: "0001", universalProductCode: "829576019524" }] });
  directory = await mkdtemp(join(tmpdir(), "light-"));
  await writeFile(join(directory, "ca.pem"), cloud.ca);
  await writeFile(join(directory, "claim.pem"), cloud.claim.certificate);
  await writeFile(join(directory, "claim.key"), cloud.claim.privateKey);
});

afterEach(async () => {
  for (const light of processes.splice(0)) {
    if (light.exitCode !== null || light.signalCode !== null) continue;
    light.kill("SIGKILL");
    await once(light, "exit");
  }
  await cloud.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 10 });
});

/** Starts the light ; `step` returns the next line that it prints with that event, skipping others. */
function startFrom(place: { fromSources: boolean }, ...more: string[]) {
  const connection = ["--endpoint", cloud.host, "--port", String(cloud.port), "--template", cloud.templateName];
  const light = spawn(process.execPath, [...programArguments("light", place), ...connection, ...more]);
  processes.push(light);
  let errors = "";
  light.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: light.stdout })[Symbol.asyncIterator]();
  const exited = once(light, "exit").then(([code]) => code as number | null);
  async function step(event: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`ended before "${event}": ${errors}`);
      const told = JSON.parse(value) as Record<string, unknown>;
      if (told["event"] === event) return told;
      if (told["event"] === "failed" || told["event"] === "refused") throw new Error(value);
    }
  }
  return { light, step, exited, errors: () => errors };
}

/** From its bundle, which is there sooner than the sources. */
const start = (...more: string[]) => startFrom({ fromSources: false }, ...more);

const identity = () => ["--serial", "0001", "--upc", "829576019524", "--state-dir", join(directory, "state")];
const claim = () => [
  ...["--ca", join(directory, "ca.pem")],
  ...["--claim-cert", join(directory, "claim.pem"), "--claim-key", join(directory, "claim.key")],
];
const on = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On", parameters: {} }] }] }];

test("its whole life: provisioned, commanded, flipped, restarted, removed", async () => {
  // As its README starts it.
  const first = startFrom({ fromSources: true }, ...identity(), ...claim());
  await first.step("provisioning");
  const { managedThingId } = await first.step("provisioned");
  const id = String(managedThingId);
  expect(id).toBe(cloud.things.get("0001"));
  await first.step("connected");
  await first.step("capabilities");

  expect(await cloud.command(id, on)).toMatchObject({
    endpoints: [{ capabilities: [{ properties: [{ name: "OnOff", value: true }] }] }],
  });
  expect(await first.step("action")).toMatchObject({ capability: "matter.OnOff@1.4", action: "On" });
  expect(await first.step("state")).toEqual({ event: "state", on: true, level: 254, cause: "command" });

  first.light.stdin.write("flip\n");
  expect(await first.step("state")).toEqual({ event: "state", on: false, level: 254, cause: "switch" });
  const events = () => cloud.messages.filter(({ body }) => body["messageType"] === "DEVICE_EVENT");
  await cloud.message(() => events().length === 2);
  expect(events()[1]?.body["endpoints"]).toEqual([
    { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: false }] }] },
  ]);
  first.light.kill("SIGUSR2");
  expect(await first.step("state")).toEqual({ event: "state", on: true, level: 254, cause: "switch" });
  await cloud.message(() => events().length === 3);

  first.light.kill("SIGTERM");
  await first.step("stopped");
  expect(await first.exited).toBe(0);
  expect(first.errors()).toBe("");

  // The certificates are in the state directory now.
  const second = start(...identity());
  await second.step("capabilities");
  expect(await cloud.remove(id)).toMatchObject({ responseCode: 200 });
  await second.step("removed");
  expect(await second.exited).toBe(0);
  await expect(access(join(directory, "state", "device-cert.json"))).rejects.toThrow();
});

test("with a key of its own, and words for people", async () => {
  const { light, exited } = start(...identity(), ...claim(), "--csr", "--human", "--name", "kitchen");
  let text = "";
  light.stdout.on("data", (chunk) => {
    text += chunk;
    // Once: a second signal would end it by force.
    if (!light.killed && text.includes("knows what this light can do")) light.kill("SIGTERM");
  });
  expect(await exited).toBe(0);
  expect(text).toContain("kitchen: connected\n");
  expect(text).toContain("kitchen: stopped\n");
});

test("a wrong serial number ends it with code 1 and the platform's reason", async () => {
  const wrong = ["--serial", "0002", "--upc", "829576019524", "--state-dir", join(directory, "state")];
  const { light, exited } = start(...wrong, ...claim());
  let text = "";
  light.stdout.on("data", (chunk) => {
    text += chunk;
  });
  expect(await exited).toBe(1);
  expect(JSON.parse(text.trim().split("\n").at(-1) ?? "")).toMatchObject({ event: "refused", statusCode: 403 });
});

test("wrong arguments end it with code 2 and say which", async () => {
  const { light, exited, errors } = start("--serial", "0001");
  await once(light.stderr, "close");
  expect(await exited).toBe(2);
  expect(errors()).toContain("--upc is missing");
  const unknown = start("--colour", "red");
  expect(await unknown.exited).toBe(2);
});
