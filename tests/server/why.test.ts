import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearth, type Ran } from "../kit/command.ts";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";

let fleet: Fleet;
let certificateId: string;
/** Everything that was asked, each as a process of its own. */
let ran: Record<"client" | "certificate" | "refused" | "unknown" | "json" | "strange", Ran>;
const TOPIC = `secret/${"long/".repeat(12)}topic`;
const ESCAPE = "\u001b[2J";

beforeAll(async () => {
  fleet = await openFleet();
  const key = await fleet.identity([
    { Effect: "Allow", Action: "iot:*", Resource: "*" },
    { Sid: "NotHere", Effect: "Deny", Action: "iot:Publish", Resource: fleet.arn("topic/secret/*") },
  ]);
  ({ certificateId } = key);
  for (let i = 0; i < 3; i++) {
    const peer = await fleet.connect(key, { clientId: `lamp${ESCAPE}` });
    await expect(peer.publish(TOPIC, "x")).rejects.toThrow();
    await peer.closed;
  }
  await expect(fleet.handshake(fleet.file.mqttsPort, { ALPNProtocols: ["nonsense"] })).rejects.toThrow();
  await eventually("both", async () => {
    const { Events } = await fleet.hearth.send("ListConnectionEvents", {});
    return Events.some(({ Cause }) => Cause === "handshake alpn") ? Events : undefined;
  });
  const why = (...args: string[]) => hearth(fleet.platform.dataDir, "why", ...args);
  const [client, certificate, refused, unknown, json, strange] = await Promise.all([
    why(`lamp${ESCAPE}`),
    why("--certificate", certificateId),
    why(),
    why("nobody"),
    why("--json", `lamp${ESCAPE}`),
    why("--certificate", "no id"),
  ]);
  ran = { client, certificate, refused, unknown, json, strange };
});
afterAll(() => fleet.close());

/** What a terminal of 80 columns would break: everything that could have been broken at a space. */
const tooLong = (text: string) => text.split("\n").filter((line) => line.length > 80 && line.trim().includes(" "));

test("hearth why <clientId> tells what happened and why, in 80 columns, with nothing that a terminal obeys", () => {
  const { code, stdout, stderr } = ran.client;
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.replace(/\s+/g, " ")).toContain('is denied by statement "NotHere"');
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Publish-In {7}failed$/m);
  expect(stdout).toContain(`    ${TOPIC}\n`);
  expect(stdout).toMatch(/\(3 times, last at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)/);
  expect(stdout).toContain(`principal ${certificateId}`);
  expect(stdout).toContain("reason code 0x87");
  expect(tooLong(stdout)).toEqual([]);
  expect(stdout).not.toContain("\u001b");
});

test("hearth why --certificate <id> tells of the same device, and what its client id is", () => {
  expect(ran.certificate.code).toBe(0);
  expect(ran.certificate.stdout).toContain("client lamp\\u001b[2J,");
  expect(tooLong(ran.certificate.stdout)).toEqual([]);
});

test("hearth why alone lists who was refused, also before MQTT", () => {
  const { code, stdout } = ran.refused;
  expect(code).toBe(0);
  expect(stdout.replace(/\s+/g, " ")).toContain("offers only ALPN names that this port does not know");
  expect(stdout).toContain(TOPIC);
  expect(tooLong(stdout)).toEqual([]);
});

test("of whom nothing is known it says what to do next", () => {
  const { code, stdout } = ran.unknown;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Nothing is known of a client "nobody"\.\n.*`hearth why` lists who was refused/s);
  expect(tooLong(stdout)).toEqual([]);
});

test("hearth why --json prints what ListConnectionEvents answers", async () => {
  const { Events } = await fleet.hearth.send("ListConnectionEvents", { ClientId: `lamp${ESCAPE}` });
  expect(ran.json.code).toBe(0);
  expect(JSON.parse(ran.json.stdout)).toEqual(Events);
});

test("wrong usage is one line, or the help, and a failure", async () => {
  expect(ran.strange).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^hearth: .*[Cc]ertificateId/),
  });
  const nowhere = mkdtempSync(join(tmpdir(), "hearth-why-"));
  const [both, option, many, none] = await Promise.all([
    hearth(nowhere, "why", "lamp", "--certificate", certificateId),
    hearth(nowhere, "why", "--nonsense"),
    hearth(nowhere, "why", "one", "two"),
    hearth(nowhere, "why", "lamp"),
  ]);
  rmSync(nowhere, { recursive: true, maxRetries: 10 });
  expect(both).toEqual({ code: 1, stdout: "", stderr: "hearth: Name a client id or a certificate, not both.\n" });
  expect(option).toMatchObject({ code: 1, stderr: expect.stringMatching(/--nonsense.*Usage: hearth why/s) });
  expect(many).toMatchObject({ code: 1, stderr: expect.stringMatching(/too many arguments.*Usage: hearth why/s) });
  expect(none).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^hearth: .*Start the server first.*\n$/),
  });
});

test("a server that has been stopped is named, with what to do", async () => {
  await fleet.platform.stop(true);
  const { code, stdout, stderr } = await hearth(fleet.platform.dataDir, "why", "lamp");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(`hearth: ${fleet.file.apiEndpoint} does not answer. Start the server.\n`);
  rmSync(fleet.platform.dataDir, { recursive: true, maxRetries: 10 });
});
