import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { StoredFunction } from "./function.ts";
import type { FunctionStore } from "./function-store.ts";

/** AWS: GetFunction, the link is valid for ten minutes. */
const VALID_MS = 10 * 60_000;
const PATH =
  /^\/functions\/code\/(\d{12})\/([a-z0-9-]{1,32})\/([0-9a-f]{64})\?expires=(\d{13})&signature=([0-9a-f]{64})$/;
const PURPOSE = "functions.code-url";

/** Resolves when more may be written, or nobody reads any more. */
const writable = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });

/** Where GetFunction's link leads. */
export function createCodeDownload(deps: {
  store: FunctionStore;
  sealer: Pick<Sealer, "hash">;
  clock: Pick<Clock, "now">;
  log: Logger;
}): {
  /** Path and query of a link that is good for ten minutes. */
  link(stored: StoredFunction): string;
  /** False when the request is not for this. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
} {
  const { store, sealer, clock, log } = deps;
  const sign = (path: string, expires: string) => sealer.hash(`${path} ${expires}`, PURPOSE);

  async function send(place: { accountId: string; region: string }, sha256: string, response: ServerResponse) {
    let begun = false;
    for await (const part of store.code(place, sha256)) {
      if (!begun) {
        begun = true;
        response.writeHead(200, { "content-type": "application/zip", "cache-control": "no-store" });
      }
      if (response.destroyed) return;
      if (!response.write(part)) await writable(response);
    }
    response.end();
  }

  return {
    link({ accountId, region, codeSha256 }) {
      const path = `/functions/code/${accountId}/${region}/${codeSha256}`;
      const expires = `${clock.now() + VALID_MS}`;
      return `${path}?expires=${expires}&signature=${sign(path, expires)}`;
    },

    serve(request, response) {
      const url = request.url ?? "";
      if (request.method !== "GET" || !url.startsWith("/functions/code/")) return false;
      const [, accountId = "", region = "", sha256 = "", expires = "", signature = ""] = PATH.exec(url) ?? [];
      const expected = sign(url.split("?", 1)[0] ?? "", expires);
      const right = signature !== "" && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
      if (!right || Number(expires) < clock.now()) {
        response.writeHead(403, { "content-type": "text/plain", "cache-control": "no-store" });
        response.end("The link has expired or is not whole. GetFunction gives a new one.\n");
        return true;
      }
      send({ accountId, region }, sha256, response).catch((error: unknown) => {
        log.error({ err: error }, "a function's code could not be sent");
        if (response.headersSent) response.destroy();
        else response.writeHead(404).end();
      });
      return true;
    },
  };
}
