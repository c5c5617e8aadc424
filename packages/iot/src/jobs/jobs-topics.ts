import { InternalError, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { jsonMessage } from "../messaging/json-message.ts";
import type { Outcome, Publisher, ReservedTopic } from "../messaging/message.ts";
import { type DeviceJobs, NEXT } from "./device-jobs.ts";
import { jobsTopic, seconds, stateOf, withDocumentObject } from "./device-messages.ts";
import {
  booleanOf,
  clientTokenOf,
  detailsOf,
  numberOf,
  type RejectCode,
  Rejection,
  type Request,
  readRequest,
  stepTimeoutOf,
  textOf,
} from "./device-requests.ts";
import { ExecutionRefused, type ExecutionStatus, isTerminal } from "./execution.ts";

export interface JobsTopicsDeps {
  devices: DeviceJobs;
  clock: { now(): number };
  log: Logger;
}

/** Requests of one client that may be under way: one that floods holds up nobody else. */
const IN_FLIGHT = 100;
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;

const CODES: Readonly<Record<string, RejectCode>> = {
  InvalidRequestException: "InvalidRequest",
  InvalidStateTransitionException: "InvalidStateTransition",
  ResourceNotFoundException: "ResourceNotFound",
  VersionConflictException: "VersionMismatch",
};

type Answer = (at: Publisher, thingName: string, jobId: string, request: Request) => Promise<object>;

/** The jobs topics of devices (reference 2 and 4.2): answers go to the asking client alone. */
export function createJobsTopics({ devices, clock, log }: JobsTopicsDeps): ReservedTopic[] {
  const inFlight = new Map<string, number>();

  const answers: Readonly<Record<string, Answer>> = {
    get: (at, thingName) => devices.pending(at, thingName),

    async "start-next"(at, thingName, _, request) {
      const how = { statusDetails: detailsOf(request), stepTimeoutInMinutes: stepTimeoutOf(request) };
      const execution = await devices.startNext(at, thingName, how);
      return execution === undefined ? {} : { execution: withDocumentObject(execution) };
    },

    async "+/get"(at, thingName, jobId, request) {
      const executionNumber = numberOf(request, "executionNumber");
      const document = booleanOf(request, "includeJobDocument", true);
      const found = await devices.describe(at, thingName, jobId, { executionNumber, document });
      if (found !== undefined && isTerminal(found.execution.status)) {
        throw new Rejection("TerminalStateReached", `The execution is ${found.execution.status}`);
      }
      if (found !== undefined) return { execution: withDocumentObject(found.view) };
      if (jobId === NEXT) return {};
      throw new Rejection("ResourceNotFound", `There is no execution of job ${jobId} for thing ${thingName}`);
    },

    async "+/update"(at, thingName, jobId, request) {
      const change = {
        status: textOf(request, "status") as ExecutionStatus,
        statusDetails: detailsOf(request),
        expectedVersion: numberOf(request, "expectedVersion"),
        executionNumber: numberOf(request, "executionNumber"),
        stepTimeoutInMinutes: stepTimeoutOf(request),
      };
      const asked = {
        state: booleanOf(request, "includeJobExecutionState", false),
        document: booleanOf(request, "includeJobDocument", false),
      };
      const { jobDocument, executionState } = await devices.update(at, thingName, jobId, change, asked);
      return {
        ...(executionState === undefined ? {} : { executionState }),
        ...(jobDocument === undefined ? {} : { jobDocument: JSON.parse(jobDocument) as unknown }),
      };
    },
  };

  async function handle(
    answer: Answer,
    thingName: string,
    jobId: string,
    topic: string,
    payload: Uint8Array,
    at: Publisher,
  ) {
    let clientToken: string | undefined;
    const say = (kind: "accepted" | "rejected", body: object): Outcome => ({
      reply: [
        jsonMessage(at.accountId, `${topic}/${kind}`, {
          ...body,
          timestamp: seconds(clock.now()),
          ...(clientToken === undefined ? {} : { clientToken }),
        }),
      ],
    });
    const client = `${at.accountId}/${at.clientId ?? at.principalId}`;
    const busy = inFlight.get(client) ?? 0;
    try {
      if (busy >= IN_FLIGHT) throw new Rejection("RequestThrottled", `${IN_FLIGHT} requests are under way already`);
      inFlight.set(client, busy + 1);
      try {
        const request = readRequest(payload);
        clientToken = clientTokenOf(request);
        if (!THING_NAME.test(thingName)) throw new Rejection("InvalidTopic", "The topic names no thing");
        if (!JOB_ID.test(jobId) && !(jobId === NEXT && topic.endsWith("/get"))) {
          throw new Rejection("InvalidTopic", "The topic names no job");
        }
        return say("accepted", await answer(at, thingName, jobId, request));
      } finally {
        const left = (inFlight.get(client) ?? 1) - 1;
        if (left > 0) inFlight.set(client, left);
        else inFlight.delete(client);
      }
    } catch (error) {
      return say("rejected", rejectionOf(error));
    }
  }

  function rejectionOf(error: unknown): object {
    if (error instanceof Rejection) return { code: error.code, message: error.message, ...error.members };
    const code = error instanceof ServiceError ? CODES[error.name] : undefined;
    if (code === undefined) {
      log.error({ err: error }, "a request of a device for its jobs failed");
      return { code: "InternalError", message: "Internal failure; try again later" };
    }
    return {
      code,
      message: messageOf(error),
      ...(error instanceof ExecutionRefused ? { executionState: stateOf(error.execution) } : {}),
    };
  }

  return Object.entries(answers).map(([rest, answer]) => ({
    filter: jobsTopic("+", rest),
    deliver: false,
    handle: ([thingName, jobId = "none"], message, publisher) => {
      if (thingName === undefined) throw new InternalError("a jobs topic without its thing");
      return handle(answer, thingName, jobId, message.topic, message.payload, publisher);
    },
  }));
}
