import { type LambdaOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { ReadCode } from "./code/given-code.ts";
import {
  configurationOf,
  type FunctionSettings,
  functionArn,
  generationOf,
  invalidParameter,
  newRevisionId,
  type Place,
  type StoredFunction,
} from "./function.ts";
import { guardedBy } from "./function-conditions.ts";
import { type FunctionRegistry, requireOwnPlace } from "./function-registry.ts";
import { refuseUnbuilt, settingsOf, variablesOf } from "./function-settings.ts";
import type { FunctionStore } from "./function-store.ts";

type Names =
  | "CreateFunction"
  | "DeleteFunction"
  | "DeleteFunctionConcurrency"
  | "GetAccountSettings"
  | "GetFunction"
  | "GetFunctionConcurrency"
  | "GetFunctionConfiguration"
  | "ListFunctions"
  | "ListTags"
  | "ListVersionsByFunction"
  | "PutFunctionConcurrency"
  | "TagResource"
  | "UntagResource"
  | "UpdateFunctionCode"
  | "UpdateFunctionConfiguration";

/** AWS: Lambda quotas. */
const LONGEST_NAME = 64;
const MOST_TAGS = 50;
const FUNCTIONS_PER_PAGE = 50;
/** Of all zips of an account in a region; they are in the database. */
const CODE_BYTES = 2 * 1024 ** 3;
const CODE_BYTES_UNZIPPED = 262_144_000;
const CODE_BYTES_ZIPPED = 52_428_800;
const SERVICE_PRINCIPAL = "lambda.amazonaws.com";

const FRESH: FunctionSettings = {
  runtime: "",
  handler: "",
  role: "",
  description: "",
  timeoutSeconds: 3,
  memoryMb: 128,
  architecture: process.arch === "arm64" ? "arm64" : "x86_64",
  ephemeralStorageMb: 512,
};

interface FunctionOperationsDeps {
  registry: FunctionRegistry;
  store: FunctionStore;
  readCode: ReadCode;
  /** Changes of code within one place, one after another: code may be dropped that another change wants. */
  serially<T>(place: Place, task: () => Promise<T>): Promise<T>;
  /** Throws `AccessDeniedException` unless the role trusts Lambda. */
  requireTrust(roleArn: string, functionArn: string, place: Place): Promise<void>;
  /** Throws unless functions can be run here. */
  requireEnabled(): void;
  /** Where the zip can be had for a while. */
  codeUrl(stored: StoredFunction): string;
  /** Invocations that an account may run at once. */
  accountConcurrency: number;
}

/** The life of functions. */
export function functionOperations(deps: FunctionOperationsDeps): OperationTable<Pick<LambdaOperations, Names>> {
  const { registry, store, readCode, serially, requireTrust, requireEnabled, accountConcurrency } = deps;

  async function requireRole(role: string, arn: string, request: RequestContext): Promise<void> {
    await request.authorize("iam:PassRole", role, { "iam:PassedToService": SERVICE_PRINCIPAL });
    try {
      await requireTrust(role, arn, request);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw invalidParameter(
        `The role defined for the function cannot be assumed by Lambda: its trust policy must let ${SERVICE_PRINCIPAL} ` +
          `sts:AssumeRole. ${error.message}`,
      );
    }
  }

  const requestTags = (tags: Readonly<Record<string, string>> | undefined): Record<string, string | string[]> =>
    tags && Object.keys(tags).length > 0
      ? {
          "aws:TagKeys": Object.keys(tags),
          ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
        }
      : {};
  const guarded = guardedBy(registry);
  /** Tags are of a function, named by its ARN. */
  const tagged = (resource: string) => {
    if (!/:function:/.test(resource))
      throw new ServiceError("ResourceNotFoundException", `No such resource: ${resource}`);
    return { FunctionName: resource };
  };

  async function storeCode(zip: Uint8Array, sha256: string, place: Place): Promise<void> {
    const { codeBytes } = await store.totals(place);
    if (codeBytes + zip.byteLength > CODE_BYTES) {
      throw new ServiceError("CodeStorageExceededException", "Code storage limit exceeded.", { Type: "User" });
    }
    await store.putCode(place, sha256, zip);
  }

  /** What was stored for a change that has come to nothing goes again. */
  const withCode = <T>(zip: Uint8Array, sha256: string, place: Place, change: () => Promise<T>): Promise<T> =>
    serially(place, async () => {
      try {
        await storeCode(zip, sha256, place);
        return await change();
      } catch (error) {
        await store.dropUnused(place, sha256);
        throw error;
      }
    });

  return {
    CreateFunction: {
      resources: (input, request) => [functionArn(request, requireOwnPlace(input, request))],
      conditions: ({ Tags }) => requestTags(Tags),
      async handle(input, request) {
        const name = requireOwnPlace(input, request);
        if (name.length > LONGEST_NAME) throw invalidParameter(`FunctionName has at most ${LONGEST_NAME} characters.`);
        const arn = functionArn(request, name);
        refuseUnbuilt(input);
        if (input.Runtime === undefined) throw invalidParameter("Runtime is needed for a zip.");
        const settings = settingsOf({ ...FRESH, architecture: input.Architectures?.[0] ?? FRESH.architecture }, input);
        const variables = variablesOf(input.Environment);
        const tags = input.Tags ?? {};
        if (Object.keys(tags).length > MOST_TAGS) throw invalidParameter(`A function has at most ${MOST_TAGS} tags.`);
        await requireRole(settings.role, arn, request);
        requireEnabled();
        if (await registry.find(request, name)) {
          throw new ServiceError("ResourceConflictException", `Function already exist: ${name}`, { Type: "User" });
        }
        const { zip, sha256 } = await readCode(input.Code, request.accountId);
        const { accountId, region, now } = request;
        const made = { accountId, region, name, settings, variables, codeSha256: sha256, codeSize: zip.byteLength };
        const stored: StoredFunction = {
          ...made,
          modifiedAt: now,
          revisionId: newRevisionId(),
          generation: generationOf(made),
          reservedConcurrency: undefined,
          permissions: [],
          tags,
          revision: 1,
        };
        await withCode(zip, sha256, request, () => registry.add(stored));
        return configurationOf(stored);
      },
    },

    UpdateFunctionCode: {
      ...guarded,
      async handle(input, request) {
        refuseUnbuilt(input);
        const before = await registry.named(input, request);
        requireEnabled();
        const { zip, sha256 } = await readCode(input, request.accountId);
        if (input.DryRun) {
          return configurationOf({ ...before, codeSha256: sha256, codeSize: zip.byteLength });
        }
        const after = await withCode(zip, sha256, request, () => {
          const architecture = input.Architectures?.[0];
          return registry.change(
            input,
            request,
            ({ settings }) => ({
              codeSha256: sha256,
              codeSize: zip.byteLength,
              modifiedAt: request.now,
              settings: architecture ? { ...settings, architecture } : settings,
            }),
            ({ codeSha256 }) => (codeSha256 === sha256 ? [] : [store.dropUnusedCode(request, codeSha256)]),
          );
        });
        return configurationOf(after);
      },
    },

    UpdateFunctionConfiguration: {
      ...guarded,
      async handle(input, request) {
        refuseUnbuilt(input);
        const before = await registry.named(input, request);
        if (input.Role !== undefined) await requireRole(input.Role, functionArn(before, before.name), request);
        const variables = variablesOf(input.Environment);
        const after = await registry.change(input, request, (read) => ({
          settings: settingsOf(read.settings, input),
          variables: input.Environment === undefined ? read.variables : variables,
          modifiedAt: request.now,
        }));
        return configurationOf(after);
      },
    },

    GetFunction: {
      ...guarded,
      async handle(input, request) {
        const stored = await registry.named(input, request);
        const { reservedConcurrency, tags } = stored;
        return {
          Configuration: configurationOf(stored),
          // The name is AWS's.
          Code: { RepositoryType: "S3", Location: deps.codeUrl(stored) },
          ...(Object.keys(tags).length > 0 ? { Tags: tags } : {}),
          ...(reservedConcurrency === undefined
            ? {}
            : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        };
      },
    },

    GetFunctionConfiguration: {
      ...guarded,
      handle: async (input, request) => configurationOf(await registry.named(input, request)),
    },

    ListFunctions: {
      async handle(input, request) {
        const limit = Math.min(input.MaxItems ?? FUNCTIONS_PER_PAGE, FUNCTIONS_PER_PAGE);
        if (input.Marker !== undefined && !/^[a-zA-Z0-9_-]{1,140}$/.test(input.Marker)) {
          throw invalidParameter("Marker is not one that ListFunctions has given.");
        }
        const found = await store.list(request, input.Marker ?? "", limit + 1);
        const page = found.slice(0, limit);
        const last = page.at(-1);
        return {
          Functions: page.map(configurationOf),
          ...(found.length > limit && last ? { NextMarker: last.name } : {}),
        };
      },
    },

    ListVersionsByFunction: {
      ...guarded,
      async handle(input, request) {
        const shown = configurationOf(await registry.named(input, request));
        return { Versions: [{ ...shown, FunctionArn: `${shown.FunctionArn}:$LATEST` }] };
      },
    },

    DeleteFunction: {
      ...guarded,
      async handle(input, request) {
        const stored = await registry.named(input, request);
        await serially(request, () => registry.remove(stored)).catch((error) => {
          // Somebody else has changed or deleted it meanwhile.
          if (error instanceof ServiceError) throw error;
          throw new ServiceError("ResourceConflictException", "The function is being changed. Try again.");
        });
        return { StatusCode: 204 };
      },
    },

    PutFunctionConcurrency: {
      ...guarded,
      async handle(input, request) {
        const wanted = input.ReservedConcurrentExecutions;
        const before = await registry.named(input, request);
        const { reserved } = await store.totals(request);
        if (reserved - (before.reservedConcurrency ?? 0) + wanted > accountConcurrency) {
          throw invalidParameter(
            `ReservedConcurrentExecutions: functions of an account may reserve ${accountConcurrency} together.`,
          );
        }
        await registry.change(input, request, () => ({ reservedConcurrency: wanted }));
        return { ReservedConcurrentExecutions: wanted };
      },
    },

    DeleteFunctionConcurrency: {
      ...guarded,
      async handle(input, request) {
        await registry.change(input, request, () => ({ reservedConcurrency: undefined }));
        return {};
      },
    },

    GetFunctionConcurrency: {
      ...guarded,
      async handle(input, request) {
        const { reservedConcurrency } = await registry.named(input, request);
        return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
      },
    },

    GetAccountSettings: {
      async handle(_, request) {
        const { functions, codeBytes, reserved } = await store.totals(request);
        return {
          AccountLimit: {
            TotalCodeSize: CODE_BYTES,
            CodeSizeUnzipped: CODE_BYTES_UNZIPPED,
            CodeSizeZipped: CODE_BYTES_ZIPPED,
            ConcurrentExecutions: accountConcurrency,
            UnreservedConcurrentExecutions: accountConcurrency - reserved,
          },
          AccountUsage: { TotalCodeSize: codeBytes, FunctionCount: functions },
        };
      },
    },

    ListTags: {
      resources: ({ Resource }) => [Resource],
      conditions: ({ Resource }, request) => guarded.conditions({ FunctionName: Resource }, request),
      async handle({ Resource }, request) {
        const { tags } = await registry.named(tagged(Resource), request);
        return { Tags: tags };
      },
    },

    TagResource: {
      resources: ({ Resource }) => [Resource],
      conditions: async ({ Resource, Tags }, request) => ({
        ...(await guarded.conditions({ FunctionName: Resource }, request)),
        ...requestTags(Tags),
      }),
      async handle({ Resource, Tags }, request) {
        await registry.change(tagged(Resource), request, (before) => {
          const tags = { ...before.tags, ...Tags };
          if (Object.keys(tags).length > MOST_TAGS) throw invalidParameter(`A function has at most ${MOST_TAGS} tags.`);
          return { tags };
        });
        return {};
      },
    },

    UntagResource: {
      resources: ({ Resource }) => [Resource],
      conditions: async ({ Resource, TagKeys }, request) => ({
        ...(await guarded.conditions({ FunctionName: Resource }, request)),
        ...(TagKeys.length === 0 ? {} : { "aws:TagKeys": [...TagKeys] }),
      }),
      async handle({ Resource, TagKeys }, request) {
        await registry.change(tagged(Resource), request, ({ tags }) => ({
          tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
        }));
        return {};
      },
    },
  };
}
