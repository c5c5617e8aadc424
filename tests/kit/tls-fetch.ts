import { type Agent, request } from "node:https";
import type { SecureContextOptions } from "node:tls";

/**
 * A `fetch` for our client, trusting `ca`, under any further TLS options; each over a TLS connection of its own, unless an
 * agent keeps them.
 */
export const tlsFetch =
  (options: SecureContextOptions & { agent?: Agent }) =>
  (url: string, init: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { method = "GET", headers, body } = init;
      const sent = request(url, { agent: false, ...options, method, headers: headers as Record<string, string> });
      sent.on("error", reject);
      sent.on("response", async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const own = Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        const status = answer.statusCode ?? 500;
        const content = chunks.length > 0 && status !== 204 ? Buffer.concat(chunks) : null;
        resolve(new Response(content, { status, headers: own }));
      });
      sent.end(body instanceof URLSearchParams ? `${body}` : (body as string | Uint8Array | undefined));
    });
