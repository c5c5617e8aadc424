import { createHash, randomUUID } from "node:crypto";
import { type Lambda, type RequestContext, ServiceError } from "@hearth/contract";

export interface Place {
  accountId: string;
  region: string;
}

/** One statement of a function's policy, as it is given out. */
export interface PermissionStatement {
  Sid: string;
  Effect: "Allow";
  Principal: "*" | { Service: string } | { AWS: string };
  Action: string;
  Resource: string;
  Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a customer has set, beside the code and the environment variables. */
export interface FunctionSettings {
  runtime: string;
  handler: string;
  role: string;
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  architecture: "x86_64" | "arm64";
  ephemeralStorageMb: number;
  /** Absent: `/aws/lambda/<name>`. */
  logGroup?: string;
}

export interface StoredFunction extends Place {
  name: string;
  settings: FunctionSettings;
  /** Undefined: none were given. */
  variables: Readonly<Record<string, string>> | undefined;
  /** Hex. */
  codeSha256: string;
  codeSize: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  revisionId: string;
  /** Changes with code and configuration: environments are of one generation. */
  generation: string;
  /** Undefined: bounded by the account's alone. */
  reservedConcurrency: number | undefined;
  permissions: readonly PermissionStatement[];
  tags: Readonly<Record<string, string>>;
  /** Of the row, for guarded writes. */
  revision: number;
}

export const functionArn = ({ accountId, region }: Place, name: string): string =>
  `arn:aws:lambda:${region}:${accountId}:function:${name}`;

export const newRevisionId = (): string => randomUUID();

export const functionNotFound = (arn: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, { Type: "User" });

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError("InvalidParameterValueException", message, { Type: "User" });

interface FunctionReference extends Place {
  name: string;
  /** Undefined: $LATEST, the only version that there is. */
  qualifier: string | undefined;
}

// A name, an ARN, or a part of one: `[[arn:aws:lambda:][<region>:]<account>:][function:]<name>[:<qualifier>]`.
const REFERENCE =
  /^(?:arn:[a-z-]+:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9_.-]{1,140})(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9_-]+))?$/;

/** What a FunctionName of the API names. */
export function referenceOf(text: string, request: Place, qualifier?: string): FunctionReference {
  const [, region, accountId, name, inName] = REFERENCE.exec(text) ?? [];
  if (name === undefined) throw invalidParameter(`${text.slice(0, 200)} does not name a function.`);
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    throw invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  }
  const named = qualifier ?? inName;
  return {
    accountId: accountId ?? request.accountId,
    region: region ?? request.region,
    name,
    qualifier: named === "$LATEST" ? undefined : named,
  };
}

export const referencedArn = (reference: FunctionReference): string => {
  const arn = functionArn(reference, reference.name);
  return reference.qualifier === undefined ? arn : `${arn}:${reference.qualifier}`;
};

/** The ARN on which the caller needs permission. */
export const onFunction = (
  input: { FunctionName: string; Qualifier?: string },
  request: RequestContext,
): readonly string[] => [referencedArn(referenceOf(input.FunctionName, request, input.Qualifier))];

export const logGroupOf = ({ name, settings }: Pick<StoredFunction, "name" | "settings">): string =>
  settings.logGroup ?? `/aws/lambda/${name}`;

/** As AWS writes it: `2026-01-01T00:00:00.000+0000`. */
const lastModified = (at: number): string => new Date(at).toISOString().replace("Z", "+0000");

/** What the API shows of a function. */
export function configurationOf(stored: StoredFunction): Lambda.FunctionConfiguration {
  const { settings, variables } = stored;
  return {
    FunctionName: stored.name,
    FunctionArn: functionArn(stored, stored.name),
    Runtime: settings.runtime as Lambda.Runtime,
    Role: settings.role,
    ...(settings.handler ? { Handler: settings.handler } : {}),
    CodeSize: stored.codeSize,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: lastModified(stored.modifiedAt),
    CodeSha256: Buffer.from(stored.codeSha256, "hex").toString("base64"),
    Version: "$LATEST",
    ...(variables ? { Environment: { Variables: variables } } : {}),
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: stored.revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: logGroupOf(stored) },
  };
}

/** Changes with everything that a running environment has been given. */
export const generationOf = (stored: Pick<StoredFunction, "codeSha256" | "settings" | "variables">): string =>
  createHash("sha256")
    .update(JSON.stringify([stored.codeSha256, stored.settings, stored.variables ?? {}]))
    .digest("hex");
