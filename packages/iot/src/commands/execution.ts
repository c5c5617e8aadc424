import { formatArn, parseArn } from "@hearth/base";
import { type Iot, ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import { isHere } from "./command.ts";
import { invalid, type Values } from "./parameters.ts";

export type CommandStatus = Iot.CommandExecutionStatus;
export type StatusReason = Iot.StatusReason;
export type Results = Readonly<Record<string, Iot.CommandExecutionResult>>;

/** One run of a command on one device (reference 14). */
export interface CommandExecution extends Place {
  /** `thing/<name>` or `client/<id>`. */
  target: string;
  executionId: string;
  commandId: string;
  status: CommandStatus;
  /** The device has said how it ended. Without it TIMED_OUT is the platform's own, and the device may still say. */
  isFinal: boolean;
  parameters: Values;
  timeoutSeconds: number;
  reason?: StatusReason;
  result?: Results;
  /** Milliseconds. */
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  updatedAt: number;
  deadlineAt: number;
  expiresAt: number;
  revision: number;
}

export type ExecutionKey = Place & { target: string; executionId: string };

export interface Report {
  status: CommandStatus;
  reason?: StatusReason;
  result?: Results;
}

/** A device's report that the execution's state does not allow. */
export class ReportRefused extends Error {
  readonly code: "InvalidStateTransition" | "TerminalStateReached";
  constructor(code: "InvalidStateTransition" | "TerminalStateReached", message: string) {
    super(message);
    this.name = "ReportRefused";
    this.code = code;
  }
}

const NO_RESPONSE: StatusReason = {
  reasonCode: "$NO_RESPONSE_FROM_DEVICE",
  reasonDescription: "The device did not say in time how the execution ended",
};

export const isOpen = ({ status }: Pick<CommandExecution, "status">): boolean =>
  status === "CREATED" || status === "IN_PROGRESS";

/** The execution after what its device reports. Throws `ReportRefused`. */
export function reported(before: CommandExecution, report: Report, now: number): CommandExecution {
  if (before.isFinal) throw new ReportRefused("TerminalStateReached", `The execution is ${before.status}`);
  const { status } = report;
  const ends = status !== "IN_PROGRESS";
  if (status === "CREATED" || (!ends && !isOpen(before))) {
    throw new ReportRefused("InvalidStateTransition", `An execution that is ${before.status} cannot become ${status}`);
  }
  return {
    ...before,
    ...report,
    // What the platform said of a device that did not answer is not the device's.
    reason: report.reason ?? (before.reason?.reasonCode === NO_RESPONSE.reasonCode ? undefined : before.reason),
    result: report.result ?? before.result,
    isFinal: ends,
    startedAt: before.startedAt ?? (ends ? undefined : now),
    completedAt: ends ? now : undefined,
    updatedAt: now,
  };
}

export const timedOut = (before: CommandExecution, now: number): CommandExecution => ({
  ...before,
  status: "TIMED_OUT",
  reason: NO_RESPONSE,
  updatedAt: now,
});

const CLIENT_ID_BYTES = 128;

/** Throws ValidationException for what can never be a target, ResourceNotFoundException for another account's. */
export function targetOf(at: Place, arn: string): string {
  const parsed = parseArn(arn);
  const [target, kind, id = ""] = /^(thing|client)\/([^/+#\p{C}]+)$/u.exec(parsed?.resource ?? "") ?? [];
  const isName = kind === "thing" ? /^[a-zA-Z0-9:_-]{1,128}$/.test(id) : Buffer.byteLength(id) <= CLIENT_ID_BYTES;
  if (target === undefined || parsed?.service !== "iot" || !isName) {
    throw invalid("targetArn must be the ARN of a thing or of a client: thing/<name> or client/<id>, without / + #");
  }
  if (!isHere(at, parsed)) throw new ServiceError("ResourceNotFoundException", `${arn.slice(0, 200)} not found`);
  return target;
}

export const targetArn = (at: Place, target: string): string => formatArn("iot", at.region, at.accountId, target);

/** The devices' topics of an execution begin with this. */
export const executionTopic = (target: string, executionId: string): string => {
  const slash = target.indexOf("/");
  const kind = target.slice(0, slash) === "thing" ? "things" : "clients";
  return `$aws/commands/${kind}/${target.slice(slash + 1)}/executions/${executionId}`;
};
