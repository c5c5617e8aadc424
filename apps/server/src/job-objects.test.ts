import { expect, test } from "vitest";
import { locateObject } from "./job-objects.ts";

const ORIGIN = "https://hearth.home:8443";

test.each([
  ["s3://firmware/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://s3.eu-central-1.amazonaws.com/firmware/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://s3-eu-west-1.amazonaws.com/firmware/a", "firmware", "a"],
  ["https://s3.amazonaws.com/firmware/a%20b", "firmware", "a b"],
  ["https://firmware.s3.amazonaws.com/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://my.firmware.s3.us-east-1.amazonaws.com/a", "my.firmware", "a"],
  ["https://hearth.home:8443/firmware/a", "firmware", "a"],
])("%s", (address, bucket, key) => {
  expect(locateObject(address, ORIGIN)).toEqual({ bucket, key });
});

test("a version", () => {
  const object = { bucket: "b-1", key: "k", versionId: "v1" };
  expect(locateObject("https://s3.us-east-1.amazonaws.com/b-1/k?versionId=v1", ORIGIN)).toEqual(object);
});

test.each([
  "",
  "firmware/a",
  "https://example.com/firmware/a",
  "https://s3.us-east-1.amazonaws.com.example.com/firmware/a",
  "http://s3.us-east-1.amazonaws.com/firmware/a",
  "https://s3.us-east-1.amazonaws.com/firmware",
  "https://s3.us-east-1.amazonaws.com/firmware/",
  "https://firmware.s3.us-east-1.amazonaws.com/",
  "https://s3.us-east-1.amazonaws.com/firmware/%zz",
  "javascript:alert(1)",
])("%j names no object", (address) => {
  expect(locateObject(address, ORIGIN)).toBeUndefined();
});
