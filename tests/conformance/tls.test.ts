import type { TLSSocket } from "node:tls";
import { FakeClock, silentLogger } from "@hearth/base";
import { awsLimits, standardLimits } from "@hearth/broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listeners, openListeners } from "../../apps/server/src/listeners/listeners.ts";
import { startKit, unhurried } from "../../packages/broker/test/kit.ts";
import { makeCertificate } from "../kit/certificate-request.ts";
import { clauseOf, type Profile, readTable } from "./case.ts";
import { type House, runCase } from "./run.ts";

// The table again, on the server's own port 8883 over mutual TLS: the whole of it in the long run, else every eleventh case.
const EVERY = process.env["HEARTH_LONG"] ? 1 : 11;
const cases = readTable()
  .flatMap((chapter) => chapter.cases)
  .filter((_, index) => index % EVERY === 0);

describe.each<Profile>(["standard", "aws"])("over mutual TLS, profile %s", (profile) => {
  let house: House;
  let listeners: Listeners;
  let withoutCertificate = 0;
  beforeAll(async () => {
    const clock = new FakeClock();
    const limits = profile === "aws" ? { ...awsLimits, ...unhurried } : standardLimits;
    const kit = await startKit({ clock, limits });
    const [server, device] = await Promise.all([makeCertificate("localhost"), makeCertificate("device")]);
    const never = () => {
      throw new Error("only MQTT comes here");
    };
    listeners = await openListeners(
      { apiPort: 0, httpsPort: 0, mqttsPort: 0, tlsPort: 0, openMqttPort: undefined, bind: "127.0.0.1" },
      { privateKey: server.privateKey, chain: server.certificate, root: server.certificate, notAfter: 0 },
      {
        request: never,
        upgrade: never,
        openMqtt: never,
        mqtt(socket: TLSSocket) {
          if (!socket.getPeerX509Certificate()) withoutCertificate++;
          kit.accept(socket);
        },
      },
      silentLogger,
    );
    const secure = { cert: device.certificate, key: device.privateKey, rejectUnauthorized: false };
    house = { kit, clock, profile, door: { port: listeners.ports.mqtts, secure } };
  });
  afterAll(async () => {
    await listeners.close();
    await house.kit.stop();
    expect(withoutCertificate).toBe(0);
  });

  for (const one of cases) {
    for (const version of one.versions) {
      const name = version === 4 ? "3.1.1" : "5";
      test(`${one.id} [${clauseOf(one, version)}] ${one.title} (TLS, ${profile}, MQTT ${name})`, () =>
        runCase(house, one, version));
    }
  }
});
