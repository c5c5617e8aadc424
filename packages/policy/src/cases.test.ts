import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compilePolicies } from "./compile.ts";
import type { PolicyContext } from "./context.ts";
import type { PolicyKind } from "./document.ts";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";

interface Case {
  clause: string;
  kind: PolicyKind;
  document: unknown;
  checks: { action: string; resource: string; context: PolicyContext; effect: string; reason?: string }[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL("cases.json", import.meta.url), "utf8"));

describe("the table of cases", () => {
  test.each(cases.map((entry) => [entry.clause, entry] as const))("%s", (_clause, { kind, document, checks }) => {
    const policies = compilePolicies([{ name: "p", document: parsePolicy(JSON.stringify(document), kind) }]);
    for (const { effect, reason, ...request } of checks) {
      const decision = evaluate(policies, request);
      expect({ ...request, effect: decision.effect }).toEqual({ ...request, effect });
      if (reason) expect(decision.reason).toContain(reason);
    }
  });
});
