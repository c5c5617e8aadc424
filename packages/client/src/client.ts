import { type ServiceModel, type StructureShape, services } from "@hearth/contract";
import { SignatureV4 } from "@smithy/signature-v4";
import { exceptionOf, readOutput } from "./answer.ts";
import { PAGE_TOKENS, type ServiceClient, type ServiceOperations } from "./operations.ts";
import { buildRequest, type PlainRequest } from "./request.ts";
import { type Retrying, retrying } from "./retry.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Gives credentials whenever a request is signed; remembers them itself. */
export type CredentialProvider = () => Promise<Credentials>;

export interface ClientOptions {
  /** `http://127.0.0.1:4566`. On Node, `AWS_ENDPOINT_URL` if unset. */
  endpoint?: string;
  /** On Node, `AWS_REGION` or `AWS_DEFAULT_REGION` if unset. */
  region?: string;
  /** On Node, the standard chain if unset: environment, shared files, web identity, container, instance. */
  credentials?: Credentials | CredentialProvider;
  /** Milliseconds for one attempt; 30 s if unset. */
  timeout?: number;
  /** Attempts of a call in all; 3 if unset. */
  maxAttempts?: number;
  /** Between attempts, in milliseconds; a timer if unset. */
  wait?: Retrying["wait"];
  /** In place of the global one: for a root certificate of one's own, say. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** What Node and browsers do each in their own way. */
export interface Surroundings {
  sha256: ConstructorParameters<typeof SignatureV4>[0]["sha256"];
  /** Of what options leave unset; throws when there is nothing either. */
  settings(options: ClientOptions): { endpoint: string; region: string; credentials: Credentials | CredentialProvider };
}

const TIMEOUT = 30_000;
const ATTEMPTS = 3;
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export type CreateClient = <Service extends keyof ServiceOperations>(
  service: Service,
  options?: ClientOptions,
) => ServiceClient<ServiceOperations[Service]>;

/**
 * A typed client of one of Hearth's services. Times are epoch seconds, blobs Uint8Array. Calls reject with
 * `ServiceException` for what the service refuses. A ClientToken that is not given is made, so that a call that is
 * repeated after its answer was lost takes effect once.
 */
export const clientsIn =
  (surroundings: Surroundings): CreateClient =>
  (service, options = {}) => {
    const model = services[service];
    if (!model) throw new Error(`no contract for ${service}`);
    const { endpoint: url, region, credentials } = surroundings.settings(options);
    const endpoint = new URL(url);
    const signer = new SignatureV4({
      service: model.signingNames[0] ?? service,
      region,
      credentials,
      sha256: surroundings.sha256,
    });
    const retries: Retrying = { maxAttempts: options.maxAttempts ?? ATTEMPTS, wait: options.wait ?? wait };

    /** Signed anew at each attempt: a signature is good for a few minutes. */
    async function attempt(operation: string, plain: PlainRequest): Promise<unknown> {
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
      const { host: _host, ...headers } = signed.headers;
      const response = await (options.fetch ?? fetch)(targetOf(endpoint, plain), {
        method: plain.method,
        headers,
        body: plain.method === "GET" || plain.body.length === 0 ? undefined : (plain.body as string),
        signal: AbortSignal.timeout(options.timeout ?? TIMEOUT),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw exceptionOf(response, bytes);
      return readOutput(model as ServiceModel, operation, bytes);
    }

    async function send(operation: string, input: Record<string, unknown> = {}): Promise<unknown> {
      const token = tokenMember(model as ServiceModel, operation);
      const given = token !== undefined && input[token] === undefined ? { ...input, [token]: newToken() } : input;
      const plain = buildRequest(model as ServiceModel, operation, given);
      const repeatable = token !== undefined || changesNothing(operation) || ["PUT", "DELETE"].includes(plain.method);
      return retrying(retries, repeatable, () => attempt(operation, plain));
    }

    const methods = Object.keys(model.operations).map((operation) => [
      operation[0]?.toLowerCase() + operation.slice(1),
      (input?: Record<string, unknown>) => send(operation, input),
    ]);
    const client = { ...Object.fromEntries(methods), send, pages: pagesBy(send, model) };
    return client as ServiceClient<ServiceOperations[typeof service]>;
  };

function targetOf(endpoint: URL, { path, query }: PlainRequest): string {
  const parameters = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return `${endpoint.origin}${path}${parameters.length > 0 ? `?${parameters.join("&")}` : ""}`;
}

/** POST is the method of every operation of some protocols; those that only look are told by their names. */
const changesNothing = (operation: string): boolean =>
  /^(BatchGet|Describe|Explain|Filter|Get|Head|List|Lookup|Search)/.test(operation);

function tokenMember(model: ServiceModel, operation: string): string | undefined {
  const shape = shapeOf(model, model.operations[operation]?.input);
  return Object.keys(shape?.members ?? {}).find(
    (member) => member === "ClientToken" || shape?.members[member]?.idempotencyToken,
  );
}

const shapeOf = (model: ServiceModel, name: string | undefined): StructureShape | undefined =>
  name === undefined ? undefined : (model.shapes[name] as StructureShape);

/** Of 128 random bits. */
const newToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

type Send = (operation: string, input?: Record<string, unknown>) => Promise<unknown>;

const pagesBy = (send: Send, model: ServiceModel) =>
  async function* pages(operation: string, input: Record<string, unknown> = {}): AsyncGenerator<unknown> {
    const { input: inputShape, output: outputShape } = model.operations[operation] ?? {};
    const members = (name: string | undefined) => shapeOf(model, name)?.members ?? {};
    const token = PAGE_TOKENS.find(
      (pair) => Object.hasOwn(members(inputShape), pair.input) && Object.hasOwn(members(outputShape), pair.output),
    );
    if (!token) throw new Error(`${model.service}:${operation} does not answer in pages`);
    let from = input[token.input];
    for (;;) {
      const page = (await send(operation, { ...input, [token.input]: from })) as Record<string, unknown>;
      yield page;
      const next = page[token.output];
      if (next === undefined || next === "") return;
      // A list that begins again at the same place never ends.
      if (next === from) throw new Error(`${model.service}:${operation} gave the same page twice`);
      from = next;
    }
  };
