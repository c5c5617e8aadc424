import { FakeClock, silentLogger } from "@hearth/base";
import { describe, expect, test, vi } from "vitest";
import { createCommandDesk } from "./command-desk.ts";
import { Endpoints } from "./endpoint.ts";
import { ActionError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { ActionRequest, Command } from "./message.ts";

const LAMP = "matter.OnOff@1.4";
const DIMMER = "matter.LevelControl@1.4";

/** A lamp that turns itself off at level 0, a log of what was called, and the answers in order. */
function lamp() {
  const endpoints = new Endpoints();
  const clock = new FakeClock();
  const state = { on: false, level: 10 };
  const calls: string[] = [];
  const answers: { traceId: string; endpoints: JsonObject[] }[] = [];
  const held: (() => void)[] = [];
  const listeners: (() => void)[] = [];
  endpoints
    .add("1", ["On/Off Light"])
    .capability(LAMP, {
      properties: {
        OnOff: {
          get: () => state.on,
          set: (value) => {
            if (typeof value !== "boolean") throw new ActionError("ConstraintError", "OnOff is true or false", 400);
            state.on = value;
          },
        },
        Secret: { get: () => Promise.reject(new Error("sensor broken")) },
      },
      actions: {
        On: () => {
          calls.push("On");
          state.on = true;
        },
        Off: () => {
          calls.push("Off");
          state.on = false;
        },
        Toggle: undefined,
        Break: () => {
          throw new TypeError("wire cut");
        },
        Wait: () => new Promise<void>((resolve) => held.push(resolve)),
        Ask: () => ({ answer: 42 }),
      },
    })
    .capability(DIMMER, {
      properties: { CurrentLevel: { get: () => state.level } },
      actions: {
        MoveToLevel: ({ Level }, { signal }) => {
          calls.push(`MoveToLevel ${Level} ${signal.aborted}`);
          state.level = Number(Level);
          state.on = state.level > 0;
        },
      },
    });
  const desk = createCommandDesk({
    endpoints,
    clock,
    log: silentLogger,
    actionTimeout: 1000,
    async respond(traceId, response) {
      answers.push({ traceId, endpoints: response });
      for (const call of listeners.splice(0)) call();
    },
  });
  const answered = async (count: number) => {
    while (answers.length < count) await new Promise<void>((resolve) => listeners.push(resolve));
    return answers[count - 1]!;
  };
  return { desk, clock, state, calls, answers, answered, held };
}

const command = (traceId: string, id: string, ...actions: (string | ActionRequest)[]): Command => ({
  traceId,
  endpoints: [
    {
      endpointId: "1",
      capabilities: [
        {
          id,
          actions: actions.map((action) => (typeof action === "string" ? { name: action, parameters: {} } : action)),
        },
      ],
    },
  ],
});

describe("a command", () => {
  test("calls the right handlers in order and answers once, with what has changed (row 91)", async () => {
    const { desk, answered, calls } = lamp();
    desk.take({
      traceId: "t1",
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            { id: LAMP, actions: [{ name: "On", parameters: {} }] },
            { id: DIMMER, actions: [{ name: "MoveToLevel", parameters: { Level: 99 } }] },
          ],
        },
      ],
    });
    expect(await answered(1)).toEqual({
      traceId: "t1",
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            {
              id: LAMP,
              actions: [{ name: "On", responseCode: 200, parameters: {} }],
              properties: [{ name: "OnOff", value: true }],
            },
            {
              id: DIMMER,
              actions: [{ name: "MoveToLevel", responseCode: 200, parameters: {} }],
              properties: [{ name: "CurrentLevel", value: 99 }],
            },
          ],
        },
      ],
    });
    expect(calls).toEqual(["On", "MoveToLevel 99 false"]);
  });

  test("that changes another capability of the endpoint reports that too", async () => {
    const { desk, answered, state } = lamp();
    state.on = true;
    desk.take(command("t1", DIMMER, { name: "MoveToLevel", parameters: { Level: 0 } }));
    const [endpoint] = (await answered(1)).endpoints;
    expect(endpoint?.["capabilities"]).toEqual([
      {
        id: DIMMER,
        actions: [{ name: "MoveToLevel", responseCode: 200, parameters: {} }],
        properties: [{ name: "CurrentLevel", value: 0 }],
      },
      { id: LAMP, properties: [{ name: "OnOff", value: false }] },
    ]);
  });

  test.each([
    ["no handler (NULL)", "1", LAMP, "Toggle"],
    ["an action that was never declared", "1", LAMP, "Explode"],
    ["a name that every object has", "1", LAMP, "constructor"],
    ["a capability that is not there", "1", "matter.DoorLock@1.4", "LockDoor"],
    ["an endpoint that is not there", "2", LAMP, "On"],
    ["another version", "1", "matter.OnOff@9.9", "On"],
  ])("%s answers 501 NotImplement (row 91)", async (_what, endpointId, id, name) => {
    const { desk, answered } = lamp();
    desk.take({
      traceId: "t1",
      endpoints: [{ endpointId, capabilities: [{ id, actions: [{ name, parameters: {} }] }] }],
    });
    expect((await answered(1)).endpoints).toMatchObject([
      {
        endpointId,
        capabilities: [{ id, actions: [{ name, responseCode: 501, errors: [{ code: "NotImplement" }] }] }],
      },
    ]);
  });

  test("a handler that throws answers 500, and the next action is still tried", async () => {
    const { desk, answered, calls } = lamp();
    desk.take(command("t1", LAMP, "Break", "On"));
    const { endpoints } = await answered(1);
    expect(endpoints).toMatchObject([
      {
        capabilities: [
          {
            actions: [
              { name: "Break", responseCode: 500, errors: [{ code: "Fail", message: "wire cut" }] },
              { name: "On", responseCode: 200 },
            ],
          },
        ],
      },
    ]);
    expect(calls).toEqual(["On"]);
  });

  test("a handler that never ends answers 504 after its time, and the next command runs", async () => {
    const { desk, answered, clock, held } = lamp();
    desk.take(command("t1", LAMP, "Wait"));
    desk.take(command("t2", LAMP, "On"));
    while (held.length === 0) await Promise.resolve();
    clock.advance(1000);
    expect((await answered(1)).endpoints).toMatchObject([{ capabilities: [{ actions: [{ responseCode: 504 }] }] }]);
    expect((await answered(2)).traceId).toBe("t2");
  });

  test("what a handler returns are the response's parameters; the id may come without its version", async () => {
    const { desk, answered } = lamp();
    desk.take(command("t1", "matter.OnOff", "Ask"));
    expect((await answered(1)).endpoints).toMatchObject([
      { capabilities: [{ id: LAMP, actions: [{ responseCode: 200, parameters: { answer: 42 } }] }] },
    ]);
  });
});

describe("built-in actions", () => {
  test("ReadState answers with the values that were asked for", async () => {
    const { desk, answered } = lamp();
    desk.take(command("t1", LAMP, { name: "ReadState", parameters: { propertiesToRead: ["OnOff"] } }));
    desk.take(command("t2", DIMMER, { name: "ReadState", parameters: { propertiesToRead: ["*"] } }));
    expect((await answered(1)).endpoints).toMatchObject([
      { capabilities: [{ id: LAMP, actions: [{ responseCode: 200 }], properties: [{ name: "OnOff", value: false }] }] },
    ]);
    expect((await answered(2)).endpoints).toMatchObject([
      { capabilities: [{ id: DIMMER, properties: [{ name: "CurrentLevel", value: 10 }] }] },
    ]);
  });

  test.each([
    [{ propertiesToRead: ["Brightness"] }, 400],
    [{ propertiesToRead: ["__proto__"] }, 400],
    [{ propertiesToRead: "OnOff" }, 400],
    [{}, 400],
    [{ propertiesToRead: ["Secret"] }, 500],
  ])("ReadState %j answers %i", async (parameters, responseCode) => {
    const { desk, answered } = lamp();
    desk.take(command("t1", LAMP, { name: "ReadState", parameters: parameters as JsonObject }));
    expect((await answered(1)).endpoints).toMatchObject([{ capabilities: [{ actions: [{ responseCode }] }] }]);
  });

  test("UpdateState writes, and reports what has changed", async () => {
    const { desk, answered, state } = lamp();
    desk.take(command("t1", LAMP, { name: "UpdateState", parameters: { OnOff: true } }));
    expect((await answered(1)).endpoints).toMatchObject([
      { capabilities: [{ actions: [{ responseCode: 200 }], properties: [{ name: "OnOff", value: true }] }] },
    ]);
    expect(state.on).toBe(true);
  });

  test.each([
    ["a property without setter", DIMMER, { CurrentLevel: 5 }, "ReadOnlyProperty"],
    ["an unknown property, and nothing is written", LAMP, { OnOff: true, Colour: 1 }, "UnknownProperty"],
    ["a value that the setter refuses", LAMP, { OnOff: "yes" }, "ConstraintError"],
  ])("UpdateState of %s answers 400", async (_what, id, parameters, code) => {
    const { desk, answered, state } = lamp();
    desk.take(command("t1", id, { name: "UpdateState", parameters: parameters as JsonObject }));
    expect((await answered(1)).endpoints).toMatchObject([
      { capabilities: [{ actions: [{ responseCode: 400, errors: [{ code }] }] }] },
    ]);
    expect(state).toEqual({ on: false, level: 10 });
  });
});

describe("a command that is delivered again", () => {
  test("is answered again without running twice, with the values of now", async () => {
    const { desk, answered, calls } = lamp();
    desk.take(command("t1", LAMP, "On"));
    await answered(1);
    desk.take(command("t2", LAMP, "Off"));
    await answered(2);
    desk.take(command("t1", LAMP, "On"));
    const again = await answered(3);
    expect(again.traceId).toBe("t1");
    expect(again.endpoints).toMatchObject([
      {
        capabilities: [{ actions: [{ name: "On", responseCode: 200 }], properties: [{ name: "OnOff", value: false }] }],
      },
    ]);
    expect(calls).toEqual(["On", "Off"]);
  });

  test("before it is done is answered once", async () => {
    const { desk, answered, answers, held } = lamp();
    desk.take(command("t1", LAMP, "Wait"));
    desk.take(command("t1", LAMP, "Wait"));
    desk.take(command("t2", LAMP, "On"));
    while (held.length === 0) await Promise.resolve();
    held[0]!();
    await answered(2);
    expect(answers.map(({ traceId }) => traceId)).toEqual(["t1", "t2"]);
    expect(held).toHaveLength(1);
  });

  test("is remembered for a bounded number of commands", async () => {
    const { desk, answered, calls } = lamp();
    let count = 0;
    for (let n = 0; n < 300; n++) {
      desk.take(command(`t${n}`, LAMP, "On"));
      await answered(++count);
    }
    desk.take(command("t299", LAMP, "On"));
    await answered(++count);
    expect(calls).toHaveLength(300);
    desk.take(command("t0", LAMP, "On"));
    await answered(++count);
    expect(calls).toHaveLength(301);
  });
});

test("a flood is answered 503 beyond what may wait, and runs nothing of it", async () => {
  const { desk, answered, answers, calls, held } = lamp();
  desk.take(command("first", LAMP, "Wait"));
  for (let n = 0; n < 150; n++) desk.take(command(`t${n}`, LAMP, "On"));
  while (held.length === 0) await Promise.resolve();
  expect(answers).toHaveLength(51);
  expect(answers[0]?.endpoints).toMatchObject([{ capabilities: [{ actions: [{ name: "On", responseCode: 503 }] }] }]);
  held[0]!();
  await answered(151);
  expect(calls).toHaveLength(99);
});

describe("a command whose time is over", () => {
  test("is answered with 504 and not begun: neither what waited, nor the actions behind a slow one", async () => {
    const { desk, clock, calls, answered, held } = lamp();
    desk.take({ ...command("slow", LAMP, "Wait", "On"), lifetime: 500 });
    desk.take({ ...command("behind", LAMP, "On"), lifetime: 500 });
    desk.take({ ...command("patient", LAMP, "Off"), lifetime: 501 });
    await vi.waitUntil(() => held.length > 0, 30_000);
    clock.advance(500);
    held[0]?.();
    const codes = async (count: number) => JSON.stringify(await answered(count)).match(/"responseCode":\d+/g);
    expect(await codes(1)).toEqual(['"responseCode":200', '"responseCode":504']);
    expect(await codes(2)).toEqual(['"responseCode":504']);
    expect(await codes(3)).toEqual(['"responseCode":200']);
    expect(calls).toEqual(["Off"]);
  });

  test("that was carried out in time is answered again all the same", async () => {
    const { desk, clock, calls, answered } = lamp();
    desk.take({ ...command("twice", LAMP, "On"), lifetime: 500 });
    await answered(1);
    clock.advance(500);
    desk.take({ ...command("twice", LAMP, "On"), lifetime: 500 });
    expect(JSON.stringify(await answered(2))).toContain('"responseCode":200');
    expect(calls).toEqual(["On"]);
  });
});

test("the outcome of an action repeats its ref and actionTraceId", async () => {
  const { desk, answered } = lamp();
  const quoted = { ref: "app.lamp", actionTraceId: "abcdefghijklmno=" };
  desk.take(command("quoting", LAMP, { name: "On", parameters: {}, ...quoted }, { name: "Off", parameters: {} }));
  const { endpoints } = await answered(1);
  expect(endpoints).toMatchObject([{ capabilities: [{ actions: [{ name: "On", ...quoted }, { name: "Off" }] }] }]);
  expect(JSON.stringify(endpoints).match(/"ref"/g)).toHaveLength(1);
});
