import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { silentLogger, systemClock } from "@hearth/base";
import { services } from "@hearth/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApi } from "./api.ts";
import { api, root, scoped, startToy, stopToy, toy, until } from "./toy-platform.ts";

beforeAll(startToy);
afterAll(stopToy);

describe("HTTP", () => {
  test("paths, methods and percents that are none", async () => {
    const get = async (path: string, service: string, method = "GET") => {
      const response = await fetch(toy.endpoint + path, { method, headers: scoped(service) });
      return [response.status, response.headers.get("x-amzn-errortype")];
    };
    expect(await get("/nothing", "iot")).toEqual([404, "UnknownOperationException"]);
    expect(await get("/things/x/shadow", "iotdata", "PUT")).toEqual([405, "MethodNotAllowedException"]);
    expect(await get("/things/%ff", "iot")).toEqual([400, "InvalidRequestException"]);
    expect(await get("/things/x", "iot", "HEAD")).toEqual([404, "UnknownOperationException"]);
  });

  test("bodies that are not JSON, not UTF-8, not an object, too deep", async () => {
    const post = async (body: string | Uint8Array) => {
      const response = await fetch(`${toy.endpoint}/things/x`, {
        method: "POST",
        headers: scoped("iot"),
        body: body as never,
      });
      return [response.status, response.headers.get("x-amzn-errortype")];
    };
    for (const body of [
      "{",
      "[]",
      "1",
      Uint8Array.of(0x22, 0xff, 0x22),
      `{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
    ]) {
      expect(await post(body)).toEqual([400, "InvalidRequestException"]);
    }
    expect(await post('{"unknown":{"__proto__":{"x":1}}}')).toEqual([200, null]);
    expect(toy.seen.input).toEqual({ thingName: "x" });
  });

  test("publish answers as the data plane does, bare slashes allowed", async () => {
    const response = await fetch(`${toy.endpoint}/topics/a/b%2Fc?qos=1`, {
      method: "POST",
      headers: scoped("iotdevicegateway"),
      body: "hello",
    });
    expect(await response.json()).toEqual({ message: "OK", traceId: response.headers.get("x-amzn-requestid") });
    expect(toy.seen.input).toEqual({ topic: "a/b/c", qos: 1, payload: new TextEncoder().encode("hello") });
    expect(toy.signed.at(-1)).toMatchObject({ rawPath: "/topics/a/b%2Fc", rawQuery: "qos=1" });
  });

  test("a body above the limit, declared or not", async () => {
    const body = new Uint8Array(1024 * 1024 + 1);
    const declared = await exchange("POST", "/things/x", { "content-length": String(body.length) });
    expect([declared.status, declared.headers["x-amzn-errortype"]]).toEqual([413, "RequestEntityTooLargeException"]);
    expect(declared.headers.connection).toBe("close");
    const chunked = await exchange("POST", "/things/x", { "transfer-encoding": "chunked" }, body);
    expect(chunked.status).toBe(413);
  });

  test("headers above the limit", async () => {
    const response = await exchange("GET", "/things/x", { "x-long": "a".repeat(9000) });
    expect(response.status).toBe(431);
  });

  test("a body that does not come in time, and a client that breaks off", async () => {
    const late = exchange("POST", "/things/x", { "content-length": "5" });
    await until(() => toy.slow.size === 1);
    for (const run of toy.slow) run();
    expect((await late).status).toBe(408);
    const socket = connect(Number(new URL(toy.endpoint).port), "127.0.0.1");
    socket.write(
      `POST /things/x HTTP/1.1\r\nhost: h\r\nauthorization: ${scoped("iot").authorization}\r\ncontent-length: 9\r\n\r\n`,
    );
    await until(() => toy.slow.size === 1);
    const before = toy.served.length;
    socket.destroy();
    await until(() => toy.slow.size === 0);
    expect(toy.served.length).toBe(before);
  });

  test("100-continue and keep-alive", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 2; i++) {
      const sent = request(`${toy.endpoint}/things/x`, {
        method: "POST",
        agent,
        headers: { ...scoped("iot"), expect: "100-continue", "content-length": "2" },
      });
      sent.flushHeaders();
      await once(sent, "continue");
      sent.end("{}");
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(200);
      ports.add(response.socket.localPort);
      await once(response.resume(), "end");
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });
});

test("a client certificate leads to the data planes, and to nothing else", async () => {
  const certificate = { raw: Buffer.from("der") };
  const call = async (method: string, url: string) => {
    const message = Object.assign(Readable.from([]), {
      method,
      url,
      headers: {},
      httpVersionMajor: 1,
      socket: { encrypted: true, remoteAddress: "::ffff:10.0.0.1", getPeerCertificate: () => certificate },
    });
    const response = new ServerResponse(message as never);
    const end = once(response, "finish");
    response.assignSocket(new PassThrough() as never);
    api.handle(message as never, response);
    await end;
    return response.statusCode;
  };
  expect(await call("POST", "/topics/t")).toBe(200);
  expect(toy.signed.at(-1)).toMatchObject({ peerCertificate: new Uint8Array(certificate.raw), sourceIp: "10.0.0.1" });
  expect(toy.seen.context.service).toBe("iot-data");
  expect(await call("GET", "/things/x/jobs")).toBe(200);
  expect(toy.seen.context.service).toBe("iot-jobs-data");
  expect(await call("GET", "/things/x")).toBe(404);
});

test("an HTTP/2 client that breaks off while its request is served is no error", async () => {
  const errors: unknown[] = [];
  const waiting: (() => void)[] = [];
  const own = createApi({
    services,
    operations: { iot: { ListThings: { handle: () => new Promise((resolve) => waiting.push(() => resolve({}))) } } },
    clock: systemClock,
    log: { ...silentLogger, debug() {}, error: (...line: unknown[]) => errors.push(line) } as never,
    authenticate: root,
    authorize: async () => {},
  });
  const listening = createHttp2Server(own.handle as never).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const session = connectHttp2(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`);
  const stream = session.request({ ":path": "/things", ...scoped("iot") });
  stream.on("error", () => {});
  await until(() => waiting.length === 1);
  const gone = once(stream, "close");
  stream.close(8);
  session.destroy();
  await gone;
  const draining = own.drain();
  for (const answer of waiting) answer();
  await draining;
  expect(errors).toEqual([]);
  listening.close();
});

test("draining waits for open requests and closes connections behind them", async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const own = createApi({
    services,
    operations: { iot: { ListThings: { handle: () => held.then(() => ({ things: [] })) } } },
    clock: systemClock,
    log: silentLogger,
    authenticate: root,
    authorize: async () => {},
  });
  const listening = createServer(own.handle).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/things`;
  const arrived = once(listening, "request");
  const pending = fetch(url, { headers: scoped("iot") });
  await arrived;
  let drained = false;
  const draining = own.drain().then(() => {
    drained = true;
  });
  await new Promise(setImmediate);
  expect(drained).toBe(false);
  release();
  const response = await pending;
  expect(response.headers.get("connection")).toBe("close");
  await draining;
  await own.drain();
  listening.close();
});

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
}

/** A request whose body need not come whole. */
async function exchange(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Uint8Array = Uint8Array.of(),
): Promise<Answer> {
  const sent = request(toy.endpoint + path, { method, headers: { ...scoped("iot"), ...headers } });
  sent.on("error", () => {});
  sent.write(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  sent.destroy();
  return { status: response.statusCode, headers: response.headers };
}
