import type { IotJobsData, IotJobsDataOperations, IotOperations } from "@hearth/contract";
import type { Message } from "../messaging/message.ts";
import { insertGroup, insertMember } from "../registry/groups/group-store.ts";
import { insertThing } from "../registry/thing-store.ts";
import { AT, jsonOf, type OpenTestRoom, requestOf, type TestRoom } from "../test-room.ts";

type Input<Operations, Name extends keyof Operations> = Operations[Name] extends { input: infer In } ? In : never;
type Output<Operations, Name extends keyof Operations> = Operations[Name] extends { output: infer Out } ? Out : never;

/** Jobs of a test room, and how time passes for them. For tests. */
export interface TestJobs {
  room: TestRoom;
  jobs: TestRoom["iot"]["jobs"];
  /** Calls an operation of `iot`. */
  call<Name extends keyof IotOperations>(
    name: Name,
    input: Input<IotOperations, Name>,
  ): Promise<Output<IotOperations, Name>>;
  /** Calls an operation of `iot-jobs-data`. */
  ask<Name extends keyof IotJobsDataOperations>(
    name: Name,
    input: Input<IotJobsDataOperations, Name>,
  ): Promise<Output<IotJobsDataOperations, Name>>;
  /** Publishes a request of a device; what it is answered. */
  say(thingName: string, rest: string, body?: unknown): Promise<{ topic: string; body: Record<string, unknown> }>;
  /** Registers things. */
  addThings(...names: string[]): Promise<void>;
  /** A group of things, which need not be registered. */
  addGroup(name: string, members: readonly string[], parent?: string): Promise<void>;
  /** Lets time go by, in steps to each timer that falls due, and everything come to rest. */
  pass(milliseconds: number): Promise<void>;
  /** What has been sent since the last look, on topics that end so. */
  told(ending: string): { topic: string; body: Record<string, unknown> }[];
  executionOf(thingName: string): Promise<IotJobsData.JobExecution | undefined>;
}

export async function openTestJobs(open: OpenTestRoom): Promise<TestJobs> {
  const room = await open();
  const { database, clock, timers, iot } = room;
  const { iot: operations, "iot-jobs-data": dataOperations } = iot.operations;

  const rest = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await timers.idle();
      await iot.jobs.notices.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const at = () => requestOf(AT, clock.now());

  return {
    room,
    jobs: iot.jobs,
    call: (name, input) => room.call(operations[name] as never, input, at()),
    ask: (name, input) => room.call(dataOperations[name] as never, input, at()),
    async say(thingName, path, body = {}) {
      const topic = `$aws/things/${thingName}/jobs/${path}`;
      const { reply } = await room.publish(topic, body, { clientId: thingName });
      const [message] = reply ?? [];
      return { topic: message?.topic ?? "", body: jsonOf(message) as Record<string, unknown> };
    },
    async addThings(...names) {
      const writes = names.flatMap((thingName) =>
        insertThing(AT, { thingName, thingId: thingName, version: 1, attributes: {}, createdAt: 0 }),
      );
      for (let first = 0; first < writes.length; first += 500) await database.commit(writes.slice(first, first + 500));
    },
    async addGroup(groupName, members, parentName) {
      const group = { groupName, groupId: groupName, parentName, version: 1, attributes: {}, tags: {}, createdAt: 0 };
      const add = members.flatMap((thingName) => insertMember(AT, groupName, thingName));
      await database.commit([...insertGroup(AT, group, parentName === undefined ? [] : [parentName]), ...add]);
    },
    async pass(milliseconds) {
      await rest();
      const end = clock.now() + milliseconds;
      while (clock.now() < end) {
        const [row] = await database.query<{ due: number | null }>("SELECT MIN(due_at) AS due FROM hearth_timer");
        const due = Math.max(clock.now() + 1, Number(row?.due ?? end));
        clock.advance(Math.min(end, due) - clock.now());
        await rest();
      }
    },
    told(ending) {
      const found = room.sent.filter(({ topic }) => topic.endsWith(ending));
      const others = room.sent.filter(({ topic }) => !topic.endsWith(ending));
      room.sent.splice(0, room.sent.length, ...others);
      return found.map((message: Message) => ({
        topic: message.topic,
        body: jsonOf(message) as Record<string, unknown>,
      }));
    },
    async executionOf(thingName) {
      const found = await room.call(dataOperations.DescribeJobExecution, { thingName, jobId: "$next" }, at());
      return found.execution;
    },
  };
}
