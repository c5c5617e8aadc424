import { silentLogger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { describe, expect, test } from "vitest";
import type { Delivery, Message, Outcome, Publisher, ReservedTopic } from "./message.ts";
import { createRouter, TopicRefused } from "./router.ts";

const device: Publisher = { accountId: "1", region: "r", clientId: "light", principalId: "cert" };
const platform: Publisher = { accountId: "1", region: "r", principalId: "platform" };

const message = (topic: string, text = "", more: Partial<Message> = {}): Message => ({
  accountId: "1",
  topic,
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
  ...more,
});

/** Writes down what leaves; `durable` decides what `deliver` answers. */
function recorder(durable: () => Promise<void> | undefined = () => undefined) {
  const sent: string[] = [];
  const delivery: Delivery = {
    deliver({ topic, payload }) {
      sent.push(`${topic} ${Buffer.from(payload).toString()}`.trim());
      return durable();
    },
    async deliverTogether(messages, _, writes) {
      sent.push(...writes.map(({ sql }) => `stored ${sql}`), ...messages.map(({ topic }) => topic));
    },
    reply(clientId, { topic }) {
      sent.push(`${clientId} < ${topic}`);
      return true;
    },
    async store({ sql }) {
      sent.push(`stored ${sql}`);
    },
  };
  return { sent, delivery };
}

function build(reserved: ReservedTopic[], durable?: () => Promise<void> | undefined) {
  const router = createRouter({ reserved, log: silentLogger });
  const { sent, delivery } = recorder(durable);
  router.attach(delivery);
  return { router, sent };
}

const topic = (filter: string, handle: ReservedTopic["handle"], deliver = false): ReservedTopic => ({
  filter,
  deliver,
  handle,
});

/** A promise that is settled from outside. */
function gate<T>() {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("ordinary topics", () => {
  test("go straight to the broker, without a promise where none is needed", () => {
    const { router, sent } = build([]);
    expect(router.publish(message("a/b", "x"), device)).toBeUndefined();
    expect(sent).toEqual(["a/b x"]);
  });

  test("the broker's promise is passed on", async () => {
    const { promise, open } = gate<void>();
    const { router } = build([], () => promise);
    expect(router.publish(message("a/b"), device)).toBe(promise);
    open();
    await promise;
  });

  test("a $ topic that nobody reserved is refused to clients and open to the platform", async () => {
    const { router, sent } = build([]);
    await expect(router.publish(message("$aws/events/x"), device)).rejects.toBeInstanceOf(TopicRefused);
    expect(sent).toEqual([]);
    expect(router.publish(message("$aws/events/x"), platform)).toBeUndefined();
    expect(sent).toEqual(["$aws/events/x"]);
  });
});

describe("reserved topics", () => {
  test("the levels behind + are given in order, the most literal filter wins", async () => {
    const seen: string[] = [];
    const note = (name: string) => async (levels: readonly string[]) => {
      seen.push(`${name} ${levels.join()}`);
      return {};
    };
    const { router } = build([
      topic("$aws/things/+/shadow/name/+/get", note("named")),
      topic("$aws/things/+/shadow/get", note("classic")),
      topic("$aws/things/special/shadow/get", note("special")),
      topic("$aws/things/+/defender/#", note("rest")),
      topic("north/+/control", note("north")),
    ]);
    for (const name of [
      "$aws/things/t/shadow/get",
      "$aws/things/special/shadow/get",
      "$aws/things/special/shadow/name/n/get",
      "$aws/things/t/defender/metrics/json",
      "north/t/control",
    ]) {
      await router.publish(message(name), device);
    }
    expect(seen).toEqual(["classic t", "special ", "named special,n", "rest t", "north t"]);
    await expect(router.publish(message("$aws/things/t/shadow/get/accepted"), device)).rejects.toThrow(TopicRefused);
    expect(router.publish(message("north/t"), device)).toBeUndefined();
  });

  test("what the handler wants sent leaves after its promise", async () => {
    const { promise, open } = gate<Outcome>();
    const { router, sent } = build([topic("$aws/x", () => promise)]);
    let acknowledged = false;
    const published = router.publish(message("$aws/x"), device)!.then(() => {
      acknowledged = true;
    });
    await turn();
    expect(sent).toEqual([]);
    open({ publish: [message("$aws/x/accepted", "1")], reply: [message("$aws/x/reply")] });
    await published;
    expect(acknowledged).toBe(true);
    expect(sent).toEqual(["light < $aws/x/reply", "$aws/x/accepted 1"]);
  });

  test("the acknowledgement waits until what was sent is durable", async () => {
    const { promise, open } = gate<void>();
    const { router } = build([topic("$aws/x", async () => ({ publish: [message("out")] }))], () => promise);
    let acknowledged = false;
    const published = router.publish(message("$aws/x"), device)!.then(() => {
      acknowledged = true;
    });
    await turn();
    expect(acknowledged).toBe(false);
    open();
    await published;
  });

  test("a request is delivered to its topic's subscribers only where the table says so", async () => {
    const { router, sent } = build([
      topic("$aws/heard", async () => ({}), true),
      topic("$aws/private", async () => ({})),
    ]);
    await router.publish(message("$aws/heard"), device);
    await router.publish(message("$aws/private"), device);
    expect(sent).toEqual(["$aws/heard"]);
  });

  test("outcomes of one client keep its order, those of others do not wait", async () => {
    const slow = gate<Outcome>();
    const entered: string[] = [];
    const { router, sent } = build([
      topic("$aws/+", (levels) => {
        entered.push(levels[0]!);
        return levels[0] === "slow" ? slow.promise : Promise.resolve({ publish: [message("quick")] });
      }),
    ]);
    const all = [
      router.publish(message("$aws/slow"), device),
      router.publish(message("$aws/quick"), device),
      router.publish(message("$aws/quick"), { ...device, clientId: "other" }),
    ];
    expect(entered).toEqual(["slow", "quick", "quick"]);
    await all[2];
    expect(sent).toEqual(["quick"]);
    slow.open({ publish: [message("slow")] });
    await Promise.all(all);
    expect(sent).toEqual(["quick", "slow", "quick"]);
  });

  test("a modelled error is logged and handled; any other rejects, and the next request goes on", async () => {
    const broken = gate<Outcome>();
    const { router, sent } = build([
      topic("$aws/refused", async () => {
        throw new ServiceError("InvalidRequestException", "no");
      }),
      topic("$aws/broken", () => broken.promise),
      topic("$aws/fine", async () => ({ publish: [message("fine")] })),
      topic("$aws/thrown", () => {
        throw new TypeError("at once");
      }),
    ]);
    await expect(router.publish(message("$aws/refused"), device)).resolves.toBeUndefined();
    const failing = router.publish(message("$aws/broken"), device)!;
    const following = router.publish(message("$aws/fine"), device)!;
    broken.fail(new TypeError("bug"));
    await expect(failing).rejects.toThrow("bug");
    await following;
    expect(sent).toEqual(["fine"]);
    await expect(router.publish(message("$aws/thrown"), device)).rejects.toThrow("at once");
  });

  test("retained messages have no place on $ topics", async () => {
    const { router } = build([topic("$aws/x", async () => ({}))]);
    await expect(router.publish(message("$aws/x", "", { retain: true }), device)).rejects.toThrow(TopicRefused);
  });

  test("send passes reserved topics by", async () => {
    const { router, sent } = build([topic("$aws/x", async () => ({ publish: [message("never")] }))]);
    expect(router.send([message("$aws/x"), message("b")], platform)).toBeUndefined();
    expect(sent).toEqual(["$aws/x", "b"]);
  });
});

test("a table with two handlers for one filter, or a bad filter, is a defect", () => {
  const handle = async () => ({});
  expect(() => createRouter({ reserved: [topic("a/+", handle), topic("a/+", handle)], log: silentLogger })).toThrow();
  expect(() => createRouter({ reserved: [topic("a/#/b", handle)], log: silentLogger })).toThrow();
});

describe("what is committed alongside a message", () => {
  const alongside = { sql: "the identifier", params: [] };

  test("goes with the broker's own writes", () => {
    const given: unknown[] = [];
    const router = createRouter({ reserved: [], log: silentLogger });
    router.attach({
      deliver: (_message, _publisher, write) => {
        given.push(write);
        return undefined;
      },
      deliverTogether: async () => {},
      reply: () => false,
      store: async () => {},
    });
    router.publish(message("a"), device, alongside);
    expect(given).toEqual([alongside]);
  });

  test("comes after what a reserved topic's handler does, and not at all when that fails", async () => {
    const { router, sent } = build([
      { filter: "$aws/ok", deliver: true, handle: async () => ({ publish: [message("done")] }) },
      {
        filter: "$aws/fails",
        deliver: false,
        handle: async () => {
          throw new Error("broken");
        },
      },
    ]);
    await router.publish(message("$aws/ok"), device, alongside);
    expect(sent).toEqual(["$aws/ok", "done", "stored the identifier"]);
    await expect(router.publish(message("$aws/fails"), device, alongside)).rejects.toThrow("broken");
    expect(sent).toHaveLength(3);
  });
});
