import { existsSync, readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { VendorError, vendorErrorOf } from "@hearth/connector-sdk";

export interface VendorSettings {
  /** `https://vendor.example` */
  url: string;
  clientId: string;
  clientSecret: string;
  /** PEM of a CA to be trusted besides the well-known ones. */
  ca?: string;
}

export interface VendorCall {
  /** Of the user. */
  token?: string;
  body?: object;
  /** For the OAuth endpoints, where the partner itself asks: its id and secret go with it (RFC 6749, 2.3.1). */
  form?: Readonly<Record<string, string>>;
  /** The vendor does the same once, however often it is asked. */
  requestId?: string;
  signal?: AbortSignal;
}

export type Vendor = ReturnType<typeof createVendor>;

/** Milliseconds until the vendor must have answered. */
const TIMEOUT = 10_000;
const LARGEST_ANSWER = 1024 * 1024;

/** VENDOR_URL, VENDOR_CLIENT_ID, VENDOR_CLIENT_SECRET, and VENDOR_CA: a file, `ca.pem` if that is there. */
export function settingsFrom(environment: NodeJS.ProcessEnv): VendorSettings {
  const { VENDOR_URL, VENDOR_CLIENT_ID, VENDOR_CLIENT_SECRET, VENDOR_CA = "ca.pem" } = environment;
  if (!VENDOR_URL || !VENDOR_CLIENT_ID || !VENDOR_CLIENT_SECRET) {
    throw new Error("set VENDOR_URL, VENDOR_CLIENT_ID and VENDOR_CLIENT_SECRET");
  }
  return {
    url: VENDOR_URL.replace(/\/+$/, ""),
    clientId: VENDOR_CLIENT_ID,
    clientSecret: VENDOR_CLIENT_SECRET,
    ...(existsSync(VENDOR_CA) ? { ca: readFileSync(VENDOR_CA, "utf8") } : {}),
  };
}

export const basicAuthorization = ({ clientId, clientSecret }: VendorSettings): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;

export const trusted = ({ ca }: VendorSettings): string[] | undefined => (ca ? [...rootCertificates, ca] : undefined);

/** The vendor's API. Rejects with a `VendorError` whatever the vendor does but answer with JSON. */
export function createVendor(settings: VendorSettings) {
  const ca = trusted(settings);

  function exchange(method: string, path: string, call: VendorCall): Promise<{ status: number; text: string }> {
    const { token, body, form, requestId, signal } = call;
    const url = new URL(path, settings.url);
    const { clientId: client_id, clientSecret: client_secret } = settings;
    const asPartner = form && new URLSearchParams({ ...form, client_id, client_secret });
    const content = body ? JSON.stringify(body) : asPartner ? `${asPartner}` : "";
    const headers: Record<string, string | number> = {
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      "content-length": Buffer.byteLength(content),
      ...(body ? { "content-type": "application/json" } : {}),
      ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      ...(requestId === undefined ? {} : { "request-id": requestId }),
    };
    const timeout = AbortSignal.timeout(TIMEOUT);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    return new Promise((resolve, reject) => {
      const send = url.protocol === "https:" ? tlsRequest : plainRequest;
      const sent = send(url, { method, headers, signal: ends, ...(ca ? { ca } : {}) }, (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on("data", (part: Buffer) => {
          size += part.length;
          if (size > LARGEST_ANSWER) answer.destroy(new Error(`more than ${LARGEST_ANSWER} bytes`));
          else parts.push(part);
        });
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
        );
      });
      sent.on("error", reject);
      sent.end(content);
    });
  }

  return {
    /** The answer's JSON; undefined for an empty one. */
    async call(method: string, path: string, call: VendorCall): Promise<unknown> {
      const what = `${method} ${path.split("?")[0]}`;
      let answer: Awaited<ReturnType<typeof exchange>>;
      try {
        answer = await exchange(method, path, call);
      } catch (error) {
        const isLate = error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
        if (isLate) throw new VendorError(504, `the vendor did not answer ${what} in time`);
        throw new VendorError(502, `the vendor could not be asked ${what}`);
      }
      const refusal = vendorErrorOf(answer.status, what);
      if (refusal) throw refusal;
      if (answer.text === "") return undefined;
      try {
        return JSON.parse(answer.text) as unknown;
      } catch {
        throw new VendorError(502, `the vendor answered ${what} with something else than JSON`);
      }
    },
  };
}
