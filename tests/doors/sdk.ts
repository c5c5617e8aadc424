import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as iam from "@aws-sdk/client-iam";
import * as iot from "@aws-sdk/client-iot";
import * as iotData from "@aws-sdk/client-iot-data-plane";
import * as iotJobsData from "@aws-sdk/client-iot-jobs-data-plane";
import * as kinesis from "@aws-sdk/client-kinesis";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as secretsmanager from "@aws-sdk/client-secrets-manager";
import * as sts from "@aws-sdk/client-sts";
import {
  type Client,
  type ClientOptions,
  createClient,
  ServiceException,
  type ServiceOperations,
} from "@hearth/client";

/** AWS's own clients, by Hearth's names of the services. */
const official: Readonly<Record<string, readonly [client: string, module: Readonly<Record<string, unknown>>]>> = {
  iam: ["IAMClient", iam],
  iot: ["IoTClient", iot],
  "iot-data": ["IoTDataPlaneClient", iotData],
  "iot-jobs-data": ["IoTJobsDataPlaneClient", iotJobsData],
  kinesis: ["KinesisClient", kinesis],
  sts: ["STSClient", sts],
  kms: ["KMSClient", kms],
  logs: ["CloudWatchLogsClient", logs],
  cloudtrail: ["CloudTrailClient", cloudtrail],
  lambda: ["LambdaClient", lambda],
  secretsmanager: ["SecretsManagerClient", secretsmanager],
};

interface OfficialClient {
  send(command: unknown): Promise<Record<string, unknown>>;
  destroy(): void;
}
type Constructor<Made> = new (given: unknown) => Made;

/**
 * A client in the contract's types that sends with AWS's own SDK where there is a public one, and with ours elsewhere.
 * Errors are `ServiceException`s either way.
 */
export function sdkClient<Service extends keyof ServiceOperations>(
  service: Service,
  options: ClientOptions,
): Client<ServiceOperations[Service]> & { destroy(): void } {
  const [clientName, module] = official[service] ?? [];
  if (!clientName || !module) return { ...createClient(service, options), destroy: () => undefined };
  const client = new (module[clientName] as Constructor<OfficialClient>)({ ...options, maxAttempts: 1 });
  return {
    async send(operation, input) {
      const command = new (module[`${operation}Command`] as Constructor<unknown>)(input);
      try {
        const { $metadata: _, ...output } = await client.send(command);
        return plain(output) as never;
      } catch (error) {
        throw exceptionOf(error);
      }
    },
    destroy: () => client.destroy(),
  };
}

/** The SDK's errors in our client's form; anything else (a client-side refusal, a lost connection) as it is. */
function exceptionOf(error: unknown): unknown {
  const { name, message, $metadata: metadata, $fault: fault, ...rest } = error as Record<string, unknown>;
  if (fault === undefined || !(error instanceof Error)) return error;
  const { httpStatusCode: status, requestId } = metadata as { httpStatusCode: number; requestId?: string };
  const { $response: _, ...members } = rest;
  return new ServiceException(String(name), error.message, status, requestId, { ...members, message });
}

/** Dates as epoch seconds and no undefined members, as the contract has them. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(members.map(([name, inner]) => [name, plain(inner)]));
}
