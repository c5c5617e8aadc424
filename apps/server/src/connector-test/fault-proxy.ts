import { createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from "node:http";
import { request as tlsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { rootCertificates } from "node:tls";

/** What the vendor is made to answer. */
export type Fault = "html" | "error" | "truncated" | "nonsense" | "hang";

export interface FaultProxy {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Undefined: what the vendor itself answers. */
  fault: Fault | undefined;
  /** Milliseconds that each request waits on its way to the vendor. */
  delay: number;
  /** Requests that change something at the vendor. */
  writes: number;
  stop(): Promise<void>;
}

const PAGE = "<!doctype html><html><body><h1>We are improving our service</h1></body></html>";

const FAULTS: Record<Fault, (response: ServerResponse) => void> = {
  html: (response) => response.writeHead(200, { "content-type": "text/html" }).end(PAGE),
  error: (response) => response.writeHead(500, { "content-type": "text/plain" }).end("oops"),
  truncated(response) {
    response.writeHead(200, { "content-type": "application/json", "content-length": 1_000 });
    response.write('{"devices":[{"id":"la', () => response.destroy());
  },
  nonsense: (response) =>
    response.writeHead(200, { "content-type": "application/json" }).end('[[],{"id":{"id":null}},"\\u0000",1e999]'),
  // Its connection ends with the proxy, or when the connector has had enough.
  hang: () => {},
};

/** Stands between the connector and the vendor, and answers in the vendor's place when it is told to. */
export async function startFaultProxy(vendorUrl: string, ca: string | undefined): Promise<FaultProxy> {
  const vendor = new URL(vendorUrl);
  const trusted = ca ? [...rootCertificates, ca] : undefined;

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const send = vendor.protocol === "https:" ? tlsRequest : plainRequest;
    const { method, url, headers } = request;
    const options = { method, headers: { ...headers, host: vendor.host }, ...(trusted ? { ca: trusted } : {}) };
    const onward = send(new URL(url ?? "/", vendor), options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== "GET" && request.method !== "HEAD") proxy.writes++;
    if (proxy.fault) {
      request.resume();
      FAULTS[proxy.fault](response);
      return;
    }
    setTimeout(() => forward(request, response), proxy.delay);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    delay: 0,
    writes: 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
