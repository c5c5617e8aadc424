import { FakeClock } from "@hearth/base";
import { expect, test } from "vitest";
import { sendUntilDecoded } from "./undecoded.ts";

const undecoded = new Error("the node failed to decode the message");

/** Fails so often; the moments at which it was sent, and what time was left then. */
async function attempts(failures: number, within: number, error = undecoded) {
  const clock = new FakeClock(0);
  const sent: { at: number; left: number }[] = [];
  const result = sendUntilDecoded(
    async (left) => {
      sent.push({ at: clock.monotonic(), left });
      if (sent.length <= failures) throw error;
      return "done";
    },
    { clock, within, isUndecoded: (one) => one === undecoded },
  ).catch((reason: unknown) => reason);
  for (let step = 0; step < 100; step++) {
    // What has failed asks for its pause first.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10);
  }
  return { sent, result: await result };
}

test("what a node could not decipher is sent three times, with pauses, and never after its time", async () => {
  const never = { result: undecoded };
  expect(await attempts(0, 5_000)).toEqual({ sent: [{ at: 0, left: 5_000 }], result: "done" });
  const twice = await attempts(2, 5_000);
  expect(twice).toEqual({
    ...{ sent: [0, 50, 200].map((at) => ({ at, left: 5_000 - at })), result: "done" },
  });
  expect(await attempts(9, 5_000)).toEqual({ sent: twice.sent, ...never });
  expect(await attempts(9, 50)).toMatchObject({ sent: [{ at: 0 }], ...never });
  expect(await attempts(9, 150)).toMatchObject({ sent: [{ at: 0 }, { at: 50, left: 100 }], ...never });
});

test("what has failed for another reason is not sent again", async () => {
  const gone = new Error("the node is gone");
  expect(await attempts(9, 5_000, gone)).toMatchObject({ sent: [{ at: 0 }], result: gone });
});
