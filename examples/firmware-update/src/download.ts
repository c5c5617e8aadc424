import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { get as httpGet, type IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

export interface DownloadOptions {
  /** `https:` or `http:`. */
  url: string;
  /** Where the bytes go; what an earlier attempt has left there is not fetched again. */
  path: string;
  /** PEM of what the server's certificate may be signed by, for `https:`. */
  ca: readonly string[];
  /** Bytes that are taken at most. */
  limit: number;
  /** Called with what is there and what there will be, in bytes. */
  progress(received: number, total: number): void;
  signal: AbortSignal;
  /** Milliseconds before the first repetition; each further one doubles it. 500 by default. */
  patience?: number;
}

/** The server says that it will never give this object. */
export class DownloadRefusedError extends Error {}

const ATTEMPTS = 6;
const SILENCE = 30_000;

/**
 * Fetches an object into a file, by ranges: where a connection breaks, the next one goes on. Resolves to the SHA-256 of
 * the file, lower-case hex. Rejects with DownloadRefusedError, and when six attempts in a row have brought nothing.
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { path, signal, patience = 500 } = options;
  const file = await open(path, "a", 0o600);
  try {
    const sha256 = createHash("sha256");
    const body: Received = { sha256, size: 0 };
    if ((await file.stat()).size > 0) {
      for await (const chunk of createReadStream(path)) take(body, chunk);
    }
    for (let failed = 0; ; ) {
      const before = body.size;
      try {
        await fetchRest(file, body, options);
        await file.sync();
        return body.sha256.digest("hex");
      } catch (error) {
        if (error instanceof DownloadRefusedError || signal.aborted) throw error;
        failed = body.size > before ? 1 : failed + 1;
        if (failed === ATTEMPTS) throw error;
        await pause(patience * 2 ** (failed - 1), undefined, { signal });
      }
    }
  } finally {
    await file.close();
  }
}

interface Received {
  sha256: ReturnType<typeof createHash>;
  size: number;
}

function take(received: Received, chunk: Uint8Array): void {
  received.sha256.update(chunk);
  received.size += chunk.length;
}

/** From where the file ends to the end of the object. */
async function fetchRest(file: FileHandle, received: Received, options: DownloadOptions): Promise<void> {
  const { limit, progress } = options;
  const answer = await get(options, received.size);
  try {
    const total = totalOf(answer, received.size);
    if (total === undefined) {
      // Not what was begun: from the first byte, at the next attempt.
      await file.truncate(0);
      Object.assign(received, { sha256: createHash("sha256"), size: 0 });
      throw new Error(`the server answered ${answer.statusCode} to a request for the rest`);
    }
    if (total > limit) throw new DownloadRefusedError(`the object has ${total} bytes, this device takes ${limit}`);
    if (received.size === total) return;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (received.size + chunk.length > total) throw new Error("the server sent more than it had announced");
      await file.appendFile(chunk);
      take(received, chunk);
      progress(received.size, total);
    }
    if (received.size < total) throw new Error(`the connection ended after ${received.size} of ${total} bytes`);
  } finally {
    answer.destroy();
  }
}

function get({ url, ca, signal }: DownloadOptions, first: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { protocol } = new URL(url);
    const headers = { range: `bytes=${first}-` };
    const request =
      protocol === "https:" ? httpsGet(url, { headers, signal, ca: [...ca] }) : httpGet(url, { headers, signal });
    request.setTimeout(SILENCE, () => request.destroy(new Error(`the server was silent for ${SILENCE / 1000} s`)));
    request.on("response", resolve).on("error", reject);
  });
}

/**
 * The size of the whole object, when the answer goes on where we are; undefined when it does not. An object that is
 * there already as a whole is a range that the server cannot satisfy, and says its size.
 */
function totalOf(answer: IncomingMessage, first: number): number | undefined {
  const { statusCode = 0, headers } = answer;
  const range = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  if (statusCode === 206 && range?.[1] === String(first)) return Number(range[2]);
  if (statusCode === 416 && range && Number(range[2]) === first) return first;
  const length = Number(headers["content-length"] ?? "");
  if (statusCode === 200 && first === 0 && Number.isSafeInteger(length)) return length;
  if (statusCode >= 400 && statusCode < 500 && statusCode !== 416 && statusCode !== 429) {
    throw new DownloadRefusedError(`the server refuses the download with status ${statusCode}`);
  }
  if (statusCode >= 500 || statusCode === 429) throw new Error(`the server answered ${statusCode}`);
  return undefined;
}
