import {
  CreateJobCommand,
  CreateThingCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
} from "@aws-sdk/client-iot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "./fleet.ts";
import type { Peer } from "./peer.ts";

/** One device of a rollout misbehaves; beside it, five others do their part of the same job. */
const HEALTHY = ["a", "b", "c", "d", "e"];

let fleet: Fleet;
let key: Awaited<ReturnType<Fleet["identity"]>>;
beforeAll(async () => {
  fleet = await openFleet();
  key = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }], "faulty");
  await Promise.all(HEALTHY.map((thingName) => fleet.iot.send(new CreateThingCommand({ thingName }))));
  for (const thingName of HEALTHY) await obey(await fleet.connect(key, { clientId: thingName }), thingName);
});
afterAll(() => fleet.close());

const topic = (rest: string, thingName = "faulty"): string => `$aws/things/${thingName}/jobs/${rest}`;

/** Takes every job that it is told of and succeeds. */
async function obey(peer: Peer, thingName: string): Promise<void> {
  await peer.subscribe([topic("notify-next", thingName), ...answersOf("start-next", thingName)]);
  const work = async () => {
    for (;;) {
      const { json } = await peer.next(topic("notify-next", thingName), undefined, 60_000);
      if (json["execution"] === undefined) continue;
      const started = await peer.ask(topic("start-next", thingName), {});
      const { jobId } = started.json["execution"] as { jobId: string };
      await peer.publish(topic(`${jobId}/update`, thingName), { status: "SUCCEEDED" });
    }
  };
  // Until the test ends.
  work().catch(() => {});
}

const answersOf = (rest: string, thingName = "faulty"): string[] =>
  ["accepted", "rejected"].map((kind) => topic(`${rest}/${kind}`, thingName));

/** By MQTT 3.1.1, whose clients are not told how large a message may be. */
async function faulty(jobId: string): Promise<Peer> {
  const peer = await fleet.connect(key, { clientId: "faulty", protocolVersion: 4 });
  await peer.subscribe([
    topic("notify-next"),
    ...["get", "start-next", "$next/get", `${jobId}/get`, `${jobId}/update`, "absent/update"].flatMap((rest) =>
      answersOf(rest),
    ),
  ]);
  return peer;
}

async function rollOut(jobId: string): Promise<void> {
  const targets = ["faulty", ...HEALTHY].map((name) => fleet.arn(`thing/${name}`));
  await fleet.iot.send(new CreateJobCommand({ jobId, targets, document: JSON.stringify({ of: jobId }) }));
}

const jobOf = async (jobId: string) => (await fleet.iot.send(new DescribeJobCommand({ jobId }))).job;
const othersAreDone = (jobId: string) =>
  eventually(
    "the others' part",
    async () =>
      (await jobOf(jobId))?.jobProcessDetails?.numberOfSucceededThings === HEALTHY.length ? true : undefined,
    4_000,
  );
/** The device does its part after all, and the job ends. */
async function end(peer: Peer, jobId: string): Promise<void> {
  const done = await peer.ask(topic(`${jobId}/update`), { status: "SUCCEEDED" });
  expect(done.topic).toBe(topic(`${jobId}/update/accepted`));
  await eventually("the end", async () => ((await jobOf(jobId))?.status === "COMPLETED" ? true : undefined), 4_000);
  await peer.end();
}

test("a device that dies in progress: the others end, and it goes on where it was", async () => {
  const jobId = "dies";
  const peer = await faulty(jobId);
  await rollOut(jobId);
  await peer.next(topic("notify-next"));
  const { json } = await peer.ask(topic("start-next"), { statusDetails: { step: "flash" } });
  expect(json).toMatchObject({ execution: { jobId, status: "IN_PROGRESS", versionNumber: 2 } });
  peer.kill();
  await othersAreDone(jobId);
  expect(await jobOf(jobId)).toMatchObject({ status: "IN_PROGRESS" });
  const back = await faulty(jobId);
  const again = await back.ask(topic("start-next"), { statusDetails: { step: "other" } });
  expect(again.json).toMatchObject({
    execution: { jobId, status: "IN_PROGRESS", versionNumber: 2, statusDetails: { step: "flash" } },
  });
  await end(back, jobId);
});

test("a flood: every request is answered or throttled, nothing is lost, and the others end meanwhile", async () => {
  const jobId = "floods";
  const peer = await faulty(jobId);
  await rollOut(jobId);
  await peer.next(topic("notify-next"));
  const accepted: number[] = [];
  let throttled = 0;
  let last: Record<string, unknown> = {};
  peer.client.on("message", (name, payload) => {
    if (name === topic(`${jobId}/update/accepted`)) {
      last = JSON.parse(payload.toString()) as Record<string, unknown>;
      accepted.push(Number(last["clientToken"]));
    } else if (name === topic(`${jobId}/update/rejected`)) {
      expect(JSON.parse(payload.toString())).toMatchObject({ code: "RequestThrottled" });
      throttled += 1;
    }
  });
  const COUNT = 250;
  for (let n = 0; n < COUNT; n++) {
    const body = { status: "IN_PROGRESS", clientToken: `${n}`, includeJobExecutionState: true };
    peer.client.publish(topic(`${jobId}/update`), JSON.stringify(body), { qos: n % 2 === 0 ? 0 : 1 });
  }
  await othersAreDone(jobId);
  await eventually("an answer to each", async () => (accepted.length + throttled === COUNT ? true : undefined));
  expect(accepted).toEqual([...accepted].sort((a, b) => a - b));
  expect(last).toMatchObject({ executionState: { status: "IN_PROGRESS", versionNumber: 1 + accepted.length } });
  await end(peer, jobId);
});

test("nonsense, each kind with its answer, changes nothing; the others end", async () => {
  const jobId = "nonsense";
  const peer = await faulty(jobId);
  await rollOut(jobId);
  await peer.next(topic("notify-next"));
  const status = "IN_PROGRESS";
  const wrong: readonly [rest: string, payload: unknown, code: string][] = [
    ["get", "{not json", "InvalidJson"],
    ["get", Buffer.from([0x7b, 0xff, 0x7d]), "InvalidJson"],
    ["start-next", `{"statusDetails":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, "InvalidJson"],
    ["start-next", { statusDetails: { large: "x".repeat(120_000) } }, "InvalidRequest"],
    ["get", Buffer.alloc(200_000, " "), "InvalidRequest"],
    [`${jobId}/update`, { status, expectedVersion: 9 }, "VersionMismatch"],
    [`${jobId}/update`, { status, executionNumber: 9 }, "ResourceNotFound"],
    [`${jobId}/update`, { status: "CANCELED" }, "InvalidRequest"],
    ["absent/update", { status }, "ResourceNotFound"],
  ];
  for (const [rest, payload, code] of wrong) {
    const answer = await peer.ask(topic(rest), payload);
    expect([answer.topic, answer.json["code"]]).toEqual([topic(`${rest}/rejected`), code]);
  }
  // Larger than any message may be: the connection ends, as for every client.
  const { closed } = peer;
  peer.client.publish(topic("get"), Buffer.alloc(1_200_000, "x"), { qos: 1 });
  await closed;
  await othersAreDone(jobId);
  const { execution } = await fleet.iot.send(new DescribeJobExecutionCommand({ jobId, thingName: "faulty" }));
  expect(execution).toMatchObject({ status: "QUEUED", versionNumber: 1 });
  const back = await faulty(jobId);
  await end(back, jobId);
});

test("an update of what has ended is told the state; of two racers with one version one is accepted", async () => {
  const jobId = "races";
  const peer = await faulty(jobId);
  const racer = await fleet.connect(key, { clientId: "racer" });
  await racer.subscribe(answersOf(`${jobId}/update`));
  await rollOut(jobId);
  await peer.next(topic("notify-next"));
  const race = { status: "IN_PROGRESS", expectedVersion: 1 };
  const answers = await Promise.all([peer, racer].map((one) => one.ask(topic(`${jobId}/update`), race)));
  expect(answers.map(({ topic }) => topic.slice(topic.lastIndexOf("/") + 1)).sort()).toEqual(["accepted", "rejected"]);
  expect(answers.find(({ json }) => json["code"] !== undefined)?.json).toMatchObject({
    code: "VersionMismatch",
    executionState: { status: "IN_PROGRESS", versionNumber: 2 },
  });
  await racer.end();
  await othersAreDone(jobId);
  await end(peer, jobId);
  const late = await faulty(jobId);
  expect((await late.ask(topic(`${jobId}/update`), { status: "FAILED" })).json).toMatchObject({
    code: "InvalidStateTransition",
    executionState: { status: "SUCCEEDED", versionNumber: 3 },
  });
  await late.end();
});
