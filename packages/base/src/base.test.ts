import { expect, test } from "vitest";
import { formatArn, parseArn } from "./arn.ts";
import { FakeClock } from "./clock.ts";
import { randomText } from "./ids.ts";

test("ARNs: the resource keeps its colons and slashes", () => {
  const text = "arn:aws:iot:us-east-1:000000000000:topic/a:b/c";
  expect(parseArn(text)).toEqual({
    partition: "aws",
    service: "iot",
    region: "us-east-1",
    accountId: "000000000000",
    resource: "topic/a:b/c",
  });
  expect(formatArn("iot", "us-east-1", "000000000000", "topic/a:b/c")).toBe(text);
  for (const other of ["", "arn:aws:iot", "urn:aws:iot:us-east-1:000000000000:topic/a"]) {
    expect(parseArn(other)).toBeUndefined();
  }
});

test("the fake clock runs what falls due in order, also what that arms, and nothing that was cancelled", () => {
  const clock = new FakeClock(1000);
  const ran: string[] = [];
  clock.after(20, () => ran.push(`b at ${clock.now()}`));
  clock.after(10, () => {
    ran.push(`a at ${clock.now()}`);
    clock.after(5, () => ran.push(`a+5 at ${clock.now()}`));
  });
  const cancel = clock.after(15, () => ran.push("cancelled"));
  cancel();
  clock.advance(19);
  expect(ran).toEqual(["a at 1010", "a+5 at 1015"]);
  clock.advance(1);
  expect(ran.at(-1)).toBe("b at 1020");
});

test("random text has the length and alphabet that was asked for", () => {
  expect(randomText(40)).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(randomText(12, "01")).toMatch(/^[01]{12}$/);
  expect(randomText(0)).toBe("");
  expect(randomText(20)).not.toBe(randomText(20));
});
