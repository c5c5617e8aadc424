import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { readIntoOneBuffer } from "./one-buffer.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function pair(): Promise<{ ours: Socket; theirs: Socket; closed: Promise<unknown> }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const theirs = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await accepted) as [Socket];
  const ours = readIntoOneBuffer(socket);
  const closed = once(server, "close");
  server.close();
  cleanups.push(
    () => ours.destroy(),
    () => theirs.destroy(),
    () => closed,
  );
  return { ours, theirs, closed };
}

test("what two sockets read is in one memory", async () => {
  const [one, other] = [await pair(), await pair()];
  const read: Buffer[] = [];
  for (const { ours } of [one, other]) ours.on("data", (chunk: Buffer) => read.push(chunk));
  one.theirs.write("first");
  while (read.length < 1) await delay(1);
  expect(read[0]?.toString()).toBe("first");
  other.theirs.write("other");
  while (read.length < 2) await delay(1);
  expect(read[0]?.toString()).toBe("other");
});

test("a socket that is paused reads nothing, and everything later", async () => {
  const { ours, theirs } = await pair();
  let read = "";
  ours.on("data", (chunk: Buffer) => {
    read += chunk.toString();
  });
  theirs.write("a");
  while (read === "") await delay(1);
  ours.pause();
  theirs.write("b");
  await delay(20);
  expect(read).toBe("a");
  ours.resume();
  while (read === "a") await delay(1);
  expect(read).toBe("ab");
});

test("writes arrive, and both ends are seen, by the server too", async () => {
  const { ours, theirs, closed } = await pair();
  expect(ours.remoteAddress).toBe("127.0.0.1");
  ours.on("data", () => {});
  ours.write("a word");
  const [word] = await once(theirs, "data");
  expect(String(word)).toBe("a word");
  theirs.end();
  await once(ours, "end");
  // The server waits for the sockets that it has accepted.
  await closed;
});
