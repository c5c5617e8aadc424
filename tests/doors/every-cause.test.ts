import { DetachPolicyCommand } from "@aws-sdk/client-iot";
import { CONNECTION_CAUSES, type ConnectionCause } from "@hearth/broker";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "../walk/fleet.ts";
import { connections } from "./causes/connections.ts";
import { limits } from "./causes/limits.ts";
import { client, type Rows } from "./causes/raising.ts";
import { endClients, type Limited, openWorlds, type World } from "./causes/world.ts";

type Asked = { ClientId?: string; CertificateId?: string };

const rows: Rows = { ...connections, ...limits };
let worlds: Record<Limited, World>;
beforeAll(async () => {
  worlds = await openWorlds();
});
afterEach(endClients);
afterAll(() => Promise.all(Object.values(worlds).map((world) => world.close())));

/** Those that no row can raise, and what shows them instead. */
const WITHOUT_ROW: Partial<Record<ConnectionCause, string>> = {
  SERVER_INITIATED_DISCONNECT: "the last test here: the server that is asked has to be stopped for it",
  "handshake slow": "takes 15 s; apps/server: slow-clients.test.ts, handshake-words.test.ts",
  "handshake client-certificate": "no TLS library at hand sends a wrong proof; apps/server: handshake-words.test.ts",
  "refused 0x88": "the store has to fail; packages/broker: connect.test.ts, identify-by-connect.test.ts",
  SERVER_ERROR: "the store has to fail",
  failed: "the store has to fail; packages/broker: store.test.ts",
  CLIENT_ERROR: "stands for a reason code that no packet has yet",
  THROTTLED: "nobody is disconnected for it yet: what is too much is refused, dropped or delayed",
  CUSTOMAUTH_TTL_EXPIRATION: "there is no custom authorizer yet",
  UNKNOWN: "every end has a reason",
};

test("every cause has a row, or says why not", () => {
  const without = CONNECTION_CAUSES.filter((cause) => rows[cause] === undefined);
  expect(without.toSorted()).toEqual(Object.keys(WITHOUT_ROW).toSorted());
});

test.each(Object.keys(rows) as ConnectionCause[])("%s", async (cause) => {
  const { world: name = "doors", raise, words } = rows[cause]!;
  const world = worlds[name];
  // Another second, so that no rate remembers what came before; less than what folds two events into one.
  world.clock.advance(1_100);
  const asked = ((await raise(world, cause)) as Asked | undefined) ?? { ClientId: cause };
  const event = await eventually(`"${cause}"`, async () => {
    const { Events } = await world.hearth.send("ListConnectionEvents", asked);
    return Events.find((one) => one.Cause === cause && words.test(one.Reason));
  }).catch(async (error: Error) => {
    const { Events } = await world.hearth.send("ListConnectionEvents", asked);
    throw new Error(`${error.message}; known is ${JSON.stringify(Events.map(({ Cause, Reason }) => [Cause, Reason]))}`);
  });
  expect(event.Reason).not.toMatch(/undefined|\[object|NaN|\n/);
});

test("a policy that is detached is in force at once, and the log says so", async () => {
  const world = worlds.doors;
  const key = await world.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
  const peer = await world.connect(key, { clientId: "detached" });
  const { policyName, certificateArn } = key;
  await world.iot.send(new DetachPolicyCommand({ policyName, target: certificateArn }));
  await expect(peer.publish("a", "x")).rejects.toThrow();
  const { Events } = await world.hearth.send("ListConnectionEvents", { ClientId: "detached" });
  const denied = Events.find(({ Cause }) => Cause === "denied");
  expect(denied?.Reason).toMatch(/^not authorized to publish: there are no policies/);
});

test("what no statement allows is said with what was asked for", async () => {
  const world = worlds.doors;
  const key = await world.identity([{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }]);
  const peer = await world.connect(key, { clientId: "bounded" });
  await expect(peer.publish("a", "x")).rejects.toThrow();
  const { Events } = await world.hearth.send("ListConnectionEvents", { ClientId: "bounded" });
  const denied = Events.find(({ Cause }) => Cause === "denied");
  expect(denied?.Reason).toContain("no statement allows");
  expect(denied?.Reason).toContain(world.arn("topic/a"));
});

test("SERVER_INITIATED_DISCONNECT", async () => {
  const world = worlds.sizes;
  const one = await client(world, "until the end");
  await world.platform.stop(true);
  await one.end();
  const line = world.lines.find(
    ({ clientId, eventType }) => clientId === "until the end" && eventType === "Disconnect",
  );
  expect(line).toMatchObject({
    ...{ cause: "SERVER_INITIATED_DISCONNECT", reasonCode: 0x8b },
    reason: "the server is being stopped or restarted; the client may connect again",
  });
});
