import { FakeClock, type silentLogger } from "@hearth/base";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { ConnectionCause } from "./connection-causes.ts";
import { ConnectionLog, type ConnectionNote, MOST_EVENTS } from "./connection-log.ts";

const ACCOUNT = "111111111111";
let clock: FakeClock;
let lines: Record<string, unknown>[];
const open = (limits = { loggedClients: 100, loggedBytes: 1_000_000 }) =>
  new ConnectionLog({
    clock,
    log: { info: (line: Record<string, unknown>) => void lines.push(line) } as unknown as typeof silentLogger,
    limits,
  });
beforeEach(() => {
  clock = new FakeClock();
  lines = [];
});

const party = (clientId: string, accountId = ACCOUNT) => ({ accountId, clientId, principalId: "p", sourceIp: "::1" });
const failure = (cause: string, more: Partial<ConnectionNote> = {}): ConnectionNote => ({
  eventType: "Publish-In",
  status: "Failure",
  cause: cause as ConnectionCause,
  reason: `because of ${cause}`,
  ...more,
});

describe("one client", () => {
  test("has its events told newest last, with all that is known of each", () => {
    const log = open();
    log.note(party("a"), failure("denied", { topicName: "t", reasonCode: 0x87, details: "more" }));
    clock.advance(5);
    log.note(party("a"), { ...failure("removed"), eventType: "Unsubscribe", status: "Success", filter: "f/#" });
    log.note(party("b"), failure("other"));
    const at = clock.now();
    const [first, second, ...rest] = log.list(ACCOUNT, { clientId: "a" });
    expect(first).toEqual({
      ...{ clientId: "a", principalId: "p", sourceIp: "::1", certificateId: undefined, protocol: undefined },
      ...{ eventType: "Publish-In", status: "Failure", cause: "denied", reason: "because of denied" },
      ...{ topicName: "t", filter: undefined, reasonCode: 0x87, details: "more" },
      ...{ timestamp: at - 5, lastTimestamp: at - 5, count: 1, sequence: 1 },
    });
    expect(second).toMatchObject({ eventType: "Unsubscribe", filter: "f/#", sequence: 2 });
    expect(rest).toEqual([]);
    expect(log.list("222222222222", { clientId: "a" })).toEqual([]);
  });

  test("has repeats counted, and told again in their new place", () => {
    const log = open();
    const asked: number[] = [];
    const reason = () => `number ${asked.push(0)}`;
    log.note(party("a"), failure("full", { topicName: "t", reason }));
    log.note(party("a"), failure("between"));
    for (let i = 0; i < 99; i++) {
      clock.advance(100);
      log.note(party("a"), failure("full", { topicName: "t", reason }));
    }
    const events = log.list(ACCOUNT, { clientId: "a" });
    expect(events.map(({ cause, count }) => [cause, count])).toEqual([
      ["between", 1],
      ["full", 100],
    ]);
    expect(events[1]!.lastTimestamp - events[1]!.timestamp).toBe(9_900);
    // Words that take work are made once a second.
    expect(asked).toHaveLength(10);
    expect(events[1]!.reason).toBe("number 10");
    expect(lines.map(({ cause, count }) => [cause, count])).toEqual([
      ["full", 1],
      ["between", 1],
      ["full", 10],
      ["full", 100],
    ]);
  });

  test("tells the latest reason of what repeats", () => {
    const log = open();
    log.note(party("a"), failure("denied", { reason: "no statement allows it", reasonCode: 0x87 }));
    const { bytes } = log;
    log.note(
      party("a"),
      failure("denied", { reason: "statement 2 denies it, which is another reason", reasonCode: 0x87 }),
    );
    expect(log.list(ACCOUNT, { clientId: "a" })).toMatchObject([
      { count: 2, reason: "statement 2 denies it, which is another reason" },
    ]);
    expect(log.bytes).toBeGreaterThan(bytes);
  });

  test("has apart what differs in topic, peer or minute", () => {
    const log = open();
    const count = () => log.list(ACCOUNT, { clientId: "a" }).length;
    log.note(party("a"), failure("x", { topicName: "one" }));
    log.note(party("a"), failure("x", { topicName: "two" }));
    expect(count()).toBe(2);
    log.note({ ...party("a"), sourceIp: "192.0.2.1" }, failure("x", { topicName: "one" }));
    log.note({ ...party("a"), principalId: "q" }, failure("x", { topicName: "one" }));
    expect(count()).toBe(4);
    clock.advance(60_001);
    log.note(party("a"), failure("x", { topicName: "one" }));
    expect(count()).toBe(5);
  });

  test("loses its own noise first", () => {
    const log = open();
    log.note(party("a"), failure("telling"));
    for (let i = 0; i < 1_000; i++) log.note(party("a"), failure("noise", { topicName: `t/${i}` }));
    const events = log.list(ACCOUNT, { clientId: "a" });
    expect(events).toHaveLength(MOST_EVENTS);
    expect(events[0]!.cause).toBe("telling");
    expect(events.at(-1)!.topicName).toBe("t/999");
    expect(events[1]!.topicName).toBe("t/901");
    // Nor does it fill the platform's log.
    expect(lines.length).toBe(30);
    clock.advance(60_000);
    log.note(party("a"), failure("later"));
    expect(lines.at(-1)).toMatchObject({ cause: "later", clientId: "a", accountId: ACCOUNT });
  });

  test("cannot be written about at length", () => {
    const log = open();
    const long = "x".repeat(70_000);
    log.note(party(long), failure("long", { reason: long, topicName: long, details: long }));
    log.note(party(long), failure("long", { reason: long, topicName: long, details: long }));
    const [event] = log.list(ACCOUNT, { clientId: long });
    expect(event).toMatchObject({ count: 2 });
    expect(JSON.stringify(event).length).toBeLessThan(5_000);
  });
});

describe("who is found", () => {
  test("a certificate, under whatever client id; the latest refusals of an account", () => {
    const log = open();
    const with1 = { accountId: ACCOUNT, certificateId: "c1", sourceIp: "::1" };
    log.note(with1, failure("inactive", { eventType: "Connect" }));
    log.note({ ...with1, clientId: "a" }, failure("connected", { eventType: "Connect", status: "Success" }));
    log.note({ ...with1, clientId: "b" }, failure("CONNECTION_LOST", { eventType: "Disconnect" }));
    log.note({ ...with1, clientId: "b", certificateId: "c2" }, failure("denied", { eventType: "Connect" }));
    const causes = (asked: Parameters<typeof log.list>[1]) => log.list(ACCOUNT, asked).map(({ cause }) => cause);
    expect(causes({ certificateId: "c1" })).toEqual(["inactive", "connected", "CONNECTION_LOST"]);
    // A lost connection is no refusal.
    expect(causes({})).toEqual(["inactive", "denied"]);
    expect(causes({ certificateId: "c3" })).toEqual([]);
  });

  test("strangers, by the operator alone", () => {
    const log = open();
    log.note({ certificateId: "unknown", sourceIp: "::1" }, failure("unknown", { eventType: "Connect" }));
    log.note({ sourceIp: "::1" }, failure("handshake", { eventType: "Connect" }));
    expect(log.list(ACCOUNT)).toEqual([]);
    expect(log.list(ACCOUNT, { certificateId: "unknown" })).toEqual([]);
    expect(log.list(ACCOUNT, { operator: true }).map(({ cause }) => cause)).toEqual(["unknown", "handshake"]);
    expect(log.list(ACCOUNT, { operator: true, certificateId: "unknown" })).toHaveLength(1);
    // One that says it is a client is found by that, too.
    log.note({ clientId: "a", sourceIp: "::1" }, failure("authorizer", { eventType: "Connect" }));
    log.note(party("a"), failure("denied", { eventType: "Connect" }));
    const known = (operator: boolean) => log.list(ACCOUNT, { clientId: "a", operator }).map(({ cause }) => cause);
    expect(known(true)).toEqual(["authorizer", "denied"]);
    expect(known(false)).toEqual(["denied"]);
    // A client id cannot lead to the others.
    expect(log.list("", { clientId: "\0source ::1" })).toHaveLength(0);
    expect(log.list(ACCOUNT, { clientId: "\0source ::1" })).toEqual([]);
  });
});

describe("bounds", () => {
  test("the client that was quiet for longest is forgotten first", () => {
    const log = open({ loggedClients: 3, loggedBytes: 1_000_000 });
    for (const id of ["a", "b", "c", "a", "d"]) log.note(party(id), failure("x"));
    const known = (id: string) => log.list(ACCOUNT, { clientId: id }).length > 0;
    expect(["a", "b", "c", "d"].filter(known)).toEqual(["a", "c", "d"]);
    expect(log.clients).toBe(3);
  });

  test("an account that makes many clients loses its own", () => {
    const log = open({ loggedClients: 10, loggedBytes: 1_000_000 });
    log.note(party("quiet", "222222222222"), failure("x"));
    for (let i = 0; i < 1_000; i++) log.note(party(`noise-${i}`), failure("x"));
    expect(log.list("222222222222", { clientId: "quiet" })).toHaveLength(1);
    expect(log.clients).toBe(10);
  });

  test("strangers never push anybody out", () => {
    const log = open({ loggedClients: 2_000, loggedBytes: 10_000_000 });
    log.note(party("known"), failure("x"));
    for (let i = 0; i < 5_000; i++) log.note({ sourceIp: `192.0.2.${i}` }, failure("handshake"));
    expect(log.list(ACCOUNT, { clientId: "known" })).toHaveLength(1);
    expect(log.clients).toBe(1_001);
  });

  test("hold whatever happens: a hundred events a client, so many clients, so many bytes", () => {
    const text = fc.string({ maxLength: 3_000 });
    const happening = fc.record({
      account: fc.constantFrom("1", "2", undefined),
      client: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      cause: fc.constantFrom("a", "b", "c"),
      topic: fc.option(text, { nil: undefined }),
      reason: text,
      times: fc.integer({ min: 1, max: 130 }),
      wait: fc.constantFrom(0, 1, 61_000),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
        const limits = { loggedClients: 12, loggedBytes: 200_000 };
        const log = open(limits);
        for (const { account, client, cause, topic, reason, times, wait } of happenings) {
          const clientId = client === undefined ? undefined : `c${client}`;
          for (let i = 0; i < times; i++) {
            clock.advance(wait);
            log.note({ accountId: account, clientId }, failure(cause, { topicName: topic && `${i}${topic}`, reason }));
          }
          expect(log.bytes).toBeLessThanOrEqual(limits.loggedBytes);
          expect(log.clients).toBeLessThanOrEqual(limits.loggedClients);
        }
        let bytes = 0;
        for (const accountId of ["1", "2"]) {
          for (let client = 0; client <= 40; client++) {
            const events = log.list(accountId, { clientId: `c${client}` });
            expect(events.length).toBeLessThanOrEqual(MOST_EVENTS);
            const order = events.map(({ sequence }) => sequence);
            expect(order).toEqual(order.toSorted((a, b) => a - b));
            for (const { reason, topicName = "" } of events) bytes += reason.length + topicName.length;
          }
        }
        // What is counted is what is there.
        expect(bytes).toBeLessThanOrEqual(log.bytes);
        if (log.clients === 0) expect(log.bytes).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
