import { FakeClock, silentLogger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { describe, expect, test } from "vitest";
import type { AccountAssociation } from "../account-associations/account-association.ts";
import {
  AuthorizationLost,
  type Authorizations,
  AuthorizationUnavailable,
} from "../account-associations/authorizations.ts";
import { AT } from "../test-room.ts";
import type { CloudConnector } from "./cloud-connector.ts";
import type { ConnectorRequest } from "./connector-call.ts";
import { createConnectorCaller } from "./connector-caller.ts";
import type { FunctionAnswer, FunctionCall } from "./invoke-function.ts";

const connector: CloudConnector = {
  ...AT,
  ...{ id: "c".repeat(32), name: "c", type: "UNLISTED", createdAt: 0, revision: 1 },
  lambdaArn: `arn:aws:lambda:us-east-1:${AT.accountId}:function:vendor`,
};
const association: AccountAssociation = {
  ...AT,
  ...{ id: "a".repeat(32), connectorDestinationId: "d", state: "ASSOCIATION_SUCCEEDED", createdAt: 0, revision: 1 },
  details: { authorizationUrl: "" },
};
const DISCOVER: ConnectorRequest = { operationName: "AWS.DiscoverDevices", deviceDiscoveryId: "12345678" };
const answered = (responseCode: number, payload: object = {}): FunctionAnswer => ({
  payload: JSON.stringify({ header: { responseCode }, payload }),
});
const never = new Promise<never>(() => {});

/** A caller, and time that passes while it waits. */
function calling(invoke: ((call: FunctionCall, attempt: number) => Promise<FunctionAnswer>) | undefined) {
  const clock = new FakeClock();
  const began = clock.now();
  const calls: { at: number; payload: unknown; sourceArn: string; aborted: boolean }[] = [];
  const tokens = ["token-1", "token-2", "token-3"];
  const auth: Pick<Authorizations, "of" | "refused"> = {
    of: async () => ({ token: tokens[0] ?? "", type: "OAuth2.0" as const }),
    refused: (_: AccountAssociation, token: string) => {
      if (tokens[0] === token) tokens.shift();
    },
  };
  const caller = createConnectorCaller({
    clock,
    log: silentLogger,
    random: () => 1,
    authorizations: { of: (one) => auth.of(one), refused: auth.refused },
    invokeFunction:
      invoke &&
      ((call) => {
        const { sourceArn } = call;
        const entry = { at: clock.now() - began, payload: JSON.parse(call.payload), sourceArn, aborted: false };
        calls.push(entry);
        call.signal.addEventListener("abort", () => {
          entry.aborted = true;
        });
        return invoke(call, calls.length);
      }),
  });
  return {
    ...{ clock, calls, caller, auth },
    async call(request: ConnectorRequest = DISCOVER, until?: number) {
      let ended = false;
      const outcome = caller.call({ association, connector, request, until }).finally(() => {
        ended = true;
      });
      while (!ended) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!ended) clock.advance(100);
      }
      return outcome;
    },
  };
}

describe("what is sent", () => {
  const endpoints = [{ id: "1", clusters: [{ id: "0x0202", commands: [{ "0xff01": { "0x0000": "3" } }] }] }];
  test.each<[ConnectorRequest, string]>([
    [
      { operationName: "AWS.ActivateUser" },
      '"operationName":"AWS.ActivateUser","operationVersion":"1.0.0","connectorId":"ID"',
    ],
    [
      { operationName: "AWS.DeactivateUser" },
      '"operationName":"AWS.DeactivateUser","operationVersion":"1.0","connectorId":"ID"',
    ],
    [
      DISCOVER,
      '"operationName":"AWS.DiscoverDevices","operationVersion":"1.0","connectorId":"ID","deviceDiscoveryId":"12345678"',
    ],
    [
      { operationName: "AWS.SendCommand", connectorDeviceId: "Your_Device_Id", traceId: "traceId-1", endpoints },
      '"operationName":"AWS.SendCommand","operationVersion":"1.0","connectorId":"ID","connectorDeviceId":"Your_Device_Id","traceId":"traceId-1","endpoints":[{"id":"1","clusters":[{"id":"0x0202","commands":[{"0xff01":{"0x0000":"3"}}]}]}]',
    ],
  ])("$operationName", async (request, text) => {
    let sent = "";
    const { call, calls } = calling(async ({ payload }) => {
      sent = payload;
      return answered(200);
    });
    expect(await call(request)).toMatchObject({ ok: true });
    expect(sent).toBe(
      `{"header":{"auth":{"token":"token-1","type":"OAuth2.0"}},"payload":{${text.replace("ID", connector.id)}}}`,
    );
    expect(calls[0]?.sourceArn).toBe(
      `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:account-association/${association.id}`,
    );
  });
});

describe("what becomes of a call", () => {
  test("row 55: a connector that stalls is cut off after 2 s, and called six times in all", async () => {
    const { call, calls } = calling(() => never);
    expect(await call()).toMatchObject({ ok: false, errorCode: "TIMED_OUT", attempts: 6 });
    // 2 s of patience, then a wait that doubles (of which `random` takes all here).
    expect(calls.map(({ at }) => at)).toEqual([0, 2200, 4600, 7400, 11_000, 16_200]);
    expect(calls.every(({ aborted }) => aborted)).toBe(true);
  });

  test("an answer that comes too late does not count, and that of the retry does", async () => {
    const { call, calls, clock } = calling(async (_, attempt) => {
      if (attempt === 1) await new Promise<void>((resolve) => clock.after(2500, resolve));
      return answered(200, { userId: attempt });
    });
    expect(await call()).toMatchObject({ ok: true, userId: 2 });
    expect(calls).toHaveLength(2);
  });

  test.each<[string, () => Promise<FunctionAnswer>, string, number]>([
    ["500", async () => answered(500), "CONNECTOR_ERROR", 6],
    ["nonsense", async () => ({ payload: "<html>" }), "MALFORMED_ANSWER", 6],
    ["an error of the function", async () => ({ functionError: "Unhandled", payload: "{}" }), "FUNCTION_ERROR", 6],
    ["throttling", async () => Promise.reject(new ServiceError("TooManyRequestsException", "")), "THROTTLED", 6],
    ["a failure of the service", async () => Promise.reject(new Error("ECONNRESET token-1")), "FUNCTION_ERROR", 6],
    ["400", async () => answered(400), "CONNECTOR_REFUSED", 1],
    [
      "no function",
      async () => Promise.reject(new ServiceError("ResourceNotFoundException", "")),
      "FUNCTION_NOT_FOUND",
      1,
    ],
    ["no permission", async () => Promise.reject(new ServiceError("AccessDeniedException", "")), "ACCESS_DENIED", 1],
  ])("%s", async (_, answer, errorCode, attempts) => {
    const { call, calls } = calling(answer);
    const outcome = await call();
    expect(outcome).toMatchObject({ ok: false, errorCode, attempts });
    expect(calls).toHaveLength(attempts);
    expect(JSON.stringify(outcome)).not.toContain("token-1");
  });

  test("no token goes into a message that the connector sends back", async () => {
    const { call } = calling(async () => answered(400, { responseMessage: "token-1 is no good" }));
    expect(await call()).toMatchObject({ message: "*** is no good", responseCode: 400 });
  });

  test("a 401 renews the token, once", async () => {
    const renewed = calling(async ({ payload }) => answered(payload.includes("token-2") ? 200 : 401));
    expect(await renewed.call()).toMatchObject({ ok: true });
    const refused = calling(async () => answered(401));
    expect(await refused.call()).toMatchObject({ errorCode: "CONNECTOR_REFUSED", responseCode: 401, attempts: 2 });
  });

  test("without a token nothing is called; one that may come later is waited for", async () => {
    const lost = calling(async () => answered(200));
    lost.auth.of = () => Promise.reject(new AuthorizationLost("link again"));
    expect(await lost.call()).toMatchObject({ errorCode: "AUTHORIZATION_FAILED", again: false, attempts: 0 });
    const late = calling(async () => answered(200));
    let asked = 0;
    late.auth.of = async () => {
      if (++asked < 3) throw new AuthorizationUnavailable("later");
      return { token: "t", type: "OAuth2.0" };
    };
    expect(await late.call()).toMatchObject({ ok: true });
  });

  test("no attempt begins after `until`", async () => {
    const { call, calls, clock } = calling(() => never);
    expect(await call(DISCOVER, clock.now() + 5000)).toMatchObject({ errorCode: "TIMED_OUT", attempts: 3 });
    expect(calls).toHaveLength(3);
  });

  test("a dead connector is not called, tried after a while, and called again when it is back", async () => {
    let works = false;
    const { call, calls, clock, caller } = calling(async () => answered(works ? 200 : 500));
    await call();
    expect(caller.openUntil({ association, connector })).toBeUndefined();
    expect(await call()).toMatchObject({ errorCode: "CONNECTOR_ERROR", attempts: 4 });
    expect(caller.openUntil({ association, connector })).toBeGreaterThan(clock.now());
    expect(await call()).toMatchObject({ errorCode: "CIRCUIT_OPEN", attempts: 0 });
    expect(calls).toHaveLength(10);
    clock.advance(31_000);
    expect(await call()).toMatchObject({ errorCode: "CONNECTOR_ERROR", attempts: 1 });
    clock.advance(61_000);
    works = true;
    expect(await call()).toMatchObject({ ok: true });
    expect(await call()).toMatchObject({ ok: true });
  });

  test("a listed connector that one account makes fail is open to the others", async () => {
    const { call, caller, clock } = calling(async ({ accountId }) => answered(accountId === AT.accountId ? 500 : 200));
    await call();
    await call();
    expect(caller.openUntil({ association, connector })).toBeGreaterThan(clock.now());
    const other = { ...association, accountId: "999999999999" };
    expect(caller.openUntil({ association: other, connector })).toBeUndefined();
    expect(await caller.call({ association: other, connector, request: DISCOVER })).toMatchObject({ ok: true });
  });

  test("a platform without functions says so; one that stops answers nothing", async () => {
    expect(await calling(undefined).call()).toMatchObject({ errorCode: "NO_FUNCTIONS", attempts: 0 });
    const { caller } = calling(() => never);
    const call = caller.call({ association, connector, request: DISCOVER });
    caller.stop();
    await expect(call).rejects.toThrow("stops");
  });
});
