import { describe, expect, test } from "vitest";
import { claimsIn, renderAcceptance } from "./acceptance/rows.ts";

const rows = [1, 2, 3, 4].map((row) => ({ row, what: `thing ${row}`, worksWhen: "it works" }));
const render = (...given: Parameters<typeof renderAcceptance> extends [unknown, ...infer Rest] ? Rest : never) =>
  renderAcceptance(rows, ...given)
    .split("\n")
    .filter((line) => /^\| \d/.test(line));

describe("titles", () => {
  test("name one row, several, or part of one", () => {
    const titles = ["row 1: one", "rows 2, 3 and 4: more", "row 1 (part): some"].map((title) => `test("${title}", …)`);
    expect(claimsIn(titles.join("\n"))).toEqual([
      { row: 1, part: false },
      { row: 2, part: false },
      { row: 3, part: false },
      { row: 4, part: false },
      { row: 1, part: true },
    ]);
  });

  test("that only mention a row claim nothing", () => {
    expect(claimsIn('test("as in row 4: …")\n// row 1: …')).toEqual([]);
  });
});

describe("a row", () => {
  test("is shown, partly shown, or open", () => {
    const shown = [
      { row: 1, part: false, file: "a.test.ts" },
      { row: 1, part: true, file: "b.test.ts" },
      { row: 2, part: true, file: "b.test.ts" },
    ];
    expect(render(shown, [], "tests/long/")).toEqual([
      "| 1 | **thing 1**: it works | `a.test.ts`<br>`b.test.ts` | shown |",
      "| 2 | **thing 2**: it works | `b.test.ts` | partly |",
      "| 3 | **thing 3**: it works |  | open |",
      "| 4 | **thing 4**: it works |  | open |",
    ]);
  });

  test("of a long test is shown by a run that is recorded", () => {
    const shown = [1, 2].map((row) => ({ row, part: false, file: "tests/long/a.test.ts" }));
    const runs = [{ row: 1, date: "2026-01-02", output: "3 passed" }];
    expect(render(shown, runs, "tests/long/").map((line) => line.split(" | ").at(-1))).toEqual([
      "shown; long run of 2026-01-02: 3 passed |",
      "open: its long run is not recorded |",
      "open |",
      "open |",
    ]);
  });

  test("counts once, with or without a long run", () => {
    const shown = [{ row: 1, part: false, file: "a.test.ts" }];
    const runs = [{ row: 1, date: "2026-01-02", output: "3 passed" }];
    expect(renderAcceptance(rows, shown, runs, "tests/long/")).toContain("1 shown, 0 partly, 3 open.");
  });

  test("that there is not cannot be claimed", () => {
    expect(() => render([{ row: 9, part: false, file: "a.test.ts" }], [], "tests/long/")).toThrow("no row 9");
  });
});
