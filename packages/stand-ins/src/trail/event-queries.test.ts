import { expect, test } from "vitest";
import { crowdedOut } from "./event-queries.ts";

test("the newest answers are remembered as far as there is room, the very newest in any case", () => {
  const answers = [30, 10, 0, 60].map((answerSize) => ({ answerSize }));
  expect(crowdedOut(answers, 100)).toEqual([]);
  expect(crowdedOut(answers, 99)).toEqual([{ answerSize: 30 }]);
  expect(crowdedOut(answers, 69)).toEqual([{ answerSize: 10 }, { answerSize: 30 }]);
  expect(crowdedOut(answers, 50)).toEqual([{ answerSize: 0 }, { answerSize: 10 }, { answerSize: 30 }]);
});
