import { ServiceError } from "@hearth/contract";

/** Bytes of a job document (reference 4.6). */
export const DOCUMENT_BYTES = 32 * 1024;
const MAX_DEPTH = 32;
const PLACEHOLDER = /\$\{aws:iot:([^{}]{1,2048})\}/g;
const PRESIGNED = "s3-presigned-url:";
const PARAMETER = "parameter:";
const PARAMETER_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

/** What a document's placeholders ask for. */
export interface Placeholders {
  parameters: ReadonlySet<string>;
  /** Addresses of objects that a device is to get a URL for. */
  presigned: ReadonlySet<string>;
}

/**
 * Checks a document: a JSON object of at most 32 KB, with placeholders that are known (reference 4.6).
 * Throws InvalidRequestException.
 */
export function checkDocument(text: string): Placeholders {
  if (Buffer.byteLength(text) > DOCUMENT_BYTES) {
    throw invalid(`The job document has more than ${DOCUMENT_BYTES} bytes`);
  }
  const document = parse(text);
  if (document === null || typeof document !== "object" || Array.isArray(document)) {
    throw invalid("The job document is not a JSON object");
  }
  return placeholdersOf(document);
}

/** Placeholders of parameters replaced by their values; what else is there stays as it was written. */
export function withParameters(text: string, parameters: Readonly<Record<string, string>>): string {
  return replaced(text, (what) =>
    what.startsWith(PARAMETER) && Object.hasOwn(parameters, what.slice(PARAMETER.length))
      ? parameters[what.slice(PARAMETER.length)]
      : undefined,
  );
}

/** Placeholders of presigned URLs replaced by what `urls` has for their addresses. */
export function withUrls(text: string, urls: ReadonlyMap<string, string>): string {
  return replaced(text, (what) => (what.startsWith(PRESIGNED) ? urls.get(what.slice(PRESIGNED.length)) : undefined));
}

/** Addresses of the objects that a document asks URLs for. */
export function presignedIn(text: string): ReadonlySet<string> {
  return text.includes(`\${aws:iot:${PRESIGNED}`) ? placeholdersOf(parse(text)).presigned : new Set();
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw invalid("The job document is not JSON");
  }
}

function placeholdersOf(document: Json): Placeholders {
  const parameters = new Set<string>();
  const presigned = new Set<string>();
  each(document, (text) => {
    for (const [, what = ""] of text.matchAll(PLACEHOLDER)) {
      if (what.startsWith(PARAMETER) && PARAMETER_NAME.test(what.slice(PARAMETER.length))) {
        parameters.add(what.slice(PARAMETER.length));
      } else if (what.startsWith(PRESIGNED)) presigned.add(what.slice(PRESIGNED.length));
      else throw invalid(`The job document has a placeholder that is not known: \${aws:iot:${what.slice(0, 100)}}`);
    }
    return text;
  });
  return { parameters, presigned };
}

/** Every string of a document, once. Throws for one that is nested too deeply. */
function each(value: Json, visit: (text: string) => string, depth = 0): Json {
  if (depth > MAX_DEPTH) throw invalid("The job document is nested too deeply");
  if (typeof value === "string") return visit(value);
  if (Array.isArray(value)) return value.map((item) => each(item, visit, depth + 1));
  if (value === null || typeof value !== "object") return value;
  if (Object.hasOwn(value, "__proto__")) throw invalid("The job document has a member __proto__");
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, each(item, visit, depth + 1)]));
}

/**
 * Replaces within the strings of the parsed document, so that no value can end the string that it stands in. A document
 * without placeholders stays the text that it was.
 */
function replaced(text: string, lookUp: (placeholder: string) => unknown): string {
  if (!text.includes("${aws:iot:")) return text;
  const put = (string: string) =>
    string.replace(PLACEHOLDER, (whole, what: string) => {
      const value = lookUp(what);
      return typeof value === "string" ? value : whole;
    });
  return JSON.stringify(each(JSON.parse(text) as Json, put));
}
