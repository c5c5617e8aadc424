import type { Write } from "@hearth/backplane";
import type { Message } from "@hearth/iot";
import { afterEach, beforeEach, expect, test } from "vitest";
import { breakableDisk, type Kit, startKit, textOf } from "../test/kit.ts";

const ACCOUNT = "111111111111";
const platform = { accountId: ACCOUNT, region: "us-east-1", principalId: "platform" };
const keep = { clean: false, properties: { sessionExpiryInterval: 0xffffffff } };
const message = (topic: string, text: string): Message => ({
  accountId: ACCOUNT,
  topic,
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
});
const insert = (id: number): Write => ({ sql: "INSERT INTO told (id) VALUES (?)", params: [id] });
const guarded: Write = { sql: "UPDATE told SET id = id WHERE id = ?", params: [-1], rows: 1 };

const disk = breakableDisk();
let kit: Kit;
beforeEach(async () => {
  disk.broken = false;
  kit = await startKit({ wrapDatabase: disk.wrapDatabase });
  await kit.database.commit([{ sql: "CREATE TABLE told (id BIGINT PRIMARY KEY)", params: [] }]);
});
afterEach(() => kit.stop());

const told = async () => (await kit.database.query<{ id: number }>("SELECT id FROM told")).map(({ id }) => id);

async function everyKind() {
  const persistent = await kit.rawClient("persistent", 5, keep);
  const clean = await kit.rawClient("clean", 4);
  const atMostOnce = await kit.rawClient("at most once", 5, keep);
  const member = await kit.rawClient("member", 5);
  for (const topic of ["a", "b"]) {
    await persistent.subscribe(topic, 1);
    await clean.subscribe(topic, 1);
    await atMostOnce.subscribe(topic, 0);
    await member.subscribe(`$share/group/${topic}`, 1);
  }
  return [persistent, clean, atMostOnce, member];
}

test("everybody gets the messages in order, once the writes are durable", async () => {
  const clients = await everyKind();
  await kit.router.sendTogether([message("a", "one"), message("b", "two")], platform, [insert(1)]);
  expect(await told()).toEqual([1]);
  for (const client of clients) {
    expect([textOf(await client.expect("publish")), textOf(await client.expect("publish"))]).toEqual(["one", "two"]);
  }
});

test("a write that finds something else than it was planned on keeps everything back", async () => {
  const clients = await everyKind();
  const sent = kit.router.sendTogether([message("a", "never")], platform, [insert(1), guarded]);
  await expect(sent).rejects.toMatchObject({ name: "WriteConflict" });
  expect(await told()).toEqual([]);
  expect(await kit.database.query("SELECT seq FROM broker_message")).toEqual([]);
  for (const client of clients) expect(await client.settle()).toEqual([]);
  await kit.router.sendTogether([message("a", "after")], platform, [insert(2)]);
  for (const client of clients) expect(textOf(await client.expect("publish"))).toBe("after");
});

test("a disk that fails keeps everything back", async () => {
  const clients = await everyKind();
  disk.broken = true;
  await expect(kit.router.sendTogether([message("a", "never")], platform, [insert(1)])).rejects.toThrow("full");
  disk.broken = false;
  for (const client of clients) expect(await client.settle()).toEqual([]);
});

test("a session whose client is away finds the message when it comes back", async () => {
  const persistent = await kit.rawClient("persistent", 5, keep);
  await persistent.subscribe("a", 1);
  persistent.socket.destroy();
  await persistent.end();
  await kit.router.sendTogether([message("a", "meanwhile")], platform, [insert(1)]);
  const again = await kit.rawClient("persistent", 5, keep);
  expect(textOf(await again.expect("publish"))).toBe("meanwhile");
});

test("nobody who subscribed is no reason not to write; what cannot be retained is refused", async () => {
  await kit.router.sendTogether([message("nobody", "x")], platform, [insert(1)]);
  await kit.router.sendTogether([], platform, [insert(2)]);
  expect(await told()).toEqual([1, 2]);
  const retained = { ...message("a", "x"), retain: true };
  await expect(kit.router.sendTogether([retained], platform, [insert(3)])).rejects.toThrow("retained");
  expect(await told()).toEqual([1, 2]);
});
