import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { HUB_ID, localToken, openAgentBench, withDirectory } from "../agent/agent-bench.ts";
import { openJsonFile } from "../state/json-file.ts";
import type { ReplaceOptions } from "../state/state.ts";
import { createLocalToken, parseTokenRecord, type TokenRecord } from "./local-token.ts";
import { TokenError, verifyToken } from "./token-signature.ts";

const plug = { deviceId: "zb.1", values: { on: false } };
const on = {
  ...{ traceId: "t", managedThingId: "thing-zb.1" },
  endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On" }] }] }],
};
const REFUSED = { accepted: false, reply: "No valid token for local command, cannot process." };
const TAKEN = { accepted: true, reply: "Command received, will send command response back" };

/** The token by itself. */
async function tokenIn(directory: string) {
  const clock = new FakeClock();
  const file = await openJsonFile(join(directory, "token.json"), parseTokenRecord, null);
  let written: Promise<void> = Promise.resolve();
  const watched = {
    get value() {
      return file.value;
    },
    replace: (next: TokenRecord | null, options?: ReplaceOptions) => {
      written = file.replace(next, options);
      return written;
    },
  };
  const token = createLocalToken({ file: watched, clock, log: silentLogger });
  const advance = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await written;
  };
  return { token, clock, advance };
}

test("row 78: when the token has run out offline, local commands are discarded with the stated text", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory);
    await hub.add(plug);
    expect(hub.agent.command(on)).toEqual(REFUSED);
    hub.uplink(true);
    await hub.giveToken(60);
    expect(hub.agent.command(on)).toEqual(TAKEN);
    await hub.agent.settled();
    expect(hub.radio.value("zb.1", "on")).toBe(true);

    hub.uplink(false);
    await hub.advance(59_999);
    expect(await hub.agent.service.tokenState({})).toEqual({ valid: true, connected: false, remaining: 1 });
    expect(hub.agent.command(on)).toEqual(TAKEN);
    await hub.advance(1);
    hub.radio.change("zb.1", { on: false });
    expect(hub.agent.command(on)).toEqual(REFUSED);
    await hub.advance(100);
    await hub.agent.settled();
    expect(hub.radio.value("zb.1", "on")).toBe(false);
    // The cloud is reached again: the same token is good again for its whole time.
    hub.uplink(true);
    await hub.advance(0);
    expect(hub.agent.command(on)).toEqual(TAKEN);
    await hub.agent.service.erase({});
    expect(hub.agent.command(on)).toEqual(REFUSED);
    await hub.stop();
  }));

test("the token at the last second, over restarts and a clock that jumps ten years", () =>
  withDirectory(async (directory) => {
    const first = await tokenIn(directory);
    first.token.connection(true);
    await first.token.accept(localToken(600), HUB_ID);
    await first.advance(3_600_000);
    expect(first.token.state()).toEqual({ valid: true, connected: true, remaining: 600_000 });
    first.token.connection(false);
    await first.advance(100_000);
    first.clock.jump(-10 * 365 * 86_400_000);
    expect(first.token.state().remaining).toBe(500_000);
    await first.token.stop();

    // Switched off cleanly: exactly that is left.
    const second = await tokenIn(directory);
    expect(second.token.state().remaining).toBe(500_000);
    await second.advance(100_000);
    expect(second.token.state().remaining).toBe(400_000);

    // Killed: what was not written down counts as spent, and no more than that.
    const third = await tokenIn(directory);
    const left = third.token.state().remaining;
    expect(left).toBeLessThanOrEqual(400_000);
    expect(left).toBeGreaterThanOrEqual(400_000 - 60_000);
    await third.advance(left - 1);
    expect(third.token.state().valid).toBe(true);
    await third.advance(1);
    expect(third.token.state()).toEqual({ valid: false, connected: false, remaining: 0 });
    await third.token.stop();
    // And no restart gives it back.
    expect((await tokenIn(directory)).token.state().valid).toBe(false);
  }));

test("restarts without end do not make a token last", () =>
  withDirectory(async (directory) => {
    const first = await tokenIn(directory);
    await first.token.accept(localToken(600), HUB_ID);
    await first.advance(0);
    let restarts = 0;
    for (; restarts < 100; restarts++) {
      const killed = await tokenIn(directory);
      if (!killed.token.state().valid) break;
      await killed.advance(1_000);
    }
    expect(restarts).toBeLessThan(30);
  }));

test("a token that is not for this hub, or not by its platform, changes nothing", () =>
  withDirectory(async (directory) => {
    const { token } = await tokenIn(directory);
    const stranger = generateKeyPairSync("ed25519");
    await expect(token.accept(localToken(60, "another hub"), HUB_ID)).rejects.toThrow(/another hub's/);
    expect(token.state().valid).toBe(false);
    await token.accept(localToken(60), HUB_ID);
    await expect(token.accept(localToken(600, HUB_ID, stranger), HUB_ID)).rejects.toThrow(/pinned.*off-board/);
    // Signed by a stranger, with the right key beside it.
    const forged = { ...localToken(600, HUB_ID, stranger), key: localToken(60).key };
    await expect(token.accept(forged, HUB_ID)).rejects.toThrow(/signature/);
    expect(token.state().remaining).toBe(60_000);
    await token.erase();
    await token.accept(localToken(600, HUB_ID, stranger), HUB_ID);
    expect(token.state().remaining).toBe(600_000);
  }));

test("what is no token is said to be none", () => {
  const { token, key } = localToken(60);
  const [header = "", claims = "", signature = ""] = token.split(".");
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const cases: [string, string][] = [
    ["", key],
    ["a.b", key],
    ["a.b.c", key],
    [`${encode(null)}.${claims}.${signature}`, key],
    [`${encode({ alg: "none" })}.${claims}.`, key],
    [`${encode({ alg: "HS256" })}.${claims}.${signature}`, key],
    [`${header}.${encode({ sub: HUB_ID, seconds: 1e9 })}.${signature}`, key],
    [`${header}.${claims}.`, key],
    [`${header}.${claims}.${signature}${"A".repeat(5000)}`, key],
    [token, "no key"],
    [token, rsa.export({ type: "spki", format: "pem" }).toString()],
  ];
  for (const [bad, by] of cases) expect(() => verifyToken(bad, by)).toThrow(TokenError);
  expect(verifyToken(token, key)).toEqual({ iss: "iot.example.com", sub: HUB_ID, iat: 1, seconds: 60 });
  for (const seconds of [0, -1, 1.5]) expect(() => verifyToken(localToken(seconds).token, key)).toThrow(/seconds/);
  expect(() => parseTokenRecord({ token, key })).toThrow();
  expect(parseTokenRecord({ token, key, seconds: 1, remaining: 9e9, counting: true })).toMatchObject({
    remaining: 1000,
  });
});
