import { queryPairs } from "./canonical.ts";
import { incompleteSignature } from "./failures.ts";
import type { SignedRequest } from "./signed-request.ts";

/** `<access key id>/<yyyymmdd>/<region>/<service>/aws4_request` */
export interface CredentialScope {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
}

/** What a request says about its signature; nothing of it is proven. */
export interface Authorization {
  scope: CredentialScope;
  signedHeaders: readonly string[];
  /** 64 lower-case hex digits. */
  signature: string;
  /** `20260101T120000Z` */
  timestamp: string;
  sessionToken?: string;
  /** A presigned URL: its parameters without the signature, and its life in seconds if it names one. */
  presigned?: { pairs: readonly (readonly [string, string])[]; expires?: number };
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const LONGEST_HEADER = 8_192;
const LONGEST_TOKEN = 8_192;
const MOST_SIGNED_HEADERS = 100;
const MOST_PARAMETERS = 500;
/** Seven days, the longest life of a presigned URL. */
const LONGEST_LIFE = 604_800;

type Signed = Pick<SignedRequest, "rawQuery" | "headers">;

/** Whom the request is meant for, unverified, for routing. Undefined without a signature that can be read. */
export function credentialScope(request: Signed): CredentialScope | undefined {
  try {
    return readAuthorization(request)?.scope;
  } catch {
    return undefined;
  }
}

/** Undefined when the request carries no signature. Throws `IncompleteSignatureException` for half a one. */
export function readAuthorization(request: Signed): Authorization | undefined {
  const header = request.headers["authorization"];
  if (header !== undefined) return readHeader(header, request.headers);
  if (!request.rawQuery.includes("X-Amz-")) return undefined;
  const pairs = queryPairs(request.rawQuery);
  if (!pairs.some(([name]) => name === "X-Amz-Algorithm" || name === "X-Amz-Signature")) return undefined;
  return readQuery(pairs);
}

function readHeader(header: string, headers: SignedRequest["headers"]): Authorization {
  if (header.length > LONGEST_HEADER) throw incompleteSignature("The Authorization header is too long.");
  if (!header.startsWith(`${ALGORITHM} `)) {
    throw incompleteSignature(`The Authorization header must begin with '${ALGORITHM}'.`);
  }
  const fields = new Map<string, string>();
  for (const field of header.slice(ALGORITHM.length).split(",")) {
    const equals = field.indexOf("=");
    const name = field.slice(0, Math.max(0, equals)).trim();
    if (name === "" || fields.has(name)) {
      throw incompleteSignature("The Authorization header is not a list of different key=value pairs.");
    }
    fields.set(name, field.slice(equals + 1).trim());
  }
  const field = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw incompleteSignature(`Authorization header requires '${name}' parameter.`);
    return value;
  };
  const authorization: Authorization = {
    scope: readScope(field("Credential")),
    signedHeaders: readSignedHeaders(field("SignedHeaders")),
    signature: readSignature(field("Signature")),
    timestamp: readTimestamp(headers["x-amz-date"] ?? headers["date"]),
  };
  const token = headers["x-amz-security-token"];
  if (token !== undefined) authorization.sessionToken = readToken(token);
  return authorization;
}

function readQuery(pairs: readonly (readonly [string, string])[]): Authorization {
  if (pairs.length > MOST_PARAMETERS) throw incompleteSignature("The query has too many parameters.");
  const optional = (name: string): string | undefined => {
    const values = pairs.filter(([other]) => other === name);
    if (values.length > 1) throw incompleteSignature(`The query has '${name}' more than once.`);
    return values[0]?.[1];
  };
  const parameter = (name: string): string => {
    const value = optional(name);
    if (!value) throw incompleteSignature(`AWS query-string parameters must include '${name}'.`);
    return value;
  };
  if (parameter("X-Amz-Algorithm") !== ALGORITHM) throw incompleteSignature(`X-Amz-Algorithm must be '${ALGORITHM}'.`);
  const expires = optional("X-Amz-Expires");
  if (
    expires !== undefined &&
    !(/^\d{1,6}$/.test(expires) && Number(expires) >= 1 && Number(expires) <= LONGEST_LIFE)
  ) {
    throw incompleteSignature(`X-Amz-Expires must be between 1 and ${LONGEST_LIFE} seconds.`);
  }
  const authorization: Authorization = {
    scope: readScope(parameter("X-Amz-Credential")),
    signedHeaders: readSignedHeaders(parameter("X-Amz-SignedHeaders")),
    signature: readSignature(parameter("X-Amz-Signature")),
    timestamp: readTimestamp(parameter("X-Amz-Date")),
    presigned: {
      pairs: pairs.filter(([name]) => name !== "X-Amz-Signature"),
      ...(expires !== undefined && { expires: Number(expires) }),
    },
  };
  const token = optional("X-Amz-Security-Token");
  if (token !== undefined) authorization.sessionToken = readToken(token);
  return authorization;
}

function readScope(credential: string): CredentialScope {
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split("/");
  if (
    !/^\w{16,128}$/.test(accessKeyId ?? "") ||
    !/^\d{8}$/.test(date ?? "") ||
    !/^[a-z0-9-]{1,64}$/.test(region ?? "") ||
    !/^[a-z0-9-]{1,64}$/.test(service ?? "") ||
    terminator !== "aws4_request" ||
    more.length > 0
  ) {
    throw incompleteSignature("Credential must be '<access key id>/<yyyymmdd>/<region>/<service>/aws4_request'.");
  }
  return { accessKeyId, date, region, service } as CredentialScope;
}

function readSignedHeaders(text: string): readonly string[] {
  const names = text.split(";");
  if (names.length > MOST_SIGNED_HEADERS || !names.every((name) => /^:?[a-z0-9!#$%&'*+.^_`|~-]{1,256}$/.test(name))) {
    throw incompleteSignature("SignedHeaders must be a list of header names in lower case.");
  }
  return names;
}

function readSignature(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw incompleteSignature("The signature must be 64 hexadecimal digits.");
  return text;
}

function readToken(text: string): string {
  if (text === "" || text.length > LONGEST_TOKEN) throw incompleteSignature("The security token has a wrong length.");
  return text;
}

/** The basic form of ISO 8601, or the HTTP form that a `Date` header may have. */
function readTimestamp(text: string | undefined): string {
  if (text === undefined)
    throw incompleteSignature("Authorization requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (/^\d{8}T\d{6}Z$/.test(text) && !Number.isNaN(timestampMilliseconds(text))) return text;
  const time = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time)) throw incompleteSignature("Date must be in ISO-8601 'basic format'.");
  return formatTimestamp(time);
}

export const formatTimestamp = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");

export const timestampMilliseconds = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
