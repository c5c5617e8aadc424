import { describe, expect, test } from "vitest";
import type { DeviceCertificate, DeviceDirectory } from "../device-directory.ts";
import { authenticateCertificate } from "./authenticate-certificate.ts";
import { createEndpointNames, endpointWildcard } from "./endpoint-names.ts";

const HOME = { accountId: "000000000000", region: "us-east-1" };
const OTHER = { accountId: "111111111111", region: "us-east-1" };
const THIRD = { accountId: "222222222222", region: "us-east-1" };

describe("an endpoint", () => {
  const { endpointOf, named } = createEndpointNames({ publicHost: "Hearth.example", home: HOME });

  test("is the public host for the first account, below it for each other one, and names it again", () => {
    expect(endpointOf(HOME)).toBe("Hearth.example");
    expect(endpointOf(OTHER)).toBe("a111111111111-ats.iot.us-east-1.hearth.example");
    expect(named("HEARTH.example")).toEqual({ ...HOME, only: false });
    expect(named(endpointOf(OTHER).toUpperCase())).toEqual({ ...OTHER, only: true });
    expect(named("a000000000000-ats.iot.us-east-1.anything")).toEqual({ ...HOME, only: true });
  });

  test.each([
    undefined,
    "localhost",
    "other.hearth.example",
    "a11111111111-ats.iot.us-east-1.hearth.example",
    "xa111111111111-ats.iot.us-east-1.hearth.example",
    "a111111111111-ats.iot.us-east-1",
    `a111111111111-ats.iot.${"x".repeat(60)}.hearth.example`,
  ])("%s names nobody", (serverName) => expect(named(serverName)).toBeUndefined());

  test.each(["localhost", "192.0.2.1", "[2001:db8::1]"])("%s is everybody's and names nobody", (publicHost) => {
    const local = createEndpointNames({ publicHost, home: HOME });
    expect([local.endpointOf(HOME), local.endpointOf(OTHER)]).toEqual([publicHost, publicHost]);
    expect(local.named(publicHost)).toBeUndefined();
    expect(local.named("a111111111111-ats.iot.us-east-1.localhost")).toEqual({ ...OTHER, only: true });
  });

  test("is covered by one name of the server's certificate, unless it is below an address", () => {
    expect(endpointWildcard("hearth.example", "us-east-1")).toBe("*.iot.us-east-1.hearth.example");
    for (const address of ["192.0.2.1", "::1", "[::1]"]) expect(endpointWildcard(address, "us-east-1")).toBeUndefined();
  });
});

describe("of several registrations of a certificate counts", () => {
  type At = typeof HOME;
  const certificate = (at: At, more: Partial<DeviceCertificate> = {}): DeviceCertificate => ({
    ...at,
    certificateId: "c",
    issuedHere: false,
    status: "ACTIVE",
    notBefore: 0,
    notAfter: 10,
    ...more,
  });
  const issued = (at: At, more: Partial<DeviceCertificate> = {}) => certificate(at, { issuedHere: true, ...more });
  const only = (at: At) => ({ ...at, only: true });
  const home = { ...HOME, only: false };

  test.each([
    ["the only one, where nothing is named", undefined, [certificate(OTHER)], OTHER],
    ["none, where nothing is named", undefined, [certificate(OTHER), certificate(THIRD)], "in several accounts"],
    ["the one that was issued here", undefined, [certificate(OTHER), issued(THIRD)], THIRD],
    [
      "that one also where it is revoked",
      undefined,
      [certificate(OTHER), issued(THIRD, { status: "REVOKED" })],
      "not-active",
    ],
    ["the named account's", only(OTHER), [certificate(HOME), certificate(OTHER), issued(THIRD)], OTHER],
    ["the named account's alone", only(OTHER), [certificate(HOME), issued(THIRD)], "unknown"],
    ["the named account's in its region", only({ ...OTHER, region: "eu-west-1" }), [certificate(OTHER)], "unknown"],
    [
      "that one also where it is inactive",
      only(OTHER),
      [certificate(OTHER, { status: "INACTIVE" }), certificate(HOME)],
      "not-active",
    ],
    ["the first account's, at its host", home, [certificate(OTHER), certificate(HOME)], HOME],
    ["nobody else's, at its host", home, [certificate(OTHER)], "unknown"],
    ["one that was issued here, also at the first account's host", home, [certificate(HOME), issued(OTHER)], OTHER],
  ] as const)("%s", async (_what, named, registrations, expected) => {
    const directory = { registrations: async () => registrations } as Partial<DeviceDirectory> as DeviceDirectory;
    const verdict = await authenticateCertificate(directory, new Uint8Array(1), 5, named);
    if (typeof expected === "string") expect(verdict).toMatchObject({ refusal: expected });
    else expect(verdict).toMatchObject({ certificate: expected });
  });
});
