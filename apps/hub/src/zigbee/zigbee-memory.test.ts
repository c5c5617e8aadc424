import type { Admission } from "./dpk/dpk.ts";
import { createMemoryDpk, type MemoryDpk, type MemoryZigbeeDevice } from "./dpk/memory-dpk.ts";
import { dpkSuite, type SuiteDevice, startBridge } from "./dpk-suite.ts";
import { T } from "./zcl.ts";

function plug(address: string, radio: () => MemoryDpk): SuiteDevice {
  const attributes: MemoryZigbeeDevice["attributes"] = new Map([
    ["1/6/0", { type: T.boolean, data: Buffer.from([0]) }],
    ["1/6/16387", { type: T.enum8, data: Buffer.from([0]) }],
  ]);
  const device: MemoryZigbeeDevice = {
    ...{ address: address.toLowerCase(), interviewed: true, sleepy: false, attributes },
    endpoints: [{ id: 1, profile: 0x0104, deviceType: 0x0051, inputs: [0, 6], outputs: [] }],
    obey({ cluster }, { command }) {
      if (cluster === 6 && command < 2) attributes.set("1/6/0", { type: T.boolean, data: Buffer.from([command]) });
      return undefined;
    },
  };
  const value = (key: string) => attributes.get(key)?.data[0] ?? -1;
  return {
    address,
    label: `Z:${address}$I:83FED3407A939723A5C639B26916D505C3B5`,
    powerOn: () => void radio().powerOn(device),
    press: (on) => radio().change(device.address, 1, 6, { id: 0, type: T.boolean, data: Buffer.from([on ? 1 : 0]) }),
    isOn: () => value("1/6/0") === 1,
    startUp: () => value("1/6/16387"),
  };
}

dpkSuite("the DPK in memory", async () => {
  let admit: Admission = () => "stranger";
  const dpk = createMemoryDpk((address) => admit(address));
  const radio = () => dpk;
  return {
    plug: plug("00158D00AABBCC01", radio),
    stranger: plug("00158D00AABBCC02", radio),
    start: () =>
      startBridge((_context, decide) => {
        admit = decide;
        return dpk;
      }),
    close: async () => {},
  };
});
