import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DownloadRefusedError, download } from "./download.ts";

const IMAGE = randomBytes(200_000);
const SHA256 = createHash("sha256").update(IMAGE).digest("hex");

/** `answer` says how the n-th request, from 0, is answered. */
async function origin(answer: (n: number, first: number, response: ServerResponse, request: IncomingMessage) => void) {
  const firsts: number[] = [];
  const server = createServer((request, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1]);
    firsts.push(first);
    answer(firsts.length - 1, first, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const directory = mkdtempSync(join(tmpdir(), "download-"));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });
  const path = join(directory, "image");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image?X-Amz-Signature=0`;
  const shown: number[] = [];
  const options = { url, path, ca: [], limit: 1_000_000, patience: 1, signal: AbortSignal.timeout(10_000) };
  return {
    ...{ firsts, path, shown },
    run: (more: object = {}) =>
      download({ ...options, progress: (received) => shown.push(received / IMAGE.length), ...more }),
  };
}

function rest(first: number, response: ServerResponse): void {
  const range = `bytes ${first}-${IMAGE.length - 1}/${IMAGE.length}`;
  response.writeHead(206, { "content-range": range, "content-length": IMAGE.length - first });
}

test("connections that break are gone on from where they broke", async () => {
  const { run, firsts, path, shown } = await origin((n, first, response) => {
    rest(first, response);
    if (n === 4) response.end(IMAGE.subarray(first));
    else response.write(IMAGE.subarray(first, first + 40_000), () => response.destroy());
  });
  expect(await run()).toBe(SHA256);
  expect(firsts).toEqual([0, 40_000, 80_000, 120_000, 160_000]);
  expect(readFileSync(path).equals(IMAGE)).toBe(true);
  expect(shown.at(-1)).toBe(1);
  expect(shown).toEqual([...shown].sort((a, b) => a - b));
});

test("a device that was switched off goes on with what its flash has", async () => {
  const { run, firsts, path } = await origin((_n, first, response) => {
    rest(first, response);
    response.end(IMAGE.subarray(first));
  });
  writeFileSync(path, IMAGE.subarray(0, 150_000));
  expect(await run()).toBe(SHA256);
  expect(firsts).toEqual([150_000]);
});

test("what is there as a whole is not fetched again", async () => {
  const { run, path } = await origin((_n, _first, response) => {
    response.writeHead(416, { "content-range": `bytes */${IMAGE.length}` }).end("<Error/>");
  });
  writeFileSync(path, IMAGE);
  expect(await run()).toBe(SHA256);
});

test("an object that has become another one is fetched from its first byte", async () => {
  const { run, firsts, path } = await origin((_n, first, response) => {
    if (first >= IMAGE.length) response.writeHead(416, { "content-range": `bytes */${IMAGE.length}` }).end();
    else response.writeHead(200, { "content-length": IMAGE.length }).end(IMAGE);
  });
  writeFileSync(path, randomBytes(300_000));
  expect(await run()).toBe(SHA256);
  expect(firsts).toEqual([300_000, 0]);
});

test.each([403, 404])("status %i is final", async (status) => {
  const { run, firsts } = await origin((_n, _first, response) => response.writeHead(status).end());
  await expect(run()).rejects.toThrow(DownloadRefusedError);
  expect(firsts).toHaveLength(1);
});

test("an object that is too large is refused before its first byte", async () => {
  const { run, shown } = await origin((_n, first, response) => {
    rest(first, response);
    response.end(IMAGE);
  });
  await expect(run({ limit: 199_999 })).rejects.toThrow(DownloadRefusedError);
  expect(shown).toEqual([]);
});

test("six attempts in a row that bring nothing are enough", async () => {
  const { run, firsts } = await origin((_n, _first, response) => response.writeHead(503).end());
  await expect(run()).rejects.toThrow("503");
  expect(firsts).toHaveLength(6);
});
