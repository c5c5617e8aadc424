import type { Clock, Logger } from "@hearth/base";
import type {
  AnyOperationTable,
  AuditedCall,
  ChunkSignatures,
  Principal,
  ResourcePolicy,
  ServiceModel,
} from "@hearth/contract";

/** What is needed to find out who sent a request. */
export interface SignedRequest {
  method: string;
  /** Still percent-encoded, without the query. */
  rawPath: string;
  rawQuery: string;
  /** Names in lower case; over HTTP/2 both `:authority` and `host`. */
  headers: Readonly<Record<string, string>>;
  /** Absent: it comes piece by piece, and what the headers declare of it is checked as it comes. */
  body?: Uint8Array;
  /** DER of the TLS client's certificate; counts where the request carries no signature. */
  peerCertificate?: Uint8Array;
  serverName?: string;
  sourceIp: string;
  /** Milliseconds since the epoch. */
  now: number;
}

export interface Caller {
  principal: Principal;
  accountId: string;
  region: string;
  /** Of a request signed in its header, where its body has yet to come. */
  chunks?: ChunkSignatures;
}

/** Throws a `ServiceError` with the common error's name (`UnrecognizedClientException`, ...) for whoever it does not know. */
export type Authenticate = (request: SignedRequest) => Promise<Caller>;

/**
 * Throws `AccessDeniedException` unless the principal's policies, together with the resource's own where it has one, allow the
 * action on the resource.
 */
export type Authorize = (
  principal: Principal,
  action: string,
  resource: string,
  context: Readonly<Record<string, string | string[]>>,
  owned?: ResourcePolicy,
) => Promise<void>;

/** One answered request, for metrics. `service` and `operation` are absent where it did not get that far. */
export interface Served {
  service?: string;
  operation?: string;
  status: number;
  /** Name of the error, absent for a success. */
  error?: string;
  milliseconds: number;
}

export interface Limits {
  /** Bytes of a body, by service; `other` for those not named. */
  bodyBytes: Readonly<Record<string, number>> & { other: number };
  /** Within which a whole body must have come. */
  bodyMilliseconds: number;
  /** Bytes of all header names and values. */
  headerBytes: number;
}

export interface ApiDeps {
  /** By `ServiceModel.service`. */
  services: Readonly<Record<string, ServiceModel>>;
  /** What is built, by `ServiceModel.service`; the rest answers 501. */
  operations: Readonly<Record<string, AnyOperationTable>>;
  authenticate: Authenticate;
  authorize: Authorize;
  /** What the policy of a listener asks besides; undefined: it has none. */
  listenerPolicy?(listener: string): Authorize | undefined;
  clock: Clock;
  log: Logger;
  limits?: Partial<Limits>;
  /** Called once for every answer. */
  metrics?(served: Served): void;
  /** Called for every operation that ended: `Success` or the error's modelled name. */
  record?(service: string, operation: string, outcome: string): void;
  /** Called for every call of a known caller, answered or refused; after the answer is made, before it is sent. */
  audit?(call: AuditedCall): void;
}
