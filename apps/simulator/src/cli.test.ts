import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { type SimulateOptions, simulate } from "./cli.ts";

function start(protocol: string, options: SimulateOptions) {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: "utf8" });
  let interrupt = () => {};
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  let text = "";
  let heard = () => {};
  output.on("data", (chunk) => {
    text += chunk;
    heard();
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text);
      if (found) return found;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { ended: simulate(protocol, options, { input, output, interrupted }), input, interrupt, until };
}

const connects = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

describe("hearth simulate", () => {
  it("has the coordinator that is asked for, and says which there are", async () => {
    const { ended, interrupt, until } = start("zigbee", { device: ["plug"], coordinator: "ember" });
    await until(/EmberZNet, EZSP 13: start the hub with --zigbee-adapter ember\) on tcp:/);
    interrupt();
    await ended;
    const refused = (protocol: string, coordinator: string) =>
      start(protocol, { device: ["plug"], coordinator }).ended.catch((error: Error) => error.message);
    expect(await refused("zigbee", "deconz")).toBe("there is no coordinator deconz: say zstack or ember");
    expect(await refused("zwave", "ember")).toBe("a coordinator is Zigbee's: leave --coordinator out");
  });

  it("says where the radio is and each device's label, takes lines, and ends when interrupted", async () => {
    const { ended, input, interrupt, until } = start("zigbee", { device: ["color-light", "motion:2"] });
    const [, port] = await until(/tcp:\/\/127\.0\.0\.1:(\d+)/);
    await until(/color-light-1 {2}Z:[0-9A-F]{16}\$I:[0-9A-F]{36}\n/);
    await until(/motion-2 +Z:/);
    await until(/loss <0\.\.1> /);
    expect(await connects(Number(port))).toBe(true);
    input.write("set motion-2 motion true\n");
    await until(/^ok$/m);
    input.write("read motion-2 1/1280/2\n");
    await until(/^1$/m);
    input.write("set motion-1 brightness 3\n");
    await until(/^error: motion-1 has no brightness; it has .*motion/m);
    input.write("dance\n");
    await until(/^error: there is no command dance/m);
    interrupt();
    await ended;
    expect(await connects(Number(port))).toBe(false);
  });

  it("ends when it is told to", async () => {
    const { ended, input } = start("zigbee", { device: ["plug"] });
    input.write("quit\n");
    await ended;
  });

  it.each([
    ["bluetooth", { device: ["plug"] }, /there is no radio bluetooth: say zigbee/],
    ["zigbee", {}, /name at least one device by --device <type>; types are smart-bulb, /],
    ["zigbee", { device: ["toaster"] }, /there is no device toaster; types are /],
    ["zigbee", { device: ["plug:1000"] }, /a whole number up to 500, not 1000/],
    ["zigbee", { device: ["plug"], port: "http" }, /the port is a whole number up to 65535, not http/],
  ])("refuses %s %j", async (protocol, options, message) => {
    await expect(start(protocol, options).ended).rejects.toThrow(message);
  });
});
