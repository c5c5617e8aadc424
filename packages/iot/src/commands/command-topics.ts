import { isConflict } from "@hearth/backplane";
import { InternalError, type Logger } from "@hearth/base";
import { encodeCbor } from "../messaging/cbor.ts";
import type { Message, Outcome, Publisher, ReservedTopic } from "../messaging/message.ts";
import { executionTopic, ReportRefused } from "./execution.ts";
import type { CommandExecutions } from "./executions.ts";
import { clientTokenOf, type ReportFormat, ReportInvalid, readFields, reportOf } from "./report.ts";

export interface CommandTopicsDeps {
  executions: Pick<CommandExecutions, "report">;
  log: Logger;
}

/** Reports of one client that may be under way, one for each open execution of a target: a flood holds up nobody else. */
const IN_FLIGHT = 100;

type RejectCode =
  | "InvalidStateTransition"
  | "TerminalStateReached"
  | "ResourceNotFound"
  | "DataConflict"
  | "InternalError"
  | "InvalidRequest"
  | "RequestThrottled";

class Rejection extends Error {
  readonly code: RejectCode;
  constructor(code: RejectCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What devices say of their executions (reference 2 and 14): answers go to the asking client alone. */
export function createCommandTopics({ executions, log }: CommandTopicsDeps): ReservedTopic[] {
  const inFlight = new Map<string, number>();

  async function bounded<Answer>(by: Publisher, run: () => Promise<Answer>): Promise<Answer> {
    const client = `${by.accountId}/${by.clientId ?? by.principalId}`;
    const busy = inFlight.get(client) ?? 0;
    if (busy >= IN_FLIGHT) throw new Rejection("RequestThrottled", `${IN_FLIGHT} reports are under way already`);
    inFlight.set(client, busy + 1);
    try {
      return await run();
    } finally {
      const left = (inFlight.get(client) ?? 1) - 1;
      if (left > 0) inFlight.set(client, left);
      else inFlight.delete(client);
    }
  }

  function rejectionOf(error: unknown): Rejection {
    if (error instanceof Rejection) return error;
    if (error instanceof ReportRefused) return new Rejection(error.code, error.message);
    if (error instanceof ReportInvalid) return new Rejection("InvalidRequest", error.message);
    if (isConflict(error)) return new Rejection("DataConflict", "Somebody else writes the execution; try again");
    log.error({ err: error }, "a device's report of a command execution failed");
    return new Rejection("InternalError", "Internal failure; try again later");
  }

  async function handle(
    target: string,
    executionId: string,
    format: ReportFormat,
    payload: Uint8Array,
    by: Publisher,
  ): Promise<Outcome> {
    let clientToken: string | undefined;
    const say = (kind: "accepted" | "rejected", body: Readonly<Record<string, string>>): Outcome => ({
      reply: [
        answer(by.accountId, `${executionTopic(target, executionId)}/response/${kind}/${format}`, format, {
          ...body,
          executionId,
          clientToken,
        }),
      ],
    });
    try {
      await bounded(by, async () => {
        const fields = readFields(payload, format);
        clientToken = clientTokenOf(fields);
        const { accountId, region } = by;
        const found = await executions.report({ accountId, region, target, executionId }, reportOf(fields, format));
        if (!found) throw new Rejection("ResourceNotFound", `There is no execution ${executionId} for ${target}`);
      });
      return say("accepted", {});
    } catch (error) {
      const { code, message } = rejectionOf(error);
      return say("rejected", { error: code, errorMessage: message });
    }
  }

  return (["thing", "client"] as const).flatMap((kind) =>
    (["json", "cbor"] as const).map((format) => ({
      filter: `${executionTopic(`${kind}/+`, "+")}/response/${format}`,
      deliver: false,
      handle: ([name, executionId], { payload }: Message, by: Publisher) => {
        if (name === undefined || executionId === undefined) throw new InternalError("a topic without its levels");
        return handle(`${kind}/${name}`, executionId, format, payload, by);
      },
    })),
  );
}

function answer(
  accountId: string,
  topic: string,
  format: ReportFormat,
  body: Readonly<Record<string, string | undefined>>,
): Message {
  return {
    accountId,
    topic,
    payload: format === "cbor" ? encodeCbor(body) : Buffer.from(JSON.stringify(body)),
    qos: 1,
    retain: false,
  };
}
