import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { FakeClock } from "@hearth/base";
import { afterEach, describe, expect, it } from "vitest";
import type { RadioOptions, VirtualDevice, ZigbeeMesh } from "../virtual-device.ts";
import { withCrc } from "./install-code.ts";
import { startMesh } from "./mesh.ts";
import { euiToWire, octets, u16 } from "./octets.ts";
import { ScriptedHost } from "./scripted-host.ts";

const NETWORK = {
  panId: 0x1a62,
  extendedPanId: Buffer.from("0102030405060708", "hex"),
  key: Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
  channel: 15,
};
const ON = Buffer.from("010101", "hex");
const READ_ON_OFF = Buffer.from("0002000000", "hex");

describe("a mesh that a host speaks to by hand", () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(options: RadioOptions, form = true) {
    const clock = new FakeClock();
    const mesh = await startMesh(options, clock);
    closing.push(() => mesh.close());
    const host = await ScriptedHost.connect(mesh.port);
    closing.push(() => host.close());
    if (form) await host.formNetwork(NETWORK);
    return { clock, mesh, host };
  }

  /** Lets a device in; its address in the network. */
  async function join(host: ScriptedHost, device: VirtualDevice): Promise<number> {
    await host.permitJoin(60);
    device.powerOn();
    const joined = await host.indication(5, 0xca);
    await host.indication(5, 0xc1);
    return joined.readUInt16LE(0);
  }

  const only = (mesh: ZigbeeMesh, index = 0): VirtualDevice => {
    const device = mesh.devices[index];
    if (!device) throw new Error("no device");
    return device;
  };
  const addressOf = (device: VirtualDevice) => device.label.slice(2, 18);
  const addInstallCode = (host: ScriptedHost, device: VirtualDevice, code: string) =>
    host.request(15, 0x04, octets(1, euiToWire(addressOf(device)), Buffer.from(code, "hex")));

  it("answers as the API says", async () => {
    const { host } = await start({ devices: [] }, false);
    expect((await host.request(1, 0x01)).toString("hex")).toBe("7906");
    expect((await host.request(1, 0x02)).subarray(0, 5).toString("hex")).toBe("0201020701");
    // No network, no address of an endpoint, and state: on hold
    expect((await host.request(5, 0x50)).subarray(2, 5).toString("hex")).toBe("00ffff");
    await host.formNetwork(NETWORK);
    const info = await host.request(5, 0x50);
    expect(info.subarray(0, 7).toString("hex")).toBe("000009621a0000");
    expect(info.subarray(7, 15).toString("hex")).toBe("0807060504030201");
    expect(info[23]).toBe(15);
    const nib = await host.request(1, 0x1c, octets(u16(0x21), u16(0)));
    expect(nib.subarray(0, 2).toString("hex")).toBe("0074");
    expect([nib[26], nib.readUInt16LE(38)]).toEqual([15, 0x1a62]);
    // The key under which it runs, with its sequence number
    const key = await host.request(1, 0x08, octets(u16(0x3a), 0));
    expect(key.toString("hex")).toBe(`001100${NETWORK.key.toString("hex")}`);
  });

  it("keeps items of any length, in parts, and deletes one whose length is named", async () => {
    const { host } = await start({ devices: [] }, false);
    const id = u16(0x0f07);
    const status = async (command: number, data: Buffer) => (await host.request(1, command, data))[0];
    expect((await host.request(1, 0x13, id)).toString("hex")).toBe("0000");
    expect(await status(0x08, octets(id, 0))).toBe(0x0a);
    // Created: `item did not exist, and is there now`
    expect(await status(0x07, octets(id, u16(300), 2, 0xaa, 0xbb))).toBe(0x09);
    expect(await status(0x07, octets(id, u16(300), 0))).toBe(0x00);
    expect(await status(0x1d, octets(id, u16(298), u16(2), 0xcc, 0xdd))).toBe(0);
    expect(await status(0x1d, octets(id, u16(299), u16(2), 0xcc, 0xdd))).toBe(0x0a);
    const first = await host.request(1, 0x1c, octets(id, u16(0)));
    expect([first.length, first.subarray(0, 4).toString("hex")]).toEqual([242, "00f0aabb"]);
    expect((await host.request(1, 0x1c, octets(id, u16(240)))).toString("hex")).toMatch(/^003c0+ccdd$/);
    expect(await status(0x12, octets(id, u16(1)))).toBe(0x0c);
    expect(await status(0x12, octets(id, u16(300)))).toBe(0);
    expect(await status(0x12, octets(id, u16(300)))).toBe(0x09);
  });

  it("refuses commands that it does not know or that end too early, and goes on", async () => {
    const { host } = await start({ devices: [] });
    host.raw(Buffer.from([0xfe, 0x00, 0x21, 0x77, 0x56]));
    host.raw(Buffer.from([0xfe, 0x01, 0x24, 0x01, 0x00, 0x24]));
    expect((await host.response(0, 0)).toString("hex")).toBe("022177");
    expect((await host.response(0, 0)).toString("hex")).toBe("042401");
    expect((await host.request(1, 0x01)).toString("hex")).toBe("7906");
  });

  it("restart keeps the network: memberships, bindings, reporting and values", async () => {
    const directory = mkdtempSync(joinPath(tmpdir(), "mesh-store-"));
    closing.push(() => rmSync(directory, { recursive: true, maxRetries: 10 }));
    const store = joinPath(directory, "network.json");
    const first = await start({ devices: [{ type: "plug" }], store, seed: 9 });
    const plug = only(first.mesh);
    const address = await join(first.host, plug);
    const coordinator = await first.host.request(1, 0x04);
    await first.host.request(5, 0x21, octets(u16(address), euiToWire(addressOf(plug)), 1, u16(6), 3, coordinator, 1));
    expect((await first.host.indication(5, 0xa1)).toString("hex")).toBe(`${u16(address).toString("hex")}00`);
    await first.host.request(5, 0x33, octets(u16(address), 0));
    const entry = octets(euiToWire(addressOf(plug)), 1, u16(6), 3, coordinator, 1).toString("hex");
    expect((await first.host.indication(5, 0xb3)).subarray(2).toString("hex")).toBe(`00010001${entry}`);
    await first.host.send(address, 6, Buffer.from("0001060000001000000000", "hex"));
    await first.host.send(address, 6, ON);
    await first.mesh.close();
    expect(statSync(store).mode & 0o777).toBe(0o600);

    const second = await start({ devices: [{ type: "plug" }], store, seed: 9 }, false);
    expect([only(second.mesh).joined, only(second.mesh).read("onOff")]).toEqual([true, true]);
    expect(await second.host.request(1, 0x04)).toEqual(coordinator);
    // Restored network state, not a new one
    expect((await second.host.request(5, 0x40, u16(0)))[0]).toBe(0);
    expect((await second.host.indication(5, 0xc0))[0]).toBe(9);
    await second.host.request(4, 0x00, octets(1, u16(0x0104), u16(5), 0, 0, 0, 0));
    only(second.mesh).change("onOff", false);
    expect((await second.host.message()).subarray(2).toString("hex")).toBe("0a00001000");
    expect(await second.host.send(address, 6, ON)).toBe(0);
  });

  it("says which file is no network", async () => {
    const directory = mkdtempSync(joinPath(tmpdir(), "mesh-store-"));
    closing.push(() => rmSync(directory, { recursive: true, maxRetries: 10 }));
    const store = joinPath(directory, "network.json");
    writeFileSync(store, '{"coordinator":');
    await expect(startMesh({ devices: [], store }, new FakeClock())).rejects.toThrow(`${store} is no network`);
  });

  it("a sleeping device answers at its next poll", async () => {
    const { host, mesh, clock } = await start({ devices: [{ type: "plug", sleepy: true }] });
    const address = await join(host, only(mesh));
    expect(await host.send(address, 6, ON)).toBe(0);
    await host.message();
    clock.advance(11_000);
    const confirmed = host.send(address, 6, READ_ON_OFF);
    await host.request(1, 0x01);
    expect(host.waiting(4, 0x80)).toBe(0);
    clock.advance(5_000);
    expect(await confirmed).toBe(0);
    expect((await host.message()).toString("hex")).toBe("18020100000010" + "01");
  });

  it("a frame for one that does not ask expires, and one that speaks gets what is kept for it", async () => {
    const { host, mesh, clock } = await start({ devices: [{ type: "plug", sleepy: true }] });
    const plug = only(mesh);
    const address = await join(host, plug);
    plug.sleep();
    const expired = host.send(address, 6, ON);
    await host.request(1, 0x01);
    clock.advance(7_000);
    expect(await expired).toBe(0xf0);
    const kept = host.send(address, 6, ON);
    await host.request(1, 0x01);
    plug.wake();
    expect(await kept).toBe(0);
    expect(plug.read("onOff")).toBe(true);
  });

  it("loss by seed is the same twice", async () => {
    const run = async (seed: number) => {
      const { host, mesh } = await start({ devices: [{ type: "plug" }], seed });
      const address = await join(host, only(mesh));
      mesh.loss(0.5);
      const outcomes: number[] = [];
      for (let index = 0; index < 40; index += 1) outcomes.push(await host.send(address, 6, ON));
      return outcomes;
    };
    const first = await run(4);
    expect(await run(4)).toEqual(first);
    expect(await run(5)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([0, 0xe9]));
  });

  it("mute in the interview: it answers so many frames, and then nothing arrives", async () => {
    const { host, mesh } = await start({ devices: [{ type: "plug" }] });
    const plug = only(mesh);
    const address = await join(host, plug);
    plug.mute(2);
    await host.request(5, 0x02, octets(u16(address), u16(address)));
    // A router of a maker's test code
    expect((await host.indication(5, 0x82)).subarray(2).toString("hex")).toMatch(/^00....01408ef1ff/);
    await host.request(5, 0x05, octets(u16(address), u16(address)));
    expect((await host.indication(5, 0x85)).subarray(2).toString("hex")).toMatch(/^00....0101$/);
    await host.request(5, 0x04, octets(u16(address), u16(address), 1));
    expect(await host.send(address, 6, READ_ON_OFF)).toBe(0xe9);
    expect(host.waiting(5, 0x84)).toBe(0);
    plug.unmute();
    expect(await host.send(address, 6, READ_ON_OFF)).toBe(0);
  });

  it("wrong install code does not join", async () => {
    const { host, mesh } = await start({ devices: [{ type: "plug", secure: true }, { type: "motion" }] });
    const plug = only(mesh);
    await host.permitJoin(60);
    plug.powerOn();
    const right = plug.installCode ?? "";
    // Mistyped, so that its CRC is wrong; another device's; and its own
    expect(
      (
        await addInstallCode(
          host,
          plug,
          right.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
        )
      )[0],
    ).toBe(2);
    const other = withCrc(Buffer.alloc(16, 1)).toString("hex");
    expect((await addInstallCode(host, plug, other))[0]).toBe(0);
    await host.request(1, 0x01);
    expect([plug.joined, host.waiting(5, 0xca)]).toEqual([false, 0]);
    expect((await addInstallCode(host, plug, right))[0]).toBe(0);
    await host.indication(5, 0xca);
    expect(plug.joined).toBe(true);
    expect(mesh.joinState().installCodes).toEqual([addressOf(plug)]);
    // Without a code of its own a device opens what comes under the well-known key, unless only codes are let in.
    await host.request(15, 0x06, octets(1));
    only(mesh, 1).powerOn();
    await host.request(1, 0x01);
    expect(only(mesh, 1).joined).toBe(false);
    await host.request(15, 0x06, octets(0));
    await join(host, only(mesh, 1));
  });

  it("nobody joins a network that is closed, or has closed by itself", async () => {
    const { host, mesh, clock } = await start({ devices: [{ type: "plug" }] });
    const plug = only(mesh);
    plug.powerOn();
    await host.request(1, 0x01);
    expect(plug.joined).toBe(false);
    plug.reset();
    await host.permitJoin(30);
    clock.advance(30_000);
    expect(mesh.joinState().open).toBe(false);
    plug.powerOn();
    await host.request(1, 0x01);
    expect(plug.joined).toBe(false);
    // It goes on looking
    await host.permitJoin(30);
    await host.indication(5, 0xca);
    expect(plug.joined).toBe(true);
  });

  it("leaves, and comes back when it was told to rejoin", async () => {
    const { host, mesh } = await start({ devices: [{ type: "plug" }] });
    const plug = only(mesh);
    const address = await join(host, plug);
    const leave = (flags: number) => host.request(5, 0x34, octets(u16(address), euiToWire(addressOf(plug)), flags));
    await leave(0x01);
    expect((await host.indication(5, 0xc9))[12]).toBe(1);
    await host.indication(5, 0xc1);
    expect(plug.joined).toBe(true);
    await leave(0x00);
    expect((await host.indication(5, 0xc9)).toString("hex")).toMatch(/000000$/);
    expect(plug.joined).toBe(false);
    expect(await host.send(address, 6, ON)).toBe(0xcd);
  });

  it("sent away before it was set up it asks again, later each time; one that was set up stays away", async () => {
    const { host, mesh, clock } = await start({ devices: [{ type: "plug" }] });
    const plug = only(mesh);
    const own = euiToWire(addressOf(plug));
    let address = await join(host, plug);
    const dismiss = async () => {
      await host.request(5, 0x34, octets(u16(address), own, 0));
      await host.indication(5, 0xc9);
      expect(plug.joined).toBe(false);
      await host.permitJoin(200);
    };
    for (const pause of [2_000, 4_000]) {
      await dismiss();
      clock.advance(pause - 1);
      await host.request(1, 0x01);
      expect(plug.joined).toBe(false);
      clock.advance(1);
      address = (await host.indication(5, 0xca)).readUInt16LE(0);
      await host.indication(5, 0xc1);
    }
    const coordinator = await host.request(1, 0x04);
    await host.request(5, 0x21, octets(u16(address), own, 1, u16(6), 3, coordinator, 1));
    await host.indication(5, 0xa1);
    await dismiss();
    clock.advance(199_000);
    await host.request(1, 0x01);
    expect(plug.joined).toBe(false);
  });

  it("a new network leaves the devices behind; the old one hears them again", async () => {
    const { host, mesh } = await start({ devices: [{ type: "plug" }] });
    const address = await join(host, only(mesh));
    await host.formNetwork({ ...NETWORK, key: Buffer.alloc(16, 9) });
    expect(await host.send(address, 6, ON)).toBe(0xcd);
    await host.formNetwork(NETWORK);
    expect(await host.send(address, 6, ON)).toBe(0);
  });

  it("cut and restored: the flash is as it was, what was only in memory is gone", async () => {
    const { host, mesh } = await start({ devices: [{ type: "plug" }] });
    const address = await join(host, only(mesh));
    await mesh.cut();
    await expect(ScriptedHost.connect(mesh.port)).rejects.toThrow("ECONNREFUSED");
    only(mesh).change("onOff", true);
    await mesh.restore();
    const again = await ScriptedHost.connect(mesh.port);
    closing.push(() => again.close());
    expect(mesh.joinState().open).toBe(false);
    expect((await again.request(5, 0x50))[2]).toBe(0);
    expect((await again.request(5, 0x40, u16(0)))[0]).toBe(0);
    await again.indication(5, 0xc0);
    expect(await again.send(address, 6, Buffer.from("110100", "hex"))).toBe(0);
    expect(only(mesh).read("onOff")).toBe(false);
  });

  it("100 devices join, and all report at once", async () => {
    const { host, mesh } = await start({ devices: Array.from({ length: 100 }, () => ({ type: "plug" })) });
    await host.permitJoin(60);
    for (const device of mesh.devices) device.powerOn();
    const addresses = new Set<number>();
    for (const _ of mesh.devices) addresses.add((await host.indication(5, 0xca)).readUInt16LE(0));
    expect(addresses.size).toBe(100);
    const coordinator = await host.request(1, 0x04);
    for (const device of mesh.devices) {
      const own = euiToWire(addressOf(device));
      await host.request(5, 0x00, octets(own, 0, 0));
      const address = (await host.indication(5, 0x80)).readUInt16LE(9);
      await host.request(5, 0x21, octets(u16(address), own, 1, u16(6), 3, coordinator, 1));
      await host.send(address, 6, Buffer.from("0001060000001000000000", "hex"));
      await host.message();
    }
    for (const device of mesh.devices) device.change("onOff", true);
    const reporters = new Set<number>();
    for (const _ of mesh.devices) {
      const message = await host.indication(4, 0x81);
      expect(message.subarray(19, 24).toString("hex")).toBe("0a00001001");
      reporters.add(message.readUInt16LE(4));
    }
    expect(reporters).toEqual(addresses);
  });
});
