import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConnectorOptions, defineConnector } from "./define-connector.ts";
import type { ConnectorEvents } from "./events.ts";
import type { ConnectorHandlers, DiscoveredDevice } from "./handlers.ts";
import { VendorError } from "./vendor-error.ts";

const TOKEN = "a-token-that-nobody-may-read";

const request = (operation: string, payload: object = {}) => ({
  header: { auth: { token: TOKEN, type: "OAuth2.0" } },
  payload: {
    operationName: `AWS.${operation}`,
    operationVersion: operation === "ActivateUser" ? "1.0.0" : "1.0",
    connectorId: "connector-1",
    ...payload,
  },
});
const command = (traceId = "trace-1") =>
  request("SendCommand", {
    connectorDeviceId: "lamp-1",
    traceId,
    endpoints: [{ id: "1", clusters: [{ id: "0x0006", commands: [{ "0x01": {} }] }] }],
  });

const never = new Promise<never>(() => {});
const lamp = (id: string): DiscoveredDevice => ({ id, report: { endpoints: [] } });

/** A connector whose handlers succeed unless a test says otherwise, and what it has told the platform. */
function connector(own: Partial<ConnectorHandlers> = {}, options: ConnectorOptions = {}) {
  const told: { kind: keyof ConnectorEvents; event: Record<string, unknown> }[] = [];
  const lines: string[] = [];
  const kinds = ["deviceEvent", "commandResponse", "commandRequest", "discovered", "discoveryFailed"] as const;
  const events = Object.fromEntries(
    kinds.map((kind) => [kind, async (event: object) => void told.push({ kind, event: { ...event } })]),
  ) as unknown as ConnectorEvents;
  const handlers: ConnectorHandlers = {
    activateUser: async () => ({ userId: "u-alice" }),
    discoverDevices: async () => [lamp("lamp-1")],
    sendCommand: async () => ({ userId: "u-alice" }),
    deactivateUser: async () => {},
    ...own,
  };
  return { handle: defineConnector(handlers, { events, log: (line) => lines.push(line), ...options }), told, lines };
}

describe("a connector", () => {
  it("answers the four operations", async () => {
    const seen: unknown[] = [];
    const { handle, told } = connector({
      sendCommand: async ({ signal: _signal, ...asked }) => {
        seen.push(asked);
        return {
          userId: "u-alice",
          endpoints: [{ id: "1", capabilities: [{ id: "matter.OnOff@1.4", properties: { OnOff: true } }] }],
        };
      },
    });
    expect(await handle(request("ActivateUser"))).toMatchObject({
      header: { responseCode: 200 },
      payload: { userId: "u-alice" },
    });
    expect(await handle(request("DiscoverDevices", { deviceDiscoveryId: "d1" }))).toMatchObject({
      header: { responseCode: 200 },
    });
    expect(await handle(command())).toMatchObject({ header: { responseCode: 200 } });
    expect(await handle(request("DeactivateUser"))).toMatchObject({ header: { responseCode: 200 } });
    expect(seen).toEqual([
      {
        ...{
          token: TOKEN,
          authType: "OAuth2.0",
          connectorId: "connector-1",
          connectorDeviceId: "lamp-1",
          traceId: "trace-1",
        },
        commands: [{ endpointId: "1", capability: "matter.OnOff@1.4", action: "On", parameters: {} }],
      },
    ]);
    expect(told).toMatchObject([
      { kind: "discovered", event: { deviceDiscoveryId: "d1", connectorId: "connector-1", more: false } },
      {
        kind: "commandResponse",
        event: {
          ...{ traceId: "trace-1", userId: "u-alice" },
          endpoints: [
            { id: "1", capabilities: [{ properties: { OnOff: true }, actions: { On: { responseCode: 200 } } }] },
          ],
        },
      },
    ]);
  });

  it("does once what the platform asks twice, and again what has failed", async () => {
    let calls = 0;
    const { handle, told } = connector({
      sendCommand: async () => {
        calls += 1;
        if (calls === 1) throw new VendorError(503, "not now");
        return "later";
      },
    });
    expect(await handle(command())).toMatchObject({
      header: { responseCode: 503 },
      payload: { responseMessage: "not now" },
    });
    const [one, other] = await Promise.all([handle(command()), handle(command())]);
    expect([one, other, await handle(command())]).toEqual([one, one, one]);
    expect(one.header.responseCode).toBe(200);
    await handle(command("trace-2"));
    expect(calls).toBe(3);
    for (let n = 0; n < 2; n++) await handle(request("DiscoverDevices", { deviceDiscoveryId: "d1" }));
    expect(told.map(({ kind }) => kind)).toEqual(["discovered"]);
  });

  it("does not do again what only could not be told", async () => {
    let calls = 0;
    let fails = true;
    const told: unknown[] = [];
    const events = {
      commandResponse: async (event: unknown) => {
        if (fails) throw new Error("the platform is away");
        told.push(event);
      },
    } as ConnectorEvents;
    const { handle } = connector({ sendCommand: async () => ({ message: `${++calls}` }) }, { events });
    expect((await handle(command())).header.responseCode).toBe(500);
    fails = false;
    expect((await handle(command())).header.responseCode).toBe(200);
    expect([calls, told.length]).toEqual([1, 1]);
  });

  it("answers in time whatever the vendor does", async () => {
    const aborted: unknown[] = [];
    const hangs = ({ signal }: { signal: AbortSignal }): Promise<never> => {
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      return never;
    };
    let finish = (_: VendorError) => {};
    const slow = new Promise<never>((_, reject) => {
      finish = reject;
    });
    const own = { activateUser: hangs, deactivateUser: hangs, sendCommand: () => slow };
    const { handle, told } = connector(own, { answerWithin: 5 });
    for (const operation of ["ActivateUser", "DeactivateUser"]) {
      expect((await handle(request(operation))).header.responseCode).toBe(504);
    }
    expect(aborted).toHaveLength(2);
    expect((await handle(command())).header.responseCode).toBe(200);
    finish(new VendorError(409, "offline"));
    await expect
      .poll(() => told)
      .toMatchObject([{ kind: "commandResponse", event: { statusCode: 409, message: "offline" } }]);
  });

  it("tells pages as they come, the last one as the last", async () => {
    const { handle, told } = connector({
      async *discoverDevices() {
        for (const id of ["1", "2", "3"]) yield [lamp(id)];
      },
    });
    await handle(request("DiscoverDevices", { deviceDiscoveryId: "d1" }));
    expect(told.map(({ event }) => [(event["devices"] as { id: string }[])[0]?.id, event["more"]])).toEqual([
      ["1", true],
      ["2", true],
      ["3", false],
    ]);
  });

  it("goes on with a long discovery in an invocation of its own", async () => {
    const again: unknown[] = [];
    let isSlow = true;
    const { handle, told } = connector(
      {
        async *discoverDevices() {
          yield [lamp("1")];
          if (isSlow) await never;
          yield [lamp("2")];
        },
      },
      { answerWithin: 5, invokeAgain: async (event) => void again.push(event) },
    );
    const asked = request("DiscoverDevices", { deviceDiscoveryId: "d1" });
    expect((await handle(asked)).header.responseCode).toBe(200);
    expect(again).toEqual([{ ...asked, continued: true }]);
    expect(told).toEqual([]);
    isSlow = false;
    await handle(again[0], { getRemainingTimeInMillis: () => 60_000 });
    expect(told.map(({ event }) => event["more"])).toEqual([true, false]);
  });

  it("tells that a discovery failed for which nobody waits any more", async () => {
    const fails = async () => {
      throw new VendorError(502, `nonsense about ${TOKEN}`);
    };
    const { handle, told, lines } = connector({ discoverDevices: fails });
    await handle({ ...request("DiscoverDevices", { deviceDiscoveryId: "d1" }), continued: true });
    expect(told).toMatchObject([
      { kind: "discoveryFailed", event: { statusCode: 502, message: "nonsense about ***" } },
    ]);
    expect(lines.join()).not.toContain(TOKEN);
  });

  it("keeps what went wrong inside it to itself, and the token out of every line", async () => {
    const fails = async () => {
      throw new Error(`fetch failed with ${TOKEN}`);
    };
    const { handle, lines } = connector({ activateUser: fails });
    const answer = await handle(request("ActivateUser"));
    expect(answer.header.responseCode).toBe(500);
    expect(lines.join()).toContain("fetch failed with ***");
    expect(JSON.stringify([answer, lines])).not.toContain(TOKEN);
  });

  it("refuses with 400 what is no request, saying what is wrong with it", async () => {
    const { handle } = connector();
    const { header } = request("ActivateUser");
    const wrong: [unknown, RegExp][] = [
      [null, /the event/],
      ["x", /the event/],
      [{}, /header/],
      [{ header }, /payload/],
      [{ ...request("ActivateUser"), header: { auth: {} } }, /header\.auth\.token/],
      [request("Explode"), /operationName/],
      [request("ActivateUser", { operationVersion: "2.0" }), /operationVersion/],
      [request("DiscoverDevices"), /deviceDiscoveryId/],
      [request("SendCommand", { connectorDeviceId: "1", traceId: "t", endpoints: [] }), /no command/],
      [
        request("SendCommand", {
          connectorDeviceId: "1",
          traceId: "t",
          endpoints: [{ id: "1", clusters: [{ id: "nope" }] }],
        }),
        /clusters\[0\]/,
      ],
    ];
    for (const [event, message] of wrong) {
      const answer = await handle(event);
      expect(answer).toMatchObject({ header: { responseCode: 400 } });
      expect(answer.payload.responseMessage).toMatch(message);
    }
    const anything = fc.asyncProperty(fc.anything({ withNullPrototype: true }), async (event) => {
      expect((await handle(event)).header.responseCode).toBe(400);
    });
    await fc.assert(anything, { numRuns: 200 });
  });
});
