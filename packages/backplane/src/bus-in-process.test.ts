import { createLogger, silentLogger } from "@hearth/base";
import { describe, expect, test } from "vitest";
import { subject } from "./bus.ts";
import { createBus } from "./bus-in-process.ts";

const connected = subject<{ clientId: string }>("connected");
const other = subject<number>("other");

describe("the in-process bus", () => {
  test("calls the subscribers of the subject before publish returns, in order", () => {
    const bus = createBus(silentLogger);
    const heard: string[] = [];
    bus.subscribe(connected, ({ clientId }) => heard.push(`first ${clientId}`));
    bus.subscribe(connected, ({ clientId }) => heard.push(`second ${clientId}`));
    bus.subscribe(other, (number) => heard.push(`other ${number}`));
    bus.publish(connected, { clientId: "a" });
    bus.publish(other, 1);
    expect(heard).toEqual(["first a", "second a", "other 1"]);
    bus.publish(subject("nobody listens"), 1);
  });

  test("ending a subscription takes effect at once, a new one with the next message", () => {
    const bus = createBus(silentLogger);
    const heard: string[] = [];
    bus.subscribe(other, () => {
      heard.push("first");
      end();
      bus.subscribe(other, () => heard.push("new"));
    });
    const end = bus.subscribe(other, () => heard.push("ended"));
    bus.publish(other, 1);
    expect(heard).toEqual(["first"]);
    bus.publish(other, 2);
    expect(heard).toEqual(["first", "first", "new"]);
    end();
  });

  test("a subscriber that throws or rejects is logged and hinders nobody", async () => {
    const logged: unknown[] = [];
    const log = createLogger("silent");
    log.error = (bindings: unknown) => void logged.push(bindings);
    const bus = createBus(log);
    const heard: number[] = [];
    bus.subscribe(other, () => {
      throw new Error("sync");
    });
    bus.subscribe(other, async () => {
      throw new Error("async");
    });
    bus.subscribe(other, (number) => heard.push(number));
    bus.publish(other, 7);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([7]);
    expect(logged).toMatchObject([
      { subject: "other", err: { message: "sync" } },
      { subject: "other", err: { message: "async" } },
    ]);
  });
});
