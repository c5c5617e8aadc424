import { type IotJobsDataOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { thingArn } from "../registry/thing.ts";
import { type DeviceJobs, NEXT } from "./device-jobs.ts";
import { checkDetails, checkStepTimeout, Rejection } from "./device-requests.ts";
import { ExecutionRefused, type ExecutionStatus, isTerminal } from "./execution.ts";

const onThing = ({ thingName }: { thingName: string }, request: RequestContext): string[] => [
  thingArn(request, thingName),
];

/** The job operations of `iot-jobs-data` (reference 4.2): what devices ask by HTTPS, with a certificate or SigV4. */
export function createJobsDataOperations({ devices }: { devices: DeviceJobs }) {
  return {
    GetPendingJobExecutions: {
      resources: onThing,
      handle: (input, request) => devices.pending(request, input.thingName),
    },

    StartNextPendingJobExecution: {
      resources: onThing,
      handle: async (input, request) => {
        const execution = await asked(() => devices.startNext(request, input.thingName, given(input)));
        return execution === undefined ? {} : { execution };
      },
    },

    DescribeJobExecution: {
      resources: onThing,
      handle: async (input, request) => {
        const { executionNumber, includeJobDocument: document = true } = input;
        const found = await devices.describe(request, input.thingName, input.jobId, { executionNumber, document });
        if (found !== undefined && isTerminal(found.execution.status)) {
          throw new ServiceError("TerminalStateException", `The job execution is ${found.execution.status}`);
        }
        if (found !== undefined) return { execution: found.view };
        if (input.jobId === NEXT) return {};
        throw new ServiceError(
          "ResourceNotFoundException",
          `Execution of job ${input.jobId} for thing ${input.thingName} not found`,
        );
      },
    },

    UpdateJobExecution: {
      resources: onThing,
      handle: (input, request) =>
        asked(() =>
          devices.update(
            request,
            input.thingName,
            input.jobId,
            {
              ...given(input),
              status: input.status as ExecutionStatus,
              // The model's own default: none is expected.
              expectedVersion: input.expectedVersion || undefined,
              executionNumber: input.executionNumber,
            },
            { state: input.includeJobExecutionState ?? false, document: input.includeJobDocument ?? false },
          ),
        ),
    },
  } satisfies OperationTable<IotJobsDataOperations>;
}

function given(input: { statusDetails?: Readonly<Record<string, string>>; stepTimeoutInMinutes?: number }) {
  const { statusDetails, stepTimeoutInMinutes } = input;
  return {
    ...(statusDetails === undefined ? {} : { statusDetails: checkDetails(Object.entries(statusDetails)) }),
    ...(stepTimeoutInMinutes === undefined ? {} : { stepTimeoutInMinutes: checkStepTimeout(stepTimeoutInMinutes) }),
  };
}

/** The model of HTTPS has no error for another version: it is a transition that the state does not allow. */
async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Rejection) throw new ServiceError("InvalidRequestException", error.message);
    if (error instanceof ExecutionRefused) throw new ServiceError("InvalidStateTransitionException", error.message);
    throw error;
  }
}
