import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { Flusher, WriteQueue } from "./write-queue.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue, and what its socket was given, write by write. */
function queueOf(flusher: Flusher): { queue: WriteQueue; written: string[] } {
  const written: string[] = [];
  const socket = new Writable({
    write(chunk: Buffer, _, done) {
      written.push(chunk.toString());
      done();
    },
  });
  return { queue: new WriteQueue(socket as never, flusher), written };
}

const chunk = (flusher: Flusher, ...pushes: [WriteQueue, string][]) => {
  flusher.begin();
  for (const [queue, text] of pushes) queue.push(Buffer.from(text));
  flusher.end();
};

test("what one turn's chunks lead to is written once to each socket", async () => {
  const flusher = new Flusher();
  const [one, two] = [queueOf(flusher), queueOf(flusher)];
  chunk(flusher, [one.queue, "a"], [two.queue, "x"]);
  chunk(flusher, [one.queue, "b"], [one.queue, "c"]);
  two.queue.push(Buffer.from("y"));
  expect([one.written, two.written]).toEqual([[], []]);
  await turn();
  expect([one.written, two.written]).toEqual([["abc"], ["xy"]]);
});

test("while chunks come alone, what they lead to leaves with them", async () => {
  const flusher = new Flusher();
  const { queue, written } = queueOf(flusher);
  chunk(flusher, [queue, "a"]);
  expect(written).toEqual([]);
  await turn();
  chunk(flusher, [queue, "b"], [queue, "c"]);
  expect(written).toEqual(["a", "bc"]);
});

test("chunks that do not come alone any more are gathered again", async () => {
  const flusher = new Flusher();
  const { queue, written } = queueOf(flusher);
  chunk(flusher, [queue, "0"]);
  await turn();
  for (let i = 0; i < 40; i++) chunk(flusher, [queue, "a"]);
  await turn();
  const before = written.length;
  expect(before).toBeLessThan(20);
  expect(written.join("")).toBe(`0${"a".repeat(40)}`);
  for (let i = 0; i < 40; i++) chunk(flusher, [queue, "b"]);
  await turn();
  expect(written.slice(before)).toEqual(["b".repeat(40)]);
});

test("what is written outside a chunk leaves by itself", async () => {
  const flusher = new Flusher();
  const { queue, written } = queueOf(flusher);
  chunk(flusher);
  queue.push(Buffer.from("a"));
  await turn();
  expect(written).toEqual(["a"]);
});

test("frames that a socket keeps back are not written over by those of the next turn", async () => {
  const server = createServer((socket) => socket.pause());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [reader] = (await accepted) as [Socket];
  await once(socket, "connect");
  const queue = new WriteQueue(socket, new Flusher());
  const frames: Buffer[] = [];
  // Far more than the kernel takes.
  for (let i = 0; i < 400; i++) {
    const frame = Buffer.alloc(50_000 + i, i);
    frames.push(frame);
    queue.push(frame);
    if (i % 2 === 1) queue.flush();
  }
  expect(queue.backlog).toBeGreaterThan(1_000_000);
  const read: Buffer[] = [];
  reader.on("data", (bytes) => read.push(bytes)).resume();
  socket.end();
  await once(reader, "end");
  server.close();
  expect(Buffer.concat(read).equals(Buffer.concat(frames))).toBe(true);
});
