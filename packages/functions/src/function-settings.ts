import type { Lambda } from "@hearth/contract";
import { type FunctionSettings, invalidParameter } from "./function.ts";
import { reservedNames } from "./host/environment-variables.ts";
import { findRuntime } from "./host/runtimes.ts";

const LONGEST_TIMEOUT = 900;
const MOST_MEMORY = 10_240;
/** AWS: Lambda quotas, environment variables. */
const VARIABLES_BYTES = 4_096;

type Given = Pick<
  Lambda.CreateFunctionRequest,
  | "Description"
  | "Environment"
  | "EphemeralStorage"
  | "Handler"
  | "LoggingConfig"
  | "MemorySize"
  | "Role"
  | "Runtime"
  | "Timeout"
>;
type Unbuilt = Partial<Lambda.CreateFunctionRequest & Lambda.UpdateFunctionConfigurationRequest>;

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== "" && (typeof value !== "object" || value === null || Object.keys(value).length > 0);

/** Refuses what is not built, so that nobody believes that it acts. Throws `InvalidParameterValueException`. */
export function refuseUnbuilt(input: Unbuilt): void {
  const names = [
    ...(["CapacityProviderConfig", "CodeSigningConfigArn", "DeadLetterConfig", "DurableConfig"] as const),
    ...([
      "FileSystemConfigs",
      "ImageConfig",
      "KMSKeyArn",
      "Layers",
      "PublishTo",
      "TenancyConfig",
      "VpcConfig",
    ] as const),
  ];
  const unbuilt = names.filter((name) => {
    const value = input[name];
    // The console's empty ones: `{ SubnetIds: [], SecurityGroupIds: [] }`.
    return isSet(value) && !(typeof value === "object" && Object.values(value).every((member) => !isSet(member)));
  });
  if (unbuilt.length > 0) throw invalidParameter(`${unbuilt.join(", ")}: not supported here. Leave it out.`);
  if (input.Publish) throw invalidParameter("Publish: versions are not supported here; there is $LATEST.");
  if (input.PackageType === "Image") throw invalidParameter("PackageType: images are not supported here; send a zip.");
  if (input.SnapStart?.ApplyOn === "PublishedVersions") throw invalidParameter("SnapStart is not supported here.");
  if (input.TracingConfig?.Mode === "Active") throw invalidParameter("TracingConfig: Active is not supported here.");
  if (input.LoggingConfig?.LogFormat === "JSON") throw invalidParameter("LogFormat: only Text is supported here.");
}

/** The settings after a request, from those before it. Throws `InvalidParameterValueException`. */
export function settingsOf(before: FunctionSettings, input: Partial<Given>): FunctionSettings {
  const after: FunctionSettings = {
    ...before,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.EphemeralStorage ? { ephemeralStorageMb: input.EphemeralStorage.Size } : {}),
    ...(input.Handler === undefined ? {} : { handler: input.Handler }),
    ...(input.LoggingConfig?.LogGroup === undefined ? {} : { logGroup: input.LoggingConfig.LogGroup }),
    ...(input.MemorySize === undefined ? {} : { memoryMb: input.MemorySize }),
    ...(input.Role === undefined ? {} : { role: input.Role }),
    ...(input.Runtime === undefined ? {} : { runtime: input.Runtime }),
    ...(input.Timeout === undefined ? {} : { timeoutSeconds: input.Timeout }),
  };
  const runtime = findRuntime(after.runtime);
  if ("problem" in runtime) throw invalidParameter(`Runtime: ${runtime.problem}.`);
  if (runtime.kind !== "provided" && !after.handler) {
    throw invalidParameter(`Runtime ${after.runtime} needs a Handler: file.function.`);
  }
  if (after.timeoutSeconds > LONGEST_TIMEOUT) throw invalidParameter(`Timeout is at most ${LONGEST_TIMEOUT} seconds.`);
  if (after.memoryMb > MOST_MEMORY) throw invalidParameter(`MemorySize is at most ${MOST_MEMORY} MB.`);
  return after;
}

/** A function's variables, in the form in which they are kept. Throws `InvalidParameterValueException`. */
export function variablesOf(given: Lambda.Environment | undefined): Readonly<Record<string, string>> | undefined {
  const variables = given?.Variables;
  if (!variables || Object.keys(variables).length === 0) return undefined;
  const reserved = reservedNames(variables);
  if (reserved.length > 0) {
    throw invalidParameter(`Environment: these names are the platform's own: ${reserved.join(", ")}.`);
  }
  const bytes = Object.entries(variables).reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0);
  if (bytes > VARIABLES_BYTES)
    throw invalidParameter(`Environment: names and values are at most ${VARIABLES_BYTES} bytes.`);
  if (Object.values(variables).some((value) => value.includes("\0"))) {
    throw invalidParameter("Environment: a value must not hold a NUL.");
  }
  return variables;
}
