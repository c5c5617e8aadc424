import { isObject, type Json, type JsonObject, member, sameJson, text } from "../json.ts";

/** One attempt of a thing at a job, as the simulated platform keeps it. */
export interface SimulatedExecution {
  jobId: string;
  document: JsonObject;
  executionNumber: number;
  versionNumber: number;
  status: string;
  statusDetails: JsonObject;
  /** Every update that had an effect, in order. */
  readonly updates: readonly { status: string; statusDetails: JsonObject }[];
}

/** Jobs of things (reference 4.2), as far as a device needs them to be tried out. */
export interface SimulatedJobs {
  /** A first attempt, or another one after the last is over; the device is told. */
  queue(thingName: string, jobId: string, document: JsonObject): void;
  /** Ends an attempt from outside: `CANCELED`, `TIMED_OUT`. */
  end(thingName: string, jobId: string, status: string): void;
  /** Those of one thing, oldest first. */
  of(thingName: string): readonly SimulatedExecution[];
}

interface Execution extends SimulatedExecution {
  updates: { status: string; statusDetails: JsonObject }[];
}

const TOPIC = /^\$aws\/things\/([^/]+)\/jobs\/(?:(start-next)|([^/]+)\/(get|update))$/;
const BY_DEVICES = ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"];

const isOpen = ({ status }: SimulatedExecution): boolean => status === "QUEUED" || status === "IN_PROGRESS";
const stateOf = ({ status, statusDetails, versionNumber }: Execution): JsonObject => ({
  status,
  statusDetails,
  versionNumber,
});

class Rejected extends Error {
  readonly code: string;
  readonly execution: Execution | undefined;

  constructor(code: string, message: string, execution?: Execution) {
    super(message);
    this.code = code;
    this.execution = execution;
  }
}

/** `handle` answers what `takes` a topic. */
export function createSimulatedJobs(ways: {
  answer(clientId: string, topic: string, body: JsonObject): void;
  notify(topic: string, body: JsonObject): void;
}): SimulatedJobs & {
  takes(topic: string): boolean;
  handle(clientId: string, topic: string, body: JsonObject | undefined): void;
} {
  const things = new Map<string, Execution[]>();
  const told = new Map<string, Execution | undefined>();

  const executions = (thingName: string): Execution[] => things.get(thingName) ?? [];
  const nextOf = (thingName: string): Execution | undefined =>
    executions(thingName).find(({ status }) => status === "IN_PROGRESS") ??
    executions(thingName).find(({ status }) => status === "QUEUED");
  const latest = (thingName: string, jobId: string, number?: Json): Execution | undefined =>
    executions(thingName).findLast(
      (execution) => execution.jobId === jobId && (number === undefined || execution.executionNumber === number),
    );

  function notify(thingName: string): void {
    const next = nextOf(thingName);
    if (told.get(thingName) === next) return;
    told.set(thingName, next);
    const topic = `$aws/things/${thingName}/jobs/notify-next`;
    ways.notify(topic, { timestamp: now(), ...(next ? { execution: viewOf(thingName, next) } : {}) });
  }

  function change(execution: Execution, status: string, statusDetails = execution.statusDetails): void {
    execution.status = status;
    execution.statusDetails = statusDetails;
    execution.versionNumber++;
    execution.updates.push({ status, statusDetails });
  }

  function update(thingName: string, jobId: string, body: JsonObject): JsonObject {
    const execution = latest(thingName, jobId, member(body, "executionNumber"));
    if (!execution) throw new Rejected("ResourceNotFound", `there is no execution of ${jobId}`);
    const status = text(body, "status") ?? "";
    if (!BY_DEVICES.includes(status)) throw new Rejected("InvalidRequest", `${status} is not a device's to set`);
    const expected = member(body, "expectedVersion");
    if (expected !== undefined && !sameJson(expected, execution.versionNumber)) {
      throw new Rejected("VersionMismatch", `it has version ${execution.versionNumber}`, execution);
    }
    if (!isOpen(execution)) throw new Rejected("InvalidStateTransition", `it is ${execution.status}`, execution);
    const details = member(body, "statusDetails");
    change(execution, status, isObject(details) ? details : undefined);
    return member(body, "includeJobExecutionState") === true ? { executionState: stateOf(execution) } : {};
  }

  function answer(thingName: string, jobId: string | undefined, operation: string, body: JsonObject): JsonObject {
    if (operation === "start-next") {
      const next = nextOf(thingName);
      if (next?.status === "QUEUED") change(next, "IN_PROGRESS");
      return next ? { execution: viewOf(thingName, next) } : {};
    }
    if (operation === "update") return update(thingName, jobId ?? "", body);
    const execution = latest(thingName, jobId ?? "", member(body, "executionNumber"));
    if (!execution) throw new Rejected("ResourceNotFound", `there is no execution of ${jobId}`);
    if (!isOpen(execution)) throw new Rejected("TerminalStateReached", `it is ${execution.status}`, execution);
    return { execution: viewOf(thingName, execution) };
  }

  return {
    queue(thingName, jobId, document) {
      const executionNumber = (latest(thingName, jobId)?.executionNumber ?? 0) + 1;
      const made = { jobId, document, executionNumber, versionNumber: 1, status: "QUEUED", statusDetails: {} };
      things.set(thingName, [...executions(thingName), { ...made, updates: [] }]);
      notify(thingName);
    },

    end(thingName, jobId, status) {
      const execution = latest(thingName, jobId);
      if (execution && isOpen(execution)) change(execution, status);
      notify(thingName);
    },

    of: executions,
    takes: (topic) => TOPIC.test(topic),

    handle(clientId, topic, body = {}) {
      const [, thingName = "", start, jobId, operation = start ?? ""] = TOPIC.exec(topic) ?? [];
      const token = text(body, "clientToken");
      const rest = { timestamp: now(), ...(token === undefined ? {} : { clientToken: token }) };
      try {
        const accepted = answer(thingName, jobId, operation, body);
        ways.answer(clientId, `${topic}/accepted`, { ...accepted, ...rest });
        notify(thingName);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        const { code, message, execution } = error;
        const state: JsonObject = execution ? { executionState: stateOf(execution) } : {};
        ways.answer(clientId, `${topic}/rejected`, { code, message, ...state, ...rest });
      }
    },
  };
}

const now = (): number => Math.floor(Date.now() / 1000);

const viewOf = (thingName: string, execution: Execution): JsonObject => ({
  thingName,
  jobId: execution.jobId,
  jobDocument: execution.document,
  executionNumber: execution.executionNumber,
  ...stateOf(execution),
});
