import { readFileSync } from "node:fs";
import { FakeClock } from "@hearth/base";
import { awsLimits, standardLimits } from "@hearth/broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startKit, unhurried } from "../../packages/broker/test/kit.ts";
import { clauseOf, deviates, type Profile, readTable } from "./case.ts";
import { type House, runCase } from "./run.ts";

const table = readTable();
const cases = table.flatMap((chapter) => chapter.cases);

describe("the table", () => {
  test("has at least 150 cases, each with an id of its own and a clause", () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    for (const one of cases) {
      expect(one.versions.length, one.id).toBeGreaterThan(0);
      for (const version of one.versions) {
        expect(clauseOf(one, version), one.id).toMatch(
          /^(MQTT-\d+\.\d+\.\d+-\d+|section \d+(\.\d+)+|reference \d+\.\d+: .+)$/,
        );
      }
    }
  });

  test("says where in the reference each deviation of AWS's profile is", () => {
    for (const one of cases) {
      if (deviates(one)) expect(one.deviation, one.id).toMatch(/^reference 1\.[35]: /);
      else expect(one.deviation, one.id).toBeUndefined();
    }
  });
});

test("docs/conformance.md counts the cases of each chapter", () => {
  const text = readFileSync(new URL("../../docs/conformance.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([\w-]+)` \| .* \| (\d+) \| (\d+) \|$/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(
    table.map(({ file, cases }) => [
      file.replace(".json", ""),
      String(cases.length),
      String(cases.filter(deviates).length),
    ]),
  );
});

describe.each<Profile>(["standard", "aws"])("profile %s", (profile) => {
  let house: House;
  beforeAll(async () => {
    const clock = new FakeClock();
    const limits = profile === "aws" ? { ...awsLimits, ...unhurried } : standardLimits;
    house = { kit: await startKit({ clock, limits }), clock, profile };
  });
  afterAll(() => house.kit.stop());

  for (const one of cases) {
    for (const version of one.versions) {
      const name = version === 4 ? "3.1.1" : "5";
      test(`${one.id} [${clauseOf(one, version)}] ${one.title} (${profile}, MQTT ${name})`, () =>
        runCase(house, one, version));
    }
  }
});
