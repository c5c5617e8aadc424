import type { IncomingMessage, ServerResponse } from "node:http";
import { type Logger, messageOf } from "@hearth/base";
import type { Managed } from "@hearth/managed";

/** The one path of the callback listener; what a proxy shows to vendors may have another one. */
export const CALLBACK_PATH = "/oauth2/callback";

/** Fixed words, and nothing in them that a browser would load, run or tell others. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

const BROKEN =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not now</title><h1>Not now</h1>' +
  "<p>The account could not be linked. Go back to the app and try again.</p></html>\n";

/** End users' browsers on their way back from a vendor (managed-integrations reference 9.2, steps 3 and 7). */
export function createOAuthCallback({ managed, log }: { managed: Pick<Managed, "acceptCallback">; log: Logger }) {
  const answer = (response: ServerResponse, status: number, page: string, more: Record<string, string> = {}) => {
    response.writeHead(status, { ...HEADERS, ...more, "content-length": Buffer.byteLength(page) });
    response.end(page);
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const [path, query = ""] = splitTarget(request.url ?? "");
    if (path !== CALLBACK_PATH) {
      answer(response, 404, "");
      return;
    }
    // The code is spent by asking: nothing that only looks may do that (RFC 9110, 9.2.1).
    if (request.method !== "GET") {
      answer(response, 405, "", { allow: "GET" });
      return;
    }
    managed.acceptCallback(new URLSearchParams(query)).then(
      ({ status, location, page = "" }) => answer(response, status, page, location === undefined ? {} : { location }),
      (error: unknown) => {
        log.error({ error: messageOf(error) }, "an account could not be linked");
        answer(response, 500, BROKEN);
      },
    );
  };
}

const splitTarget = (target: string): [string, string?] => {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
};
