import { createOutbox, type Database, type Sealer } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import type { RequestContext } from "@hearth/contract";
import { describe, expect, test } from "vitest";
import { createFunctions } from "./functions.ts";
import type { InvocationResult } from "./host/deployed-function.ts";
import type { FunctionHost } from "./host/function-host.ts";
import { zipOf } from "./testing.ts";

const ACCOUNT = "000000000000";
const SOURCE = `arn:aws:iotmanagedintegrations:us-east-1:${ACCOUNT}:account-association/a`;

/** What is stored, and who may invoke, on any database. */
export function functionsSuite(store: { database: Database; sealer: Sealer }): void {
  describe("functions", () => {
    test("are stored with their code, sealed, and invoked by services that their policy lets in", async () => {
      const { database, sealer } = store;
      const clock = new FakeClock();
      const ran: string[] = [];
      let answer: Promise<InvocationResult> = Promise.resolve({ outcome: "answered", payload: Buffer.from("{}") });
      let zip: Uint8Array | undefined;
      const host: FunctionHost = {
        async invoke(deployed) {
          ran.push(deployed.name);
          zip = await deployed.code();
          return answer;
        },
        retire: () => {},
        environments: () => ({ all: 0, idle: 0, processIds: [] }),
        stop: async () => {},
      };
      const deps = {
        ...{ database, sealer, clock, log: silentLogger },
        outbox: createOutbox({ database, sealer, clock, log: silentLogger }),
        requireTrust: async () => {},
        baseUrl: () => "http://127.0.0.1",
        directoryAccount: ACCOUNT,
        accountConcurrency: 10,
      };
      const { operations, invoker, start } = createFunctions({ ...deps, host });
      const request = {
        ...{ accountId: ACCOUNT, region: "us-east-1", now: clock.now(), authorize: async () => {} },
      } as unknown as RequestContext;
      const given = await zipOf({
        "index.mjs": "x".repeat(10),
        "noise.bin": Buffer.alloc(1_200_000, "noise-in-plain "),
      });
      await operations.CreateFunction?.handle(
        {
          ...{
            FunctionName: "f",
            Role: `arn:aws:iam::${ACCOUNT}:role/r`,
            Runtime: "nodejs20.x",
            Handler: "index.handler",
          },
          ...{ Code: { ZipFile: given }, Environment: { Variables: { KEY: "plain-variable" } } },
        },
        request,
      );
      const [row] = await database.query<{ variables: Uint8Array }>("SELECT variables FROM function_configuration");
      expect(Buffer.from(row?.variables ?? []).toString("latin1")).not.toContain("plain-variable");
      const parts = await database.query<{ bytes: Uint8Array }>("SELECT bytes FROM function_code");
      expect(parts.some(({ bytes }) => Buffer.from(bytes).includes("index.mjs"))).toBe(false);

      const call = {
        account: ACCOUNT,
        functionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`,
        payload: Buffer.from("{}"),
        timeoutMs: 2_000,
        caller: { service: "iotmanagedintegrations.amazonaws.com", sourceAccount: ACCOUNT, sourceArn: SOURCE },
      };
      expect(await invoker.invoke({ ...call, functionArn: `${call.functionArn}x` })).toMatchObject({
        outcome: "not-found",
      });
      expect(await invoker.invoke({ ...call, functionArn: "f" })).toMatchObject({ outcome: "not-found" });
      const denied = await invoker.invoke(call);
      expect(denied).toMatchObject({ outcome: "denied", message: expect.stringContaining("lambda:InvokeFunction") });
      await operations.AddPermission?.handle(
        {
          ...{ FunctionName: "f", StatementId: "s", Action: "lambda:InvokeFunction", SourceAccount: ACCOUNT },
          ...{ Principal: call.caller.service, SourceArn: SOURCE.replace(/[^/]+$/, "*") },
        },
        request,
      );
      for (const change of [
        { service: "iot.amazonaws.com" },
        { sourceAccount: "111122223333" },
        { sourceArn: SOURCE.replace("account-association", "other") },
      ]) {
        const refused = await invoker.invoke({ ...call, caller: { ...call.caller, ...change } });
        expect(refused, JSON.stringify(change)).toMatchObject({ outcome: "denied" });
      }
      expect(ran).toEqual([]);
      expect(await invoker.invoke(call)).toMatchObject({ outcome: "answered" });
      expect(zip).toEqual(given);

      answer = Promise.resolve({ outcome: "failed", payload: Buffer.from("{}") });
      expect(await invoker.invoke(call)).toMatchObject({ outcome: "function-error", kind: "Unhandled" });
      answer = Promise.resolve({ outcome: "throttled", reason: "CallerRateLimitExceeded", message: "busy" });
      expect(await invoker.invoke(call)).toEqual({ outcome: "throttled", message: "busy" });
      answer = new Promise(() => {});
      const waiting = invoker.invoke(call);
      await expect.poll(() => ran.length).toBe(4);
      clock.advance(2_000);
      expect(await waiting).toMatchObject({ outcome: "timed-out" });
      expect(await invoker.invoke({ ...call, signal: AbortSignal.abort() })).toMatchObject({ outcome: "timed-out" });

      // Where functions are off they can still be looked at, and services are told why nothing runs.
      const off = createFunctions({ ...deps, outbox: createOutbox(deps), host: { disabled: "Functions are off." } });
      expect(await off.invoker.invoke(call)).toEqual({ outcome: "disabled", message: "Functions are off." });
      const invoke = off.operations.Invoke?.handle({ FunctionName: "f" }, request);
      await expect(invoke).rejects.toMatchObject({
        name: "InvalidParameterValueException",
        message: "Functions are off.",
      });

      // Code goes with the last function that has it; what an upload has left goes at the start.
      await database.commit([
        {
          sql: "INSERT INTO function_code (account_id, region, sha256, part, bytes) VALUES (?, ?, ?, ?, ?)",
          params: [ACCOUNT, "us-east-1", "cut-off", 0, new Uint8Array(1)],
        },
      ]);
      await start();
      expect((await database.query("SELECT part FROM function_code")).length).toBe(parts.length);
      await operations.DeleteFunction?.handle({ FunctionName: "f" }, request);
      expect(await database.query("SELECT part FROM function_code")).toEqual([]);
    });
  });
}
