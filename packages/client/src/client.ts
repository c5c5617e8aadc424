import {
  type CloudtrailOperations,
  type HearthOperations,
  type IamOperations,
  type IotDataOperations,
  type IotOperations,
  type KinesisOperations,
  type KmsOperations,
  type LogsOperations,
  type ManagedIntegrationsOperations,
  type ServiceModel,
  type StructureShape,
  type StsOperations,
  services,
} from "@hearth/contract";
import { Hash } from "@smithy/hash-node";
import { SignatureV4 } from "@smithy/signature-v4";
import { readError, readResult } from "./query.ts";
import { buildRequest } from "./request.ts";

/** The services that this client speaks to, and their operations. */
export interface ServiceOperations {
  "iot-managed-integrations": ManagedIntegrationsOperations;
  iot: IotOperations;
  "iot-data": IotDataOperations;
  kinesis: KinesisOperations;
  iam: IamOperations;
  sts: StsOperations;
  kms: KmsOperations;
  logs: LogsOperations;
  cloudtrail: CloudtrailOperations;
  hearth: HearthOperations;
}

export interface ClientOptions {
  /** `http://127.0.0.1:4566` */
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Milliseconds for one request; 30 s if unset. */
  timeout?: number;
  /** In place of the global one: for a root certificate of one's own, say. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** An error that the service answered. `name` is the modelled name. */
export class ServiceException extends Error {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The members of the error's body. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    name: string,
    message: string,
    status: number,
    requestId?: string,
    members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = name;
    this.status = status;
    this.requestId = requestId;
    this.members = members;
  }
}

export interface Client<Operations> {
  send<Name extends keyof Operations & string>(
    operation: Name,
    input: Operations[Name] extends { input: infer Input } ? Input : never,
  ): Promise<Operations[Name] extends { output: infer Output } ? Output : never>;
}

/**
 * A typed client of one of Hearth's services. Times are epoch seconds, blobs Uint8Array.
 * `send` rejects with `ServiceException` for what the service refuses.
 */
export function createClient<Service extends keyof ServiceOperations>(
  service: Service,
  options: ClientOptions,
): Client<ServiceOperations[Service]> {
  const model = services[service];
  if (!model) throw new Error(`no contract for ${service}`);
  const endpoint = new URL(options.endpoint);
  const signer = new SignatureV4({
    service: model.signingNames[0] ?? service,
    region: options.region,
    credentials: options.credentials,
    sha256: Hash.bind(null, "sha256"),
  });

  return {
    async send(operation, input) {
      const plain = buildRequest(model, operation, input as Record<string, unknown>);
      const signed = await signer.sign({
        method: plain.method,
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        port: endpoint.port ? Number(endpoint.port) : undefined,
        path: plain.path,
        query: plain.query,
        headers: { ...plain.headers, host: endpoint.host },
        body: plain.body,
      } as Parameters<SignatureV4["sign"]>[0]);
      const url = new URL(endpoint);
      const query = Object.entries(plain.query).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
      );
      const target = `${url.origin}${plain.path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
      const { host: _host, ...headers } = signed.headers;
      const response = await (options.fetch ?? fetch)(target, {
        method: plain.method,
        headers,
        body: plain.method === "GET" || plain.body.length === 0 ? undefined : (plain.body as string),
        signal: AbortSignal.timeout(options.timeout ?? 30_000),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw exceptionOf(response, bytes);
      return readOutput(model, operation, bytes) as never;
    },
  };
}

function exceptionOf(response: Response, bytes: Uint8Array): ServiceException {
  const text = new TextDecoder().decode(bytes);
  const requestId = response.headers.get("x-amzn-requestid") ?? undefined;
  if (text.startsWith("<")) {
    const error = readError(text);
    if (error) return new ServiceException(error.name, error.message, response.status, requestId);
  }
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === "object") body = parsed as Record<string, unknown>;
  } catch {
    // An answer without JSON has its name in the header or nowhere.
  }
  const type = String(response.headers.get("x-amzn-errortype") ?? body["__type"] ?? `Http${response.status}`);
  const name = type.split(":")[0]?.split("#").at(-1) ?? type;
  const message = String(body["message"] ?? body["Message"] ?? response.statusText);
  return new ServiceException(
    name,
    message,
    response.status,
    response.headers.get("x-amzn-requestid") ?? undefined,
    body,
  );
}

function readOutput(model: ServiceModel, name: string, bytes: Uint8Array): unknown {
  if (model.protocol === "query") return readResult(model, name, new TextDecoder().decode(bytes));
  const output = model.operations[name]?.output;
  const shape = output ? (model.shapes[output] as StructureShape) : undefined;
  const payload = Object.entries(shape?.members ?? {}).find(([, member]) => member.payload);
  if (payload) {
    const blob = model.shapes[payload[1].shape]?.type === "blob";
    return { [payload[0]]: blob ? bytes : parse(bytes) };
  }
  return bytes.length === 0 ? {} : fromJson(model, output, parse(bytes));
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** Turns base64 members back into bytes, as the contract declares them. */
function fromJson(model: ServiceModel, name: string | undefined, value: unknown): unknown {
  const shape = name ? model.shapes[name] : undefined;
  if (!shape || value === null || value === undefined) return value;
  if (shape.type === "blob" && typeof value === "string") return new Uint8Array(Buffer.from(value, "base64"));
  if (shape.type === "list" && Array.isArray(value)) return value.map((item) => fromJson(model, shape.member, item));
  if (shape.type === "structure" && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) => [member, fromJson(model, shape.members[member]?.shape, inner)]),
    );
  }
  return value;
}
