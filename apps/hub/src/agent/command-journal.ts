import type { Logger } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import type { CommandEndpoint, ResponseEndpoint } from "../plugins/protocol-plugin.ts";
import type { AppendLog } from "../state/state.ts";
import { isObject, own, text, traceIdOf } from "./command-endpoints.ts";

/** Commands that are remembered after they were answered, in case they are delivered again. */
const MAX_REMEMBERED = 500;
/** Characters of an answer that is given again as it was; a longer one is given once. */
const MAX_ANSWER = 16_384;

export interface JournalledCommand {
  traceId: string;
  managedThingId: string;
  /** Without the parameters: enough to answer it. */
  endpoints: CommandEndpoint[];
}

export interface JournalledAnswer {
  traceId: string;
  managedThingId: string;
  endpoints: ResponseEndpoint[];
}

/** What the hub has begun and answered, across restarts: a command runs once, and each gets an answer. */
export interface CommandJournal {
  /** Undefined: never seen. `answer` is missing while it runs, and when it is too long to be kept. */
  find(traceId: string): { answer?: JournalledAnswer } | undefined;
  /** Begun before the last start and never answered. */
  readonly interrupted: readonly JournalledCommand[];
  /** Answered before the last start, and perhaps not handed to the queue. */
  readonly unsent: readonly JournalledAnswer[];
  /** Resolves when it is durable that the command is begun. */
  begin(command: JournalledCommand): Promise<void>;
  answer(answer: JournalledAnswer): Promise<void>;
  /** The answer is in the queue to the cloud. */
  sent(traceId: string): Promise<void>;
  erase(): Promise<void>;
}

interface Entry {
  command: JournalledCommand;
  answer?: JournalledAnswer;
  answered: boolean;
  sent: boolean;
  position: number;
}

/** Of a record that says nothing that could be answered, `logger` is told, and it is left out. */
export async function openCommandJournal(log: AppendLog, logger: Logger): Promise<CommandJournal> {
  const entries = new Map<string, Entry>();
  for await (const { position, record } of log.read(log.first)) {
    const problem = problemOf(record);
    if (problem === undefined) replay(entries, position, record);
    else logger.error({ position, problem }, "a record in the journal of commands is left out: nobody can answer it");
  }
  const before = [...entries.values()];

  let remembered = before.filter(({ sent }) => sent).length;

  async function forgetOldest(): Promise<void> {
    for (const [traceId, { sent }] of entries) {
      if (remembered <= MAX_REMEMBERED) break;
      if (!sent) continue;
      entries.delete(traceId);
      remembered--;
    }
    let oldest = log.next;
    for (const { position } of entries.values()) oldest = Math.min(oldest, position);
    if (oldest > log.first) await log.forget(oldest - 1);
  }

  return {
    find(traceId) {
      const entry = entries.get(traceId);
      return entry && (entry.answer ? { answer: entry.answer } : {});
    },
    interrupted: before.filter(({ answered }) => !answered).map(({ command }) => command),
    unsent: before.flatMap(({ answer, sent }) => (answer && !sent ? [answer] : [])),
    async begin({ traceId, managedThingId, endpoints }) {
      const command = { traceId, managedThingId, endpoints: withoutParameters(endpoints) };
      const entry: Entry = { command, answered: false, sent: false, position: log.next };
      entries.set(traceId, entry);
      try {
        entry.position = await log.append({ kind: "begun", ...command } as unknown as JsonObject);
      } catch (error) {
        entries.delete(traceId);
        throw error;
      }
    },
    async answer(answer) {
      const entry = entries.get(answer.traceId);
      if (entry) {
        entry.answered = true;
        if (JSON.stringify(answer).length <= MAX_ANSWER) entry.answer = answer;
      }
      await log.append({ kind: "answered", ...answer } as unknown as JsonObject);
    },
    async sent(traceId) {
      const entry = entries.get(traceId);
      if (entry && !entry.sent) {
        entry.sent = true;
        remembered++;
      }
      await log.append({ kind: "sent", traceId });
      if (remembered > MAX_REMEMBERED) await forgetOldest();
    },
    async erase() {
      entries.clear();
      remembered = 0;
      await log.forget(log.next - 1);
    },
  };
}

function replay(entries: Map<string, Entry>, position: number, record: JsonObject): void {
  const { kind, ...rest } = record as unknown as { kind: string } & JournalledAnswer;
  if (kind === "begun") {
    const command = rest as unknown as JournalledCommand;
    entries.set(rest.traceId, { command, answered: false, sent: false, position });
    return;
  }
  const entry = entries.get(rest.traceId);
  if (!entry) return;
  if (kind === "sent") entry.sent = true;
  else {
    entry.answered = true;
    entry.answer = rest;
  }
}

/** Why a record is none of the journal's. Its bytes are whole, but another program may have written them. */
function problemOf(record: JsonObject): string | undefined {
  const { kind } = record;
  if (kind !== "begun" && kind !== "answered" && kind !== "sent") return "it has an unknown kind";
  if (traceIdOf(record) === undefined) return "it has no trace id";
  if (kind === "sent") return undefined;
  if (text(record, "managedThingId") === undefined) return "it names no thing";
  const isAction = (action: JsonObject) =>
    text(action, "name") !== undefined && (kind === "begun" || typeof own(action, "responseCode") === "number");
  const isProperty = (property: JsonObject) => text(property, "name") !== undefined;
  const isCapability = (one: JsonObject) =>
    text(one, "id") !== undefined &&
    areAll(own(one, "actions"), isAction) &&
    areAll(own(one, "properties") ?? [], isProperty);
  const isEndpoint = (one: JsonObject) =>
    text(one, "endpointId") !== undefined && areAll(own(one, "capabilities"), isCapability);
  return areAll(own(record, "endpoints"), isEndpoint) ? undefined : "its endpoints are malformed";
}

const areAll = (list: Json | undefined, is: (item: JsonObject) => boolean): boolean =>
  Array.isArray(list) && list.every((item) => isObject(item) && is(item));

function withoutParameters(endpoints: readonly CommandEndpoint[]): CommandEndpoint[] {
  return endpoints.map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map(({ id, actions }) => ({
      id,
      actions: actions.map(({ parameters: _, ...action }) => action),
    })),
  }));
}
