import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";
import { endPeers } from "../walk/peer.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet();
});
afterEach(endPeers);
afterAll(() => fleet.close());

const statement = (Sid: string, Effect: "Allow" | "Deny", Action: string | string[], ...resources: string[]) => ({
  Sid,
  Effect,
  Action,
  Resource: resources.map((resource) => (resource === "*" ? "*" : fleet.arn(resource))),
});
/** The reasons that are known of somebody, once one of them holds `words`. */
const told = (asked: { ClientId?: string; CertificateId?: string }, words: string) =>
  eventually(`"${words}"`, async () => {
    const { Events } = await fleet.hearth.send("ListConnectionEvents", asked);
    return Events.find(({ Reason }) => Reason.includes(words));
  });

describe("ListConnectionEvents", () => {
  test("names the statement that denied, by its Sid", async () => {
    const key = await fleet.identity([
      statement("All", "Allow", "iot:*", "*"),
      statement("NotHere", "Deny", "iot:Publish", "topic/secret"),
    ]);
    const peer = await fleet.connect(key, { clientId: "denied" });
    await expect(peer.publish("secret", "x")).rejects.toThrow();
    const event = await told({ ClientId: "denied" }, 'is denied by statement "NotHere"');
    const certificateId = key.certificateId;
    expect(event).toMatchObject({
      ...{ EventType: "Publish-In", Status: "Failure", TopicName: "secret", ReasonCode: 0x87, Count: 1 },
      ...{ ClientId: "denied", PrincipalId: certificateId, CertificateId: certificateId, Protocol: "MQTT" },
    });
    expect(Math.abs(event.Timestamp * 1000 - Date.now())).toBeLessThan(60_000);
  });

  test("names the variable that did not resolve, and why", async () => {
    const self = `client/\${iot:Connection.Thing.ThingName}`;
    const key = await fleet.identity([statement("Own", "Allow", "iot:Connect", self)]);
    await expect(fleet.connect(key, { clientId: "unattached" })).rejects.toThrow();
    const { Reason } = await told({ ClientId: "unattached" }, "has no value");
    expect(Reason).toContain('attached to no thing named "unattached"');
    expect(await told({ CertificateId: key.certificateId }, "has no value")).toMatchObject({ ClientId: "unattached" });
  });

  test("says who took a connection over", async () => {
    const key = await fleet.identity([statement("All", "Allow", "iot:*", "*")]);
    const other = await fleet.identity([statement("All", "Allow", "iot:*", "*")]);
    const first = await fleet.connect(key, { clientId: "twin" });
    await fleet.connect(other, { clientId: "twin" });
    await first.closed;
    const { Reason } = await told({ ClientId: "twin" }, "taken over");
    expect(Reason).toContain(`principal ${other.certificateId}`);
  });

  test("finds by its certificate a device that never said who it is", async () => {
    const foreign = await openFleet();
    const stranger = await foreign.identity([statement("All", "Allow", "iot:*", "*")]);
    await foreign.close();
    await expect(fleet.connect(stranger, { clientId: "stranger" })).rejects.toThrow();
    const event = await told({ CertificateId: stranger.certificateId }, "is not registered");
    expect(event).toMatchObject({ EventType: "Connect", Cause: "certificate unknown", Protocol: "TLS" });
    expect(event.ClientId).toBeUndefined();
  });

  test("lists who did not come through the handshake", async () => {
    const socket = connectTls({ port: fleet.file.mqttsPort, host: "localhost", ALPNProtocols: ["nonsense"] });
    socket.on("error", () => {});
    await told({}, "ALPN");
    socket.destroy();
  });

  test("is asked for one thing at a time, page by page", async () => {
    const key = await fleet.identity([statement("All", "Allow", "iot:*", "*")]);
    for (let i = 0; i < 2; i++) await (await fleet.connect(key, { clientId: "paged" })).end();
    const { Events } = await eventually("the ends", async () => {
      const whole = await fleet.hearth.send("ListConnectionEvents", { ClientId: "paged" });
      return whole.Events.some(({ EventType }) => EventType === "Disconnect") ? whole : undefined;
    });
    const found: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page = await fleet.hearth.send("ListConnectionEvents", { ClientId: "paged", MaxResults: 1, NextToken });
      expect(page.Events).toHaveLength(1);
      found.push(...page.Events);
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(found).toEqual(Events);
    const both = fleet.hearth.send("ListConnectionEvents", { ClientId: "a", CertificateId: "a".repeat(64) });
    await expect(both).rejects.toMatchObject({ name: "ValidationException" });
    expect(await fleet.hearth.send("ListConnectionEvents", { ClientId: "nobody" })).toEqual({ Events: [] });
  });
});
