import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServiceModel, services } from "@hearth/contract";
import { afterAll, describe, expect, test } from "vitest";
import { mergeEvidence, readEvidence } from "./coverage/evidence.ts";
import { judge, renderCoverage, summaryTable } from "./coverage/report.ts";
import { updateCoverage } from "./coverage.ts";

const operation = (errors: string[]) => ({ method: "POST" as const, path: "/", status: 200, errors });
const model: ServiceModel = {
  service: "test",
  apiVersion: "1",
  protocol: "rest-json",
  signingNames: ["test"],
  actionPrefix: "test",
  operations: {
    Built: operation(["Conflict", "Internal"]),
    NoError: operation([]),
    Untried: operation(["Conflict"]),
    HalfTried: operation(["Conflict", "NotFound", "Internal"]),
    Absent: operation(["Conflict"]),
  },
  shapes: {},
};
const declared = { test: model };
const unraisable = { Internal: "a defect" };
const evidence = {
  test: {
    Built: { success: true, errors: ["Conflict"] },
    NoError: { success: true, errors: [] },
    HalfTried: { success: true, errors: ["NotFound", "AccessDenied"] },
    Absent: { success: false, errors: ["NotImplementedException"] },
  },
};

function line(operationName: string, outcome: string, service = "test"): string {
  return JSON.stringify({ service, operation: operationName, outcome });
}

describe("readEvidence", () => {
  test("collects successes and errors, each once", () => {
    const text = [
      line("Built", "Conflict"),
      line("Built", "success"),
      line("Built", "Conflict"),
      "",
      line("Absent", "A"),
    ];
    expect(readEvidence(declared, text.join("\n"))).toEqual({
      evidence: { test: { Absent: { success: false, errors: ["A"] }, Built: { success: true, errors: ["Conflict"] } } },
      unreadable: 0,
    });
  });

  test("counts what is no evidence", () => {
    const text = [
      '{"service": "test", "oper',
      "null",
      "[]",
      "{}",
      '{"service": 1, "operation": "Built", "outcome": "success"}',
      line("Nowhere", "success"),
      line("__proto__", "success"),
      line("constructor", "success"),
      line("Built", "success", "__proto__"),
    ];
    expect(readEvidence(declared, text.join("\n"))).toEqual({ evidence: {}, unreadable: text.length });
  });
});

test("mergeEvidence unites and sorts", () => {
  const merged = mergeEvidence(
    { b: { X: { success: false, errors: ["Z", "A"] } } },
    { a: { Y: { success: true, errors: [] } }, b: { X: { success: true, errors: ["M", "A"] } } },
  );
  expect(JSON.stringify(merged)).toBe(
    '{"a":{"Y":{"success":true,"errors":[]}},"b":{"X":{"success":true,"errors":["A","M","Z"]}}}',
  );
});

describe("judge", () => {
  const judged = (handlers?: Record<string, string[]>) =>
    judge(declared, evidence, handlers, unraisable)[0]!.operations.map(
      ({ name, status, unseen }) => `${name} ${status} ${unseen.join()}`,
    );

  test("with the list of handlers", () => {
    expect(judged({ test: ["Built", "NoError", "Untried", "HalfTried"] })).toEqual([
      "Built built ",
      "NoError built ",
      "Untried partial success,Conflict",
      "HalfTried partial Conflict",
      "Absent missing ",
    ]);
  });

  test("evidence without a handler does not make an operation built", () => {
    expect(judged({}).every((text) => text.includes(" missing "))).toBe(true);
  });

  test("without a list a success stands for a handler", () => {
    expect(judged()[2]).toBe("Untried missing ");
    expect(judged()[3]).toBe("HalfTried partial Conflict");
  });
});

test("exemptions may be narrow, and a query error may go by its code", () => {
  const shapes = { Conflict: { type: "structure" as const, members: {}, error: { status: 409, code: "Clash" } } };
  const seen = { test: { Built: { success: true, errors: ["Clash"] } } };
  const statuses = (exempt: Record<string, string>) =>
    judge({ test: { ...model, shapes } }, seen, { test: ["Built", "HalfTried"] }, exempt)[0]!.operations;
  expect(statuses({})[0]).toEqual({ name: "Built", status: "partial", unseen: ["Internal"] });
  expect(statuses({ "test/Internal": "" })[0]!.status).toBe("built");
  const narrow = statuses({ "test/Built/Internal": "" });
  expect([narrow[0]!.status, narrow[3]!.unseen]).toEqual(["built", ["success", "Conflict", "NotFound", "Internal"]]);
});

test("renderCoverage shows counts, what was not seen, what is missing and why errors are exempt", () => {
  const handlers = { test: ["Built", "NoError", "Untried", "HalfTried"] };
  const statuses = judge(declared, evidence, handlers, unraisable);
  const page = renderCoverage(statuses, unraisable);
  expect(summaryTable(statuses).split("\n")).toEqual([
    "| Service | Declared | Built | Partial | Missing |",
    "| ------- | -------- | ----- | ------- | ------- |",
    "| test    | 5        | 2     | 2       | 1       |",
    "| all     | 5        | 2     | 2       | 1       |",
  ]);
  expect(page).toContain("| Untried   | partial | success, Conflict |");
  expect(page).toContain("Missing (1): Absent.");
  expect(page).toContain("- `Internal`: a defect.");
});

describe("updateCoverage", () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-coverage-"));
  afterAll(() => rmSync(directory, { recursive: true, maxRetries: 10 }));
  const file = (name: string, ...lines: string[]): string => {
    writeFileSync(join(directory, name), `${lines.join("\n")}\n`);
    return join(directory, name);
  };
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const errors = services["hearth"]!.operations["CreateAccount"]!.errors;

  test("merges run after run, and forgets when told to", async () => {
    const first = file("first.jsonl", line("CreateAccount", "success", "hearth"));
    const second = file("second.jsonl", ...errors.map((error) => line("CreateAccount", error, "hearth")), "torn {");
    const builtOperations = () => ({ hearth: ["CreateAccount"] });
    const options = { directory, replace: false, builtOperations };

    await updateCoverage({ ...options, evidenceFiles: [first] });
    expect(read("coverage.md")).toMatch(/\| CreateAccount \| partial \| AccessDeniedException, /);

    const printed = await updateCoverage({ ...options, evidenceFiles: [second] });
    expect(printed).toContain("second.jsonl: 1 lines are no evidence");
    expect(read("coverage.md")).toMatch(/\| CreateAccount \| built {2}\| /);
    expect(JSON.parse(read("coverage.json"))).toEqual({ hearth: { CreateAccount: { success: true, errors } } });

    const [page, record] = [read("coverage.md"), read("coverage.json")];
    await updateCoverage({ ...options, evidenceFiles: [] });
    expect([read("coverage.md"), read("coverage.json")]).toEqual([page, record]);

    await updateCoverage({ ...options, evidenceFiles: [first], replace: true });
    expect(JSON.parse(read("coverage.json"))).toEqual({ hearth: { CreateAccount: { success: true, errors: [] } } });
  });

  test("says when there is no list of handlers", async () => {
    expect(await updateCoverage({ directory, evidenceFiles: [], replace: true })).toMatch(/^No list of handlers/);
  });

  test("an evidence file that is not there is an error", async () => {
    const evidenceFiles = [join(directory, "nowhere")];
    await expect(updateCoverage({ directory, evidenceFiles, replace: false })).rejects.toThrow(/ENOENT/);
  });
});
