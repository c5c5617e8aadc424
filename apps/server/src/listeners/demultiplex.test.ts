import type { IncomingMessage, ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify, HttpServers, peek } from "./demultiplex.ts";

describe("the first bytes of a connection", () => {
  test.each([
    ["\x10\x0e", "mqtt"],
    ["PRI * HTTP/2.0", "http2"],
    ["PR", undefined],
    ["PUT / HTTP/1.1", "http1"],
    ["GET / HTTP/1.1", "http1"],
    ["", undefined],
  ])("%j are of %s", (bytes, kind) => {
    expect(classify(Buffer.from(bytes, "latin1"))).toBe(kind);
  });
});

describe("a connection that was looked into", () => {
  const http = new HttpServers({
    request: (request: IncomingMessage, response: ServerResponse) => response.end(`${request.method} ${request.url}`),
    upgrade: (_request, socket) => socket.destroy(),
  });
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) =>
      peek(socket, (kind) => (kind === "http2" ? http.http2(socket) : http.http1(socket))),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    http.close();
    server.close();
  });
  const port = () => (server.address() as AddressInfo).port;

  test.each([
    ["at once", ["GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"]],
    ["in pieces", ["P", "O", "ST /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n", "\r\nx"]],
  ])("serves HTTP/1.1 that came %s", async (_, pieces) => {
    const socket = connect(port(), "127.0.0.1");
    const answer = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
    });
    for (const piece of pieces) {
      await new Promise((written) => socket.write(piece, written));
      await new Promise(setImmediate);
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*(GET|POST) \/a/);
  });

  test("serves HTTP/2 without TLS", async () => {
    const session = connectHttp2(`http://127.0.0.1:${port()}`);
    const answer = await new Promise<string>((resolve, reject) => {
      const stream = session.request({ ":path": "/b" });
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on("end", () => resolve(text));
      stream.on("error", reject);
    });
    session.close();
    expect(answer).toBe("GET /b");
  });
});
