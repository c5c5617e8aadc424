import type { ByteStream } from "@hearth/contract";

/** A request as it came from the network, before anybody has looked into it. */
export interface WireRequest {
  method: string;
  /** Path as sent, still percent-encoded. */
  rawPath: string;
  /** What followed the `?`, as sent; empty without one. */
  rawQuery: string;
  /** Names in lower case; repeated headers joined by a comma. HTTP/2's `:authority` is there too, and as `host`. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** The body of an operation that takes it piece by piece, as it comes from the network; `body` is empty then. */
  incoming?: ByteStream;
  sourceIp: string;
  /** Whether it came over TLS. */
  secure: boolean;
  /** DER of the TLS client's certificate. */
  peerCertificate?: Uint8Array;
  /** What the TLS client calls this server (SNI). */
  serverName?: string;
  /** Name of the listener that it came by; absent for those that always are. */
  listener?: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

/** An answer ready to be sent. */
export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  /** A stream that is not sent to its end is told so by its iterator's `return`. */
  body?: Uint8Array | string | ByteStream;
}

/** An error in the form that every protocol can put on the wire. */
export interface Failure {
  /** Name on the wire. */
  code: string;
  status: number;
  message: string;
  /** Members of the modelled structure, and what a service adds beyond its model. */
  members: Readonly<Record<string, unknown>>;
  /** The service's own structure for it, if it models one. */
  shape?: string;
}
