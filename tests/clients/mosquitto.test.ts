import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import { find, run, skipped } from "./tools.ts";

// stdbuf, because mosquitto_sub keeps what it prints into a pipe to itself until it ends.
const programs = ["mosquitto_pub", "mosquitto_sub", "stdbuf"];
const absent = programs.filter((program) => !find(program));
const missing = absent.length === 0 ? undefined : `not installed: ${absent.join(", ")}`;

describe.skipIf(skipped("mosquitto_pub and mosquitto_sub", missing))("mosquitto's clients", () => {
  let fleet: Fleet;
  let directory: string;
  beforeAll(async () => {
    fleet = await openFleet();
    directory = mkdtempSync(join(tmpdir(), "hearth-mosquitto-"));
    const key = await fleet.identity([
      { Effect: "Allow", Action: "iot:Connect", Resource: fleet.arn("client/lamp*") },
      { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: fleet.arn("topic/lamp/*") },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: fleet.arn("topicfilter/lamp/*") },
    ]);
    writeFileSync(join(directory, "c.pem"), key.certificate);
    writeFileSync(join(directory, "k.pem"), key.privateKey, { mode: 0o600 });
  });
  afterAll(async () => {
    await fleet.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });

  const doors = {
    "8883": () => ["--port", String(fleet.file.mqttsPort)],
    "the TLS port by ALPN": () => ["--port", String(fleet.file.tlsPort), "--tls-alpn", "x-amzn-mqtt-ca"],
  } as const;
  const to = (version: string, id: string, door: keyof typeof doors = "8883"): string[] => [
    ...["--host", "localhost", ...doors[door](), "--cafile", fleet.file.caFile],
    ...["--cert", join(directory, "c.pem"), "--key", join(directory, "k.pem")],
    ...["-V", version, "--id", id],
  ];

  test.each([
    ["mqttv311", "8883"],
    ["mqttv5", "8883"],
    ["mqttv311", "the TLS port by ALPN"],
    ["mqttv5", "the TLS port by ALPN"],
  ] as const)("%s on %s: publish and subscribe at each QoS", async (version, door) => {
    const subscription = ["-t", "lamp/#", "-q", "2", "-C", "3", "-W", "15", "-v", "-d"];
    const args = [...to(version, `lamp-sub-${version}`, door), ...subscription];
    const sub = spawn("stdbuf", ["-oL", "mosquitto_sub", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    const subscribed = new Promise<void>((resolve) => {
      createInterface({ input: sub.stdout }).on("line", (line) => {
        if (/^lamp\//.test(line)) lines.push(line);
        if (line.startsWith("Subscribed")) resolve();
      });
    });
    const ended = once(sub, "close");
    await subscribed;
    for (const qos of ["0", "1", "2"]) {
      const sent = await run("mosquitto_pub", [
        ...to(version, `lamp-pub-${version}`, door),
        ...["-t", `lamp/${qos}`, "-m", `at ${qos}`, "-q", qos],
      ]);
      expect(sent).toEqual({ code: 0, stdout: "", stderr: "" });
    }
    expect((await ended)[0]).toBe(0);
    expect(lines.sort()).toEqual(["lamp/0 at 0", "lamp/1 at 1", "lamp/2 at 2"]);
  });

  test("what the policy forbids fails", async () => {
    const stranger = await run("mosquitto_pub", [...to("mqttv5", "other"), "-t", "lamp/x", "-m", "x", "-q", "1"]);
    expect(stranger.code).not.toBe(0);
    expect(stranger.stderr).toMatch(/not authori[sz]ed/i);
    const elsewhere = await run("mosquitto_sub", [...to("mqttv311", "lamp-9"), "-t", "other/#", "-W", "3", "-E"]);
    expect(elsewhere.stderr).toMatch(/denied/i);
  });
});
