/** A request as a door received it, before anybody knows who sent it. */
export interface SignedRequest {
  method: string;
  /** Still percent-encoded, without the query. */
  rawPath: string;
  rawQuery: string;
  /** Names in lower case; over HTTP/2 `:authority` stands for `host`. */
  headers: Readonly<Record<string, string>>;
  /** Absent: it comes piece by piece, and what the headers declare of it is checked as it comes. */
  body?: Uint8Array;
  /** DER of the TLS client's certificate; counts where the request carries no signature. */
  peerCertificate?: Uint8Array;
  /** What the TLS client calls this server (SNI); counts for its certificate only. */
  serverName?: string;
  sourceIp: string;
  /** Milliseconds since the epoch. */
  now: number;
}
