import type { ManagedIntegrations } from "@hearth/contract";
import { AT, jsonOf, type OpenTestRoom, type TestRoom } from "../test-room.ts";

export const MINUTE = 60_000;
export const DOCUMENT = '{"operation":"firmware","version":"2"}';

export const arnOf = (id: string) => `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:managed-thing/${id}`;

export type TestOta = Awaited<ReturnType<typeof openTestOta>>;

/** A room whose OTA tasks are carried out by devices that the test plays. The object `firmware/two.json` is `documents.two`. */
export async function openTestOta(open: OpenTestRoom) {
  const documents: { two: string } = { two: DOCUMENT };
  const room: TestRoom = await open({ object: (name) => (name === "firmware/two.json" ? documents.two : undefined) });
  const operations = () => room.managed.operations;
  const create = async (input: Partial<ManagedIntegrations.CreateOtaTaskRequest>): Promise<string> => {
    const given = { S3Url: "s3://firmware/two.json", OtaType: "ONE_TIME" as const, ...input };
    const { TaskId = "" } = await room.call(operations().CreateOtaTask, given);
    return TaskId;
  };
  const configured = async (PushConfig: ManagedIntegrations.PushConfig): Promise<string> => {
    const { TaskConfigurationId = "" } = await room.call(operations().CreateOtaTaskConfiguration, { PushConfig });
    return TaskConfigurationId;
  };
  const task = (Identifier: string) => room.call(operations().GetOtaTask, { Identifier });
  const things = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => room.create(`SN${index}`)));
  const edit = (Identifier: string, MetaData: Record<string, string>) =>
    room.call(operations().UpdateManagedThing, { Identifier, MetaData });

  const rest = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await room.timers.idle();
      await room.iot.jobs.notices.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Steps to each timer that falls due. */
  async function pass(milliseconds: number): Promise<void> {
    await rest();
    const end = room.clock.now() + milliseconds;
    while (room.clock.now() < end) {
      const [row] = await room.database.query<{ due: number | null }>("SELECT MIN(due_at) AS due FROM hearth_timer");
      const due = Math.max(room.clock.now() + 1, Number(row?.due ?? end));
      room.clock.advance(Math.min(end, due) - room.clock.now());
      await rest();
    }
  }
  const say = async (id: string, path: string, body: object = {}): Promise<Record<string, unknown>> => {
    const { reply } = await room.publish(`$aws/things/${id}/jobs/${path}`, body, "certificate");
    return jsonOf(reply?.[0]);
  };
  async function run(id: string, taskId: string, status: string): Promise<void> {
    await say(id, "start-next");
    await say(id, `ota-${taskId}/update`, { status });
  }
  /** Status and attempt of each execution, by thing. */
  const executions = async (Identifier: string): Promise<Record<string, string[]>> => {
    const { ExecutionSummaries = [] } = await room.call(operations().ListOtaTaskExecutions, { Identifier });
    const found: Record<string, string[]> = {};
    for (const { ManagedThingId = "", TaskExecutionSummary = {} } of ExecutionSummaries) {
      const attempt = `${TaskExecutionSummary.RetryAttempt} ${TaskExecutionSummary.Status}`;
      found[ManagedThingId] = [...(found[ManagedThingId] ?? []), attempt];
    }
    return found;
  };
  const begun = async (Identifier: string) => Object.keys(await executions(Identifier)).length;
  const inMinutes = (minutes: number) => new Date(room.clock.now() + minutes * MINUTE).toISOString().slice(0, 19);

  return {
    ...{
      room,
      documents,
      operations,
      create,
      configured,
      task,
      things,
      edit,
      pass,
      say,
      run,
      executions,
      begun,
      inMinutes,
    },
    async close(): Promise<void> {
      await room.iot.jobs.notices.stop();
      await room.close();
    },
  };
}
