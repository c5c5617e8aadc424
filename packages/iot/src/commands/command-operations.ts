import { type Iot, type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeTimeToken } from "../storage/page.ts";
import { placed } from "../storage/place.ts";
import { tagsOf } from "../tags/tags.ts";
import { type Command, commandArn, noCommand } from "./command.ts";
import { type CommandStoreDeps, listCommands } from "./command-store.ts";
import type { Commands } from "./commands.ts";
import { checkParameters, invalid } from "./parameters.ts";
import { checkTemplate, PAYLOAD_BYTES } from "./payload.ts";

export interface CommandOperationsDeps extends CommandStoreDeps {
  commands: Commands;
}

/** What a page holds unless more is asked for (the model of ListCommands). */
export const PAGE = 25;
const MIME_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;[\x20-\x7e]{0,100})?$/;

const onCommand = ({ commandId }: { commandId: string }, request: RequestContext): string[] => [
  commandArn(request, commandId),
];

/** What rules that other operations share refuse, by the name that operations of commands have for it. */
export function inOwnWords<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof ServiceError && error.name === "InvalidRequestException") throw invalid(error.message);
    throw error;
  }
}

/** Refuses what is not built, by saying so. */
function refuseFleetWise(namespace: string | undefined): void {
  if (namespace === "AWS-IoT-FleetWise") throw invalid("namespace: AWS-IoT-FleetWise is not built; give AWS-IoT");
}

export function createCommandOperations(deps: CommandOperationsDeps) {
  const { commands } = deps;

  async function found(request: RequestContext, commandId: string): Promise<Command> {
    const command = await commands.get({ ...placed(request), commandId });
    if (!command) throw noCommand(commandId);
    return command;
  }

  return {
    CreateCommand: {
      resources: onCommand,
      handle: async (input, request) => {
        const command = commandOf(input, request);
        await commands.create(command);
        return { commandId: command.commandId, commandArn: commandArn(request, command.commandId) };
      },
    },

    GetCommand: {
      resources: onCommand,
      handle: async ({ commandId }, request) => {
        const command = await found(request, commandId);
        const { displayName, description, payload, template, parameters, deprecated } = command;
        return {
          commandId,
          commandArn: commandArn(request, commandId),
          namespace: "AWS-IoT" as const,
          displayName,
          description,
          payload,
          ...(template && {
            payloadTemplate: template.text,
            preprocessor: { awsJsonSubstitution: { outputFormat: template.format } },
            mandatoryParameters: parameters,
          }),
          createdAt: command.createdAt / 1_000,
          lastUpdatedAt: command.updatedAt / 1_000,
          deprecated,
          pendingDeletion: command.pendingDeletionAt !== undefined,
        };
      },
    },

    ListCommands: {
      handle: async (input, request) => {
        const after = inOwnWords(() => decodeTimeToken(input.nextToken));
        if (input.namespace === "AWS-IoT-FleetWise") return { commands: [] };
        const filter = { parameterName: input.commandParameterName, ascending: input.sortOrder === "ASCENDING" };
        const page = await listCommands(deps, request, filter, after, input.maxResults ?? PAGE);
        return { commands: page.rows.map(summaryOf), nextToken: page.nextToken };
      },
    },

    UpdateCommand: {
      resources: onCommand,
      handle: async ({ commandId, displayName, description, deprecated }, request) => {
        const change = {
          ...(displayName === undefined ? {} : { displayName }),
          ...(description === undefined ? {} : { description }),
          ...(deprecated === undefined ? {} : { deprecated }),
        };
        const command = await commands.update({ ...placed(request), commandId }, change, request.now);
        if (!command) throw noCommand(commandId);
        return {
          commandId,
          displayName: command.displayName,
          description: command.description,
          deprecated: command.deprecated,
          lastUpdatedAt: command.updatedAt / 1_000,
        };
      },
    },

    DeleteCommand: {
      resources: onCommand,
      handle: async ({ commandId }, request) => {
        const state = await commands.remove({ ...placed(request), commandId }, request.now);
        return { statusCode: state === "gone" ? 204 : 202 };
      },
    },
  } satisfies OperationTable<IotOperations>;
}

function summaryOf(command: Command): Iot.CommandSummary {
  return {
    commandArn: commandArn(command, command.commandId),
    commandId: command.commandId,
    displayName: command.displayName,
    deprecated: command.deprecated,
    createdAt: command.createdAt / 1_000,
    lastUpdatedAt: command.updatedAt / 1_000,
    pendingDeletion: command.pendingDeletionAt !== undefined,
  };
}

/** Throws ValidationException. */
function commandOf(input: Iot.CreateCommandRequest, request: RequestContext): Command {
  const { commandId, displayName, description } = input;
  refuseFleetWise(input.namespace);
  if (input.roleArn !== undefined) throw invalid("roleArn: commands of the namespace AWS-IoT have no role");
  return {
    ...placed(request),
    commandId,
    displayName,
    description,
    ...(input.payloadTemplate === undefined ? payloadOf(input) : templateOf(input)),
    tags: inOwnWords(() => tagsOf(input.tags)),
    deprecated: false,
    createdAt: request.now,
    updatedAt: request.now,
    revision: 1,
  };
}

function payloadOf({ payload, preprocessor, mandatoryParameters }: Iot.CreateCommandRequest) {
  if (mandatoryParameters !== undefined || preprocessor !== undefined) {
    throw invalid("mandatoryParameters and preprocessor belong to a payloadTemplate, which is not given");
  }
  const { content, contentType } = payload ?? {};
  if (content === undefined) throw invalid("One of payload, with its content, and payloadTemplate is needed");
  if (content.length > PAYLOAD_BYTES) throw invalid(`payload: its content is larger than ${PAYLOAD_BYTES} bytes`);
  if (contentType !== undefined && !MIME_TYPE.test(contentType)) {
    throw invalid("payload: contentType must have the form type/subtype");
  }
  return { payload: { content, ...(contentType === undefined ? {} : { contentType }) }, parameters: [] };
}

function templateOf({ payload, payloadTemplate = "", preprocessor, mandatoryParameters }: Iot.CreateCommandRequest) {
  if (payload !== undefined) throw invalid("Only one of payload and payloadTemplate may be given");
  const format = preprocessor?.awsJsonSubstitution?.outputFormat;
  if (format === undefined)
    throw invalid("payloadTemplate needs preprocessor.awsJsonSubstitution with an outputFormat");
  if (mandatoryParameters === undefined) throw invalid("payloadTemplate needs mandatoryParameters");
  const parameters = checkParameters(mandatoryParameters);
  checkTemplate(payloadTemplate, new Set(parameters.map(({ name }) => name)), format);
  return { template: { text: payloadTemplate, format }, parameters };
}
