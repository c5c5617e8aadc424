import { describe, expect, test } from "vitest";
import { clientOptions } from "./connection.ts";

describe("connection", () => {
  test.each([
    ["port 443 asks for MQTT with a certificate by ALPN (row 90)", { port: 443 }, ["x-amzn-mqtt-ca"]],
    ["port 8883 asks for nothing (row 90)", { port: 8883 }, undefined],
    ["8883 is the usual port", {}, undefined],
    ["what is asked for wins", { port: 9443, alpn: ["x-amzn-mqtt-ca"] }, ["x-amzn-mqtt-ca"]],
  ])("%s", (_what, options, alpn) => {
    const given = clientOptions({ host: "platform.example", clientId: "device", ...options });
    expect(given.ALPNProtocols).toEqual(alpn);
    expect(given.port).toBe("port" in options ? options.port : 8883);
    expect(given.servername).toBe("platform.example");
    expect(given.rejectUnauthorized).toBe(true);
  });

  test("an address is not a server name", () => {
    expect(clientOptions({ host: "127.0.0.1", clientId: "device" }).servername).toBeUndefined();
    expect(clientOptions({ host: "::1", clientId: "device" }).servername).toBeUndefined();
  });

  test("a session that is to be kept is not clean", () => {
    const host = "platform.example";
    expect(clientOptions({ host, clientId: "device", sessionExpiry: 60 })).toMatchObject({
      clean: false,
      properties: { sessionExpiryInterval: 60 },
    });
    const older = clientOptions({ host, clientId: "device", sessionExpiry: 60, protocolVersion: 4 });
    expect(older.clean).toBe(false);
    expect(older.properties).toBeUndefined();
    expect(clientOptions({ host, clientId: "device" }).clean).toBe(true);
  });
});
