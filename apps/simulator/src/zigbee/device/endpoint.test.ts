import { FakeClock } from "@hearth/base";
import { describe, expect, it } from "vitest";
import { zigbeeType, zigbeeTypes } from "../../catalogue.ts";
import type { FieldSpec } from "../zcl/cluster.ts";
import type { ClusterServer } from "../zcl/cluster-server.ts";
import { type ZclTypeName, zclTypes } from "../zcl/data-types.ts";
import { Endpoint } from "./endpoint.ts";

function endpointOf(type: string) {
  const clock = new FakeClock();
  const sent: { cluster: number; frame: string; to: unknown }[] = [];
  const spec = zigbeeType(type).endpoints[0];
  if (!spec) throw new Error(`${type} has no endpoint`);
  let sequence = 0x50;
  const endpoint = new Endpoint(spec, {
    clock,
    nextSequence: () => sequence++,
    send: (cluster, frame, to) => sent.push({ cluster, frame: frame.toString("hex"), to }),
    changed: () => {},
  });
  /** Frame in, answer out; spaces are for the reader. */
  const ask = (cluster: number, frame: string, unicast = true) => {
    const answer = endpoint.receive(cluster, Buffer.from(frame.replaceAll(" ", ""), "hex"), unicast);
    endpoint.settle();
    return answer?.toString("hex");
  };
  const set = (cluster: string, attribute: string, value: number | boolean | string) => {
    const server = endpoint.find(cluster);
    const found = server?.attribute(attribute);
    if (!server || !found) throw new Error(`no ${cluster}/${attribute}`);
    server.set(found, value);
    endpoint.settle();
  };
  const value = (cluster: string, attribute: string) => {
    const server = endpoint.find(cluster);
    return server?.value(server.attribute(attribute)?.id ?? -1);
  };
  return { clock, sent, endpoint, ask, set, value };
}

describe("general commands, octet by octet", () => {
  it("reads: values with their types, and what is not there", () => {
    const { ask } = endpointOf("plug");
    expect(ask(6, "00 11 00 0000 7777")).toBe("181101" + "0000001000" + "777786");
    expect(ask(0, "00 12 00 0400")).toBe(`1812010400004206${Buffer.from("Hearth").toString("hex")}`);
    expect(ask(0, "00 13 00 fdff")).toBe("181301fdff00210100");
    expect(ask(0, "00 14 00 04")).toBe("18140b0080");
  });

  it("reads structured: a value as a whole, and no element of it", () => {
    const { ask } = endpointOf("plug");
    expect(ask(6, "00 15 0e 0000 00")).toBe("1815010000001000");
    expect(ask(6, "00 16 0e 0000 01 0200")).toBe("18160100008e");
  });

  it("writes: each by itself, all or none, and without an answer", () => {
    const { ask, value } = endpointOf("plug");
    // onTime, and onOff which nobody writes
    expect(ask(6, "00 21 02 0140 21 0500 0000 10 01")).toBe("18210488" + "0000");
    expect(value("OnOff", "onTime")).toBe(5);
    expect(ask(6, "00 22 03 0140 21 0900 0000 10 01")).toBe("18220488" + "0000");
    expect(value("OnOff", "onTime")).toBe(5);
    expect(ask(6, "10 23 05 0140 21 0900")).toBeUndefined();
    expect(value("OnOff", "onTime")).toBe(9);
    expect(ask(6, "00 24 02 0140 20 05")).toBe("1824048d0140");
    expect(ask(6, "00 25 02 0140 21 0700")).toBe("18250400");
  });

  it("refuses a value out of its range", () => {
    const { ask, value } = endpointOf("thermostat");
    expect(ask(0x0201, "00 26 02 1200 29 7017")).toBe("182604871200");
    expect(value("Thermostat", "occupiedHeatingSetpoint")).toBe(2000);
  });

  it("discovers attributes, with their access, and commands", () => {
    const { ask } = endpointOf("temperature-humidity");
    expect(ask(0x0402, "00 31 0c 0000 02")).toBe("18310d00" + "000029" + "010029");
    expect(ask(0x0402, "00 32 15 0300 08")).toBe("18321601" + "03002101" + "fdff2101");
    const plug = endpointOf("plug");
    expect(plug.ask(6, "00 33 11 00 ff")).toBe("18331201000102404142");
    expect(plug.ask(6, "00 34 11 01 01")).toBe("1834120001");
    expect(endpointOf("motion").ask(0x0500, "00 35 13 00 ff")).toBe("183514010001");
  });

  it("keeps a reporting configuration and tells it", () => {
    const { ask } = endpointOf("temperature-humidity");
    expect(ask(0x0402, "00 41 08 00 0000")).toBe("1841098b000000");
    expect(ask(0x0402, "00 42 06 00 0000 29 0a00 5802 3200")).toBe("18420700");
    expect(ask(0x0402, "00 43 08 00 0000")).toBe("184309000000002" + "90a0058023200");
    // Not reportable, of another type, not there
    expect(ask(0x0402, "00 44 06 00 0100 29 0a00 5802 3200")).toBe("1844078c000100");
    expect(ask(0x0402, "00 45 06 00 0000 21 0a00 5802 3200")).toBe("1845078d000000");
    expect(ask(0x0402, "00 46 06 00 9999 29 0a00 5802 3200")).toBe("184607860" + "09999");
  });

  it("answers with a default response: always on an error, on success unless that is unwanted, never to a broadcast", () => {
    const { ask, value } = endpointOf("plug");
    expect(ask(6, "01 51 01")).toBe("18510b0100");
    expect(ask(6, "11 52 00")).toBeUndefined();
    expect(ask(6, "11 53 7f")).toBe("18530b7f81");
    expect(ask(0x0099, "01 54 00")).toBe("18540b00c3");
    expect(ask(6, "01 55 01", false)).toBeUndefined();
    expect(value("OnOff", "onOff")).toBe(true);
    expect(ask(6, "00 56 0b 01 00")).toBeUndefined();
    // Another maker's command, with its code in the answer
    expect(ask(6, "05 5f11 57 01")).toBe("1c5f11570b0181");
    expect(ask(6, "01")).toBeUndefined();
    expect(ask(8, "")).toBeUndefined();
  });

  it("refuses a command that ends before its fields do, and takes one without its optional ones", () => {
    const { ask, value } = endpointOf("color-light");
    expect(ask(8, "01 61 04 80")).toBe("18610b0480");
    expect(ask(8, "01 62 04 80 0000")).toBe("18620b0400");
    expect(value("Level", "currentLevel")).toBe(128);
    expect(ask(8, "01 63 04 80 0000 00 00")).toBe("18630b0400");
    expect(ask(8, "01 64 04 ff 0000")).toBe("18640b0487");
  });
});

describe("reporting", () => {
  const configured = (minimum: string, maximum: string, change: string) => {
    const made = endpointOf("temperature-humidity");
    made.ask(0x0402, `00 01 06 00 0000 29 ${minimum} ${maximum} ${change}`);
    return made;
  };
  const report = (value: string, sequence: string) => ({
    cluster: 0x0402,
    frame: `18${sequence}0a000029${value}`,
    to: "bound",
  });

  it("tells a value that moved by the reportable change, not one that moved by less", () => {
    const { set, sent } = configured("0000", "0000", "3200");
    set("Temperature", "temperature", 2199);
    expect(sent).toEqual([]);
    set("Temperature", "temperature", 2200);
    expect(sent).toEqual([report("9808", "50")]);
  });

  it("waits for the minimum interval, and then tells the last value", () => {
    const { set, sent, clock } = configured("0a00", "0000", "0100");
    set("Temperature", "temperature", 2200);
    expect(sent).toEqual([report("9808", "50")]);
    clock.advance(4_000);
    set("Temperature", "temperature", 2300);
    set("Temperature", "temperature", 2400);
    expect(sent).toHaveLength(1);
    clock.advance(6_000);
    expect(sent.slice(1)).toEqual([report("6009", "51")]);
    clock.advance(60_000);
    expect(sent).toHaveLength(2);
  });

  it("tells nothing when the value went back within the minimum interval", () => {
    const { set, sent, clock } = configured("0a00", "0000", "0100");
    set("Temperature", "temperature", 2200);
    set("Temperature", "temperature", 2300);
    set("Temperature", "temperature", 2200);
    clock.advance(20_000);
    expect(sent).toHaveLength(1);
  });

  it("tells the value at the maximum interval though it did not change, counted from the last report", () => {
    const { set, sent, clock } = configured("0000", "1e00", "0100");
    clock.advance(30_000);
    expect(sent).toEqual([report("6608", "50")]);
    clock.advance(20_000);
    set("Temperature", "temperature", 2300);
    expect(sent).toHaveLength(2);
    clock.advance(29_000);
    expect(sent).toHaveLength(2);
    clock.advance(1_000);
    expect(sent).toHaveLength(3);
  });

  it("ends with 0xffff as the maximum", () => {
    const { set, sent, ask } = configured("0000", "1e00", "0100");
    expect(ask(0x0402, "00 02 06 00 0000 29 0000 ffff 0100")).toBe("18020700");
    set("Temperature", "temperature", 2300);
    expect(sent).toEqual([]);
  });

  it("puts what one command changed in a cluster in one frame, and a discrete value whenever it changed", () => {
    const { ask, sent } = endpointOf("color-light");
    ask(0x0300, "00 01 06 00 0300 21 0000 0000 0000 00 0400 21 0000 0000 0000 00 0800 30 0000 0000");
    ask(0x0300, "01 02 07 0010 0020 0000");
    expect(sent).toEqual([{ cluster: 0x0300, frame: "18500a030021" + "0010" + "040021" + "0020", to: "bound" }]);
  });
});

describe("clusters as data", () => {
  it("an IAS zone enrols when it is told whose it is, and tells its status from then on", () => {
    const { ask, set, sent, value } = endpointOf("motion");
    const to = { address: "0248656100112233" };
    set("IasZone", "motion", true);
    set("IasZone", "motion", false);
    expect(sent).toEqual([]);
    ask(0x0500, "00 01 02 1000 f0 3322110061654802");
    expect(sent).toEqual([{ cluster: 0x0500, frame: "0950010d00f1ff", to }]);
    ask(0x0500, "01 02 00 00 17");
    expect(value("IasZone", "zoneState")).toBe(1);
    set("IasZone", "motion", true);
    expect(sent[1]).toEqual({ cluster: 0x0500, frame: "095100" + "0100" + "00" + "17" + "0000", to });
  });

  it("an appliance's timer counts its minutes down, is paused, and ends", () => {
    const { ask, clock, value, sent } = endpointOf("radiator-valve");
    // Finish in 1 h 01 min, start
    expect(ask(0x001b, "01 01 02 0100 21 0101")).toBe("18010b0200");
    ask(0x001b, "01 02 00 01");
    clock.advance(60_000);
    expect(value("ApplianceControl", "remainingTime")).toBe(0x0100);
    clock.advance(60_000);
    expect(value("ApplianceControl", "remainingTime")).toBe(59);
    ask(0x001b, "01 03 00 03");
    expect(ask(0x001b, "01 04 01")).toBe("190400060f");
    clock.advance(600_000);
    expect(value("ApplianceControl", "remainingTime")).toBe(59);
    ask(0x001b, "01 05 00 01");
    clock.advance(59 * 60_000);
    expect(value("ApplianceControl", "remainingTime")).toBe(0);
    expect(ask(0x001b, "01 06 01")).toBe("190600070f");
    // Running, paused, running, ended
    expect(sent.map(({ frame }) => frame.slice(6))).toEqual(["050f", "060f", "050f", "070f"]);
    expect(ask(0x001b, "01 07 02 0200 21 0101")).toBe("18070b0285");
  });

  it("a garage door's three clusters agree wherever it stands", () => {
    const { ask, value } = endpointOf("garage-door");
    const state = () => [value("Covering", "currentPositionLiftPercentage"), value("OnOff", "onOff")];
    const level = () => Number(value("Level", "currentLevel"));
    expect([...state(), level()]).toEqual([100, false, 1]);
    for (let percentage = 0; percentage <= 100; percentage += 1) {
      ask(0x0102, `01 01 05 ${percentage.toString(16).padStart(2, "0")}`);
      expect(state()).toEqual([percentage, percentage < 100]);
      expect(Math.abs(level() - ((100 - percentage) * 254) / 100)).toBeLessThanOrEqual(1);
    }
    for (let wanted = 1; wanted <= 254; wanted += 1) {
      ask(8, `01 01 00 ${wanted.toString(16).padStart(2, "0")} 0000`);
      expect(Math.abs(level() - wanted)).toBeLessThanOrEqual(1.5);
    }
    ask(6, "01 02 00");
    expect([...state(), level()]).toEqual([100, false, 1]);
    ask(6, "01 03 01");
    expect([...state(), level()]).toEqual([0, true, 254]);
  });

  it("a light is off at its lowest level, a plug goes off after its time", () => {
    const light = endpointOf("smart-bulb");
    light.ask(8, "01 01 04 80 0000");
    expect(light.value("OnOff", "onOff")).toBe(true);
    light.ask(8, "01 02 05 01 10");
    expect([light.value("OnOff", "onOff"), light.value("Level", "currentLevel")]).toEqual([false, 1]);
    const plug = endpointOf("plug");
    plug.ask(6, "01 01 42 00 1400 0000");
    plug.clock.advance(1_000);
    expect(plug.value("OnOff", "onOff")).toBe(true);
    plug.clock.advance(1_000);
    expect(plug.value("OnOff", "onOff")).toBe(false);
  });

  it.each(zigbeeTypes.map(({ name }) => name))(
    "%s: every command and every value does what is written, and ends",
    (type) => {
      const { endpoint, clock } = endpointOf(type);
      const lengths: [ClusterServer, number][] = [];
      for (const server of endpoint.clusters) {
        for (const command of server.spec.commands ?? []) {
          for (const octet of [0, 1]) {
            const payload = Buffer.concat((command.fields ?? []).map((field) => fieldOf(field, octet)));
            const outcome = server.execute(command, payload);
            expect([0x00, 0x85, 0x87]).toContain(outcome.status);
          }
        }
        for (const attribute of server.spec.attributes) {
          for (const value of [attribute.min ?? 0, attribute.max ?? 1]) {
            server.set(
              attribute,
              zclTypes[attribute.type].decode(zclTypes[attribute.type].encode(value), 0)?.value ?? 0,
            );
          }
        }
        lengths.push([server, server.content().length]);
      }
      clock.advance(10_000);
      for (const [server, length] of lengths) expect(length).toBe(server.spec.attributes.length);
    },
  );
});

function fieldOf([, type]: FieldSpec, octet: number): Buffer {
  if (type === "typed") return Buffer.from([0x21, octet, 0]);
  const codec = zclTypes[type.replace("?", "") as ZclTypeName];
  return codec.encode(octet);
}
