import { encode } from "@hearth/mqtt";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kit, RawClient, startKit } from "../test/kit.ts";

const text = fc.string({ minLength: 1, maxLength: 8 });
const packetId = fc.integer({ min: 1, max: 9 });
const publish = fc.record({
  type: fc.constant("publish" as const),
  topic: text,
  payload: fc.uint8Array({ maxLength: 20 }),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  dup: fc.constant(false),
  packetId,
});
const subscription = fc.record({
  filter: fc.oneof(text, fc.constantFrom("#", "+/a", "$share/g/#", "$aws/#")),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  noLocal: fc.constant(false),
  retainAsPublished: fc.boolean(),
  retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
});
const subscribe = fc.record({
  type: fc.constant("subscribe" as const),
  packetId,
  subscriptions: fc.array(subscription, { minLength: 1, maxLength: 3 }),
});
const unsubscribe = fc.record({
  type: fc.constant("unsubscribe" as const),
  packetId,
  filters: fc.array(text, { minLength: 1, maxLength: 3 }),
});
const acknowledgement = fc.record({
  type: fc.constantFrom("puback" as const, "pubrec" as const, "pubrel" as const, "pubcomp" as const),
  packetId,
  reasonCode: fc.constant(0),
});
const bare = fc.record({ type: fc.constantFrom("pingreq" as const, "pingresp" as const) });
const disconnect = fc.record({ type: fc.constant("disconnect" as const), reasonCode: fc.constant(0) });
const anything = fc.oneof(publish, subscribe, unsubscribe, acknowledgement, bare, disconnect);

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit.stop());

test.each([4, 5] as const)("whatever a client of version %i sends, the others are served", async (version) => {
  const witness = await kit.rawClient(`witness-${version}`, 4);
  await witness.subscribe(`witness/${version}`, 0);
  const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), often: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 6 }), mutation, async (sent, { at, byte, often }) => {
      const client = await RawClient.connect(kit.port);
      client.lenient = true;
      client.send({ type: "connect", version, clean: true, keepAlive: 0, clientId: "hostile" });
      const bytes = Buffer.concat(sent.map((packet) => Buffer.from(encode(packet, version))));
      for (let i = 0; i < often && bytes.length > 0; i++) bytes[(at * (i + 1)) % bytes.length] = byte;
      client.socket.write(bytes);
      witness.publish(`witness/${version}`, "alive");
      expect(await witness.expect("publish")).toMatchObject({ topic: `witness/${version}` });
      client.socket.destroy();
    }),
    { numRuns: 60 },
  );
});
