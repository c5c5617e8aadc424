/**
 * The form in which every service's API is declared. One `ServiceModel` gives routing, parsing, validation,
 * serialisation, TypeScript types, the typed client, OpenAPI and the coverage table.
 */

export type Protocol = "rest-json" | "rest-xml" | "json-1.1" | "query";

export interface ServiceModel {
  /** Hearth's name of the service: `iot`, `iot-data`, `iot-jobs-data`, `iot-managed-integrations`, `kinesis`, `sts`, `iam`, `hearth`. */
  service: string;
  apiVersion: string;
  protocol: Protocol;
  /** Service names in a SigV4 credential scope that lead here. */
  signingNames: readonly string[];
  /** Prefix of IAM actions: `iot` in `iot:CreateThing`. */
  actionPrefix: string;
  /** The error by which the service refuses a bad member; absent: the name that most of its operations declare. */
  validationError?: string;
  /** JSON 1.1 only: what stands before the dot in `X-Amz-Target`. */
  targetPrefix?: string;
  /** XML protocols only. */
  xmlNamespace?: string;
  /** Errors that the service documents and does not model, with their status. */
  furtherErrors?: Readonly<Record<string, number>>;
  operations: Readonly<Record<string, Operation>>;
  shapes: Readonly<Record<string, Shape>>;
}

export interface Operation {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH";
  /** URI template: `/things/{thingName}/shadow`, greedy labels as `{resourceArn+}`, fixed query as `?x=y`. `/` for JSON 1.1 and query. */
  path: string;
  /** Status of the success answer. */
  status: number;
  /** Name of a structure shape; absent: no input. */
  input?: string;
  output?: string;
  /** Names of error structures in `shapes`. */
  errors: readonly string[];
}

export type Shape =
  | StructureShape
  | ListShape
  | MapShape
  | StringShape
  | NumberShape
  | BooleanShape
  | BlobShape
  | TimestampShape
  | DocumentShape;

interface AnyShape {
  /** Never logged, masked in the audit trail. */
  sensitive?: true;
}

export interface StructureShape extends AnyShape {
  type: "structure";
  members: Readonly<Record<string, Member>>;
  required?: readonly string[];
  /** At most one member may be set. */
  union?: true;
  /** REST XML: name of the document's element where it is not the shape's. */
  xmlName?: string;
  /** Present on modelled errors. `code` is the wire name where it differs from the shape's name (query). */
  error?: { status: number; code?: string };
}

export interface Member {
  shape: string;
  /** Absent: in the body. `headers` is a prefix map. */
  location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  /** The name on the wire where it differs from the member's. */
  locationName?: string;
  /** REST: this member is the whole body. */
  payload?: true;
  idempotencyToken?: true;
  /** A header that carries base64-encoded JSON. */
  jsonValue?: true;
  /** Constraints of the member itself, narrower than its shape's. */
  min?: number;
  max?: number;
  pattern?: string;
  sensitive?: true;
}

export interface ListShape extends AnyShape {
  type: "list";
  member: string;
  /** Query XML: name of an item's element where it is not `member`. */
  memberName?: string;
  flattened?: true;
  /** Number of items. */
  min?: number;
  max?: number;
  unique?: true;
}

export interface MapShape extends AnyShape {
  type: "map";
  key: string;
  value: string;
  min?: number;
  max?: number;
}

export interface StringShape extends AnyShape {
  type: "string";
  /** Length in Unicode code points. */
  min?: number;
  max?: number;
  pattern?: string;
  enum?: readonly string[];
}

export interface NumberShape extends AnyShape {
  type: "integer" | "long" | "float" | "double";
  min?: number;
  max?: number;
}

export interface BooleanShape extends AnyShape {
  type: "boolean";
}

export interface BlobShape extends AnyShape {
  type: "blob";
  /** Length in bytes. */
  min?: number;
  max?: number;
  /** REST XML: it comes and goes piece by piece (`ByteStream`), never as a whole. */
  streaming?: true;
}

export interface TimestampShape extends AnyShape {
  type: "timestamp";
  /** Absent: the protocol's own (JSON: epoch seconds; query: ISO 8601; headers: HTTP date). */
  format?: "epoch-seconds" | "iso8601" | "http-date";
}

/** A streaming blob as handlers take and give it. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  /** What came behind the bytes, by name in lower case; complete once they are all read. */
  trailers?: Readonly<Record<string, string>>;
}

/** Any JSON value. */
export interface DocumentShape extends AnyShape {
  type: "document";
}
