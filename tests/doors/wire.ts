import { createHash, createHmac } from "node:crypto";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credentials } from "../kit/platform.ts";

/** A request as it goes over the wire: path and query encoded, the headers all of them. */
export interface WireRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The error's name: from the header, or from the XML of the query services. */
  error: string | undefined;
}

export interface Signing {
  credentials: Credentials;
  region: string;
  /** The name in the credential scope. */
  service: string;
  signingDate?: Date;
}

/** The oracle: AWS's own signer, with node's hashes. */
class NodeSha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Uint8Array };

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** Signs in the header, as SDKs do. */
export async function sign(endpoint: string, plain: WireRequest, signing: Signing): Promise<WireRequest> {
  const { signer, request } = prepared(endpoint, plain, signing);
  const { headers } = await signer.sign(request, dated(signing));
  return { ...plain, headers };
}

/** Signs in the query string, as a link that somebody else may use for `expiresIn` seconds. */
export async function presign(
  endpoint: string,
  plain: WireRequest,
  signing: Signing,
  expiresIn: number,
): Promise<WireRequest> {
  const { signer, request } = prepared(endpoint, plain, signing);
  const { query, headers } = await signer.presign(request, { ...dated(signing), expiresIn });
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return { ...plain, path: `${pathOf(plain)}?${pairs.join("&")}`, headers };
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const pathOf = (plain: WireRequest): string => plain.path.split("?", 1)[0] ?? "/";

const dated = ({ signingDate }: Signing): { signingDate?: Date } => (signingDate ? { signingDate } : {});

function prepared(endpoint: string, plain: WireRequest, { credentials, region, service }: Signing) {
  const { host, hostname, port, protocol } = new URL(endpoint);
  const signer = new SignatureV4({ service, region, credentials, sha256: NodeSha256 as never });
  const query: Record<string, string> = Object.fromEntries(new URLSearchParams(plain.path.split("?")[1] ?? ""));
  const headers = { ...plain.headers, host };
  const { method, body } = plain;
  const request = { method, protocol, hostname, port: Number(port), path: pathOf(plain), query, headers, body };
  return { signer, request: request as Parameters<SignatureV4["sign"]>[0] };
}

/** Sends just what it is given. */
export function send(endpoint: string, { method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: false, setHost: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const type = response.headers["x-amzn-errortype"];
        const error = typeof type === "string" ? type.split(":")[0] : errorIn(text);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, error });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

function errorIn(text: string): string | undefined {
  const inXml = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  if (inXml !== undefined || !text.startsWith("{")) return inXml;
  const { __type: type } = JSON.parse(text) as { __type?: string };
  return type?.split("#").at(-1);
}
