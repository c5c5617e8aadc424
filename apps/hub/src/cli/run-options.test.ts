import { resolve } from "node:path";
import { expect, test } from "vitest";
import { childFlags, type RunFlags, readRunFlags } from "./run-options.ts";

const FLAGS: RunFlags = {
  ...{ config: "/c.json", state: "/s", run: "/r", logs: "/l" },
  ...{ zigbeeAdapter: "zstack", children: true, logLevel: "info" },
};

test("what is built in keeps its name, for the radios' processes too; a module is found from here", () => {
  const builtIn = readRunFlags({ ...FLAGS, custom: ["matter"], certificateHandler: "pkcs11" });
  expect(builtIn.settings).toMatchObject({ customPlugins: ["matter"], certificateHandler: "pkcs11" });
  const flags = childFlags("MQTTProxy", builtIn);
  expect(flags.slice(flags.indexOf("--custom"))).toEqual(["--custom", "matter", "--certificate-handler", "pkcs11"]);
  const { settings } = readRunFlags({ ...FLAGS, custom: ["bulb.ts"], certificateHandler: "./tpm.ts" });
  expect(settings).toMatchObject({ customPlugins: [resolve("bulb.ts")], certificateHandler: resolve("tpm.ts") });
});

test("flags that make no sense are named", () => {
  const refused = (flags: Partial<RunFlags>) => () => readRunFlags({ ...FLAGS, ...flags });
  expect(refused({ zigbeeAdapter: "usb" })).toThrow("--zigbee-adapter: there is no usb");
  expect(refused({ zigbee: "ttyUSB0" })).toThrow("--zigbee: ttyUSB0 is neither");
  expect(refused({ zwave: "tcp://there" })).toThrow("--zwave: tcp://there is neither");
  expect(refused({ logLevel: "loud" })).toThrow("--log-level: there is no loud");
  expect(refused({ part: ["Radio"] })).toThrow("--part: there is no Radio");
  expect(refused({ run: `/${"r".repeat(100)}` })).toThrow("is too long for the sockets");
});
