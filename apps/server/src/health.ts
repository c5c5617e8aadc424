import type { IncomingMessage, ServerResponse } from "node:http";

export interface Health {
  /** False while the process starts or drains. */
  ready(): boolean;
  /** Prometheus text; undefined: this listener does not show metrics. */
  metrics?: () => Promise<{ type: string; text: string }>;
  /** Host names under which metrics are shown. A page that a browser has open may point a name of its own here. */
  hosts: readonly string[];
}

/** `/healthz`, `/readyz`, `/metrics`. False when the request is none of them. */
export function serveHealth(request: IncomingMessage, response: ServerResponse, health: Health): boolean {
  const path = request.url?.split("?")[0];
  // A signed request is the API's, whatever its path.
  if (request.method !== "GET" || request.headers.authorization !== undefined) return false;
  if (path === "/healthz") answer(response, 200, "text/plain", "ok\n");
  else if (path === "/readyz") {
    if (health.ready()) answer(response, 200, "text/plain", "ready\n");
    else answer(response, 503, "text/plain", "not ready\n");
  } else if (path === "/metrics" && health.metrics) {
    if (!health.hosts.includes(hostOf(request))) {
      answer(response, 403, "text/plain", "not under this host name\n");
      return true;
    }
    health.metrics().then(
      ({ type, text }) => answer(response, 200, type, text),
      () => answer(response, 500, "text/plain", "metrics could not be collected\n"),
    );
  } else return false;
  return true;
}

/** The name that the client thinks it talks to, in lower case and without a port; empty when there is none. */
function hostOf({ headers }: IncomingMessage): string {
  const host = headers.host ?? headers[":authority"];
  return typeof host === "string" ? host.toLowerCase().replace(/:\d{1,5}$/, "") : "";
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}
