import { afterAll, beforeAll, expect, test } from "vitest";
import { awsEnvironment, run } from "../clients/tools.ts";
import { programArguments } from "../kit/programs.ts";
import { eventually, type Fleet, openFleet, type Puppet, reporting } from "./fleet.ts";

let fleet: Fleet;
let light: Puppet;
beforeAll(async () => {
  fleet = await openFleet();
  light = await fleet.puppet(await fleet.claim());
});
afterAll(() => fleet.close());

const remote = (...words: string[]) =>
  run(process.execPath, [...programArguments("remote"), ...words], { env: awsEnvironment(fleet.file) });

test("the remote control of examples/ lists, switches and reads a light", async () => {
  expect(await remote("list")).toMatchObject({ code: 0, stdout: `${light.id}  ACTIVATED\n` });
  const [sent, heard] = await Promise.all([remote("on", light.id), light.peer.next(`south/${light.id}/control`)]);
  expect(sent.code).toBe(0);
  expect(heard.json["traceId"]).toBe(sent.stdout.trim());
  await light.say("DEVICE_EVENT", { ...reporting({ OnOff: true }) });
  await eventually("the state", async () => {
    const { Endpoints } = await fleet.managed.getManagedThingState({ ManagedThingId: light.id });
    return JSON.stringify(Endpoints).includes("true") || undefined;
  });
  expect((await remote("state", light.id)).stdout).toBe("matter.OnOff@1.4 OnOff = true\n");
  const refused = await remote("state", "absent");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ResourceNotFoundException: /) });
});
