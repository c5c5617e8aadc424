import { type EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { iotshadow, mqtt, mqtt_request_response } from "aws-iot-device-sdk-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";
import { connectMqtt5, connectMqtt311, type DeviceKey, stopMqtt5 } from "./aws-device-connections.ts";

/** `thingShadow` of `aws-iot-device-sdk` (version 1, CommonJS, without types). */
interface ThingShadow extends EventEmitter {
  register(thingName: string, options: object, callback: (error?: Error, failed?: unknown[]) => void): void;
  unregister(thingName: string): void;
  /** The client token; null when the thing is unknown or a request of it is on its way. */
  get(thingName: string, clientToken?: string): string | null;
  update(thingName: string, state: object): string | null;
  delete(thingName: string, clientToken?: string): string | null;
  end(force: boolean, callback: () => void): void;
}

const { thingShadow: ThingShadowOfVersion1 } = createRequire(import.meta.url)("aws-iot-device-sdk") as {
  thingShadow: new (options: object, more?: object) => ThingShadow;
};

const limits = { maxRequestResponseSubscriptions: 9, maxStreamingSubscriptions: 4, operationTimeoutInSeconds: 10 };
const everything = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];

let fleet: Fleet;
let key: DeviceKey;
beforeAll(async () => {
  fleet = await openFleet();
  key = await fleet.identity(everything);
});
afterAll(() => fleet.close());

/** The refusal as the service client understood it. */
async function refused(request: Promise<unknown>): Promise<iotshadow.model.V2ErrorResponse> {
  const error = await request.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(mqtt_request_response.ServiceError);
  return (error as mqtt_request_response.ServiceError).modeledError as iotshadow.model.V2ErrorResponse;
}

describe.each(["MQTT 3.1.1", "MQTT 5"] as const)("iotshadow of AWS's device SDK, version 2's client, %s", (version) => {
  const thingName = version === "MQTT 5" ? "v2-5" : "v2-311";
  let client: iotshadow.IotShadowClientv2;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    if (version === "MQTT 5") {
      const connection = await connectMqtt5(fleet, key, thingName);
      client = iotshadow.IotShadowClientv2.newFromMqtt5(connection, limits);
      close = () => stopMqtt5(connection);
    } else {
      const connection = await connectMqtt311(fleet, key, thingName);
      client = iotshadow.IotShadowClientv2.newFromMqtt311(connection, limits);
      close = () => connection.disconnect();
    }
  });
  afterAll(async () => {
    client.close();
    await close();
  });

  test.each([undefined, "night"])("its whole API, shadow %s", async (shadowName) => {
    const named = shadowName === undefined ? undefined : { thingName, shadowName };
    const classic = { thingName };
    type Update = Omit<iotshadow.model.UpdateNamedShadowRequest, "thingName" | "shadowName">;
    const get = () => (named ? client.getNamedShadow(named) : client.getShadow(classic));
    const remove = () => (named ? client.deleteNamedShadow(named) : client.deleteShadow(classic));
    const update = (request: Update) =>
      named ? client.updateNamedShadow({ ...named, ...request }) : client.updateShadow({ ...classic, ...request });

    const deltas: iotshadow.model.ShadowDeltaUpdatedEvent[] = [];
    const updates: iotshadow.model.ShadowUpdatedEvent[] = [];
    const deltaStream = named
      ? client.createNamedShadowDeltaUpdatedStream(named)
      : client.createShadowDeltaUpdatedStream(classic);
    const updateStream = named
      ? client.createNamedShadowUpdatedStream(named)
      : client.createShadowUpdatedStream(classic);
    deltaStream.on("incomingPublish", ({ message }) => deltas.push(message));
    updateStream.on("incomingPublish", ({ message }) => updates.push(message));
    const established = [deltaStream, updateStream].map((stream) => once(stream, "subscriptionStatus"));
    deltaStream.open();
    updateStream.open();
    await Promise.all(established);

    const missing = { code: 404, message: `No shadow exists with name: '${shadowName ?? thingName}'` };
    expect(await refused(get())).toMatchObject(missing);
    expect(await refused(remove())).toMatchObject(missing);
    const before = Math.floor(Date.now() / 1000);
    const first = await update({ state: { desired: { dim: 3, list: [1] }, reported: { dim: 1 } } });
    expect(first).toMatchObject({
      version: 1,
      state: { desired: { dim: 3, list: [1] }, reported: { dim: 1 } },
      metadata: { desired: { dim: { timestamp: expect.any(Number) } } },
    });
    expect(Number(first.timestamp)).toBeGreaterThanOrEqual(before);
    await eventually("the delta", async () => deltas[0]);
    expect(deltas).toMatchObject([{ version: 1, state: { dim: 3, list: [1] }, clientToken: first.clientToken }]);
    await eventually("the documents", async () => updates[0]);
    expect(updates).toMatchObject([
      {
        previous: { version: 0 },
        current: { version: 1, state: { desired: { dim: 3, list: [1] }, reported: { dim: 1 } } },
      },
    ]);
    expect(await refused(update({ state: { reported: { dim: 3 } }, version: 9 }))).toMatchObject({
      ...{ code: 409, message: "Version conflict" },
    });
    expect(await refused(update({ state: { reported: { list: [null] } } }))).toMatchObject({
      ...{ code: 400, message: "State contains an invalid node" },
    });
    expect(await update({ state: { reported: { dim: 3, list: [1] } }, version: 1 })).toMatchObject({ version: 2 });
    const whole = await get();
    expect(whole).toMatchObject({ version: 2, state: { desired: { dim: 3 }, reported: { dim: 3 } } });
    expect(whole.state?.delta).toBeUndefined();
    await eventually("the second documents", async () => updates[1]);
    expect(deltas).toHaveLength(1);
    expect(await remove()).toMatchObject({ version: 2 });
    deltaStream.close();
    updateStream.close();
  });
});

describe("iotshadow of AWS's device SDK, version 1's client over version 2's connection", () => {
  const thingName = "v2-old";
  const qos = mqtt.QoS.AtLeastOnce;

  test.each(["", "night"])(
    "publishes three requests and hears eight kinds of answers, shadow %j",
    async (shadowName) => {
      const connection = await connectMqtt311(fleet, key, `${thingName}${shadowName}`);
      const client = new iotshadow.IotShadowClient(connection);
      const heard: Record<string, unknown[]> = {};
      const hear =
        (kind: string) =>
        (error?: iotshadow.IotShadowError, response?: unknown): void => {
          heard[kind] = [...(heard[kind] ?? []), error ?? response];
        };
      const next = (kind: string): Promise<unknown> => eventually(kind, async () => heard[kind]?.shift());

      if (shadowName === "") {
        const on = { thingName };
        await client.subscribeToGetShadowAccepted(on, qos, hear("got"));
        await client.subscribeToGetShadowRejected(on, qos, hear("not got"));
        await client.subscribeToUpdateShadowAccepted(on, qos, hear("updated"));
        await client.subscribeToUpdateShadowRejected(on, qos, hear("not updated"));
        await client.subscribeToDeleteShadowAccepted(on, qos, hear("deleted"));
        await client.subscribeToDeleteShadowRejected(on, qos, hear("not deleted"));
        await client.subscribeToShadowDeltaUpdatedEvents(on, qos, hear("delta"));
        await client.subscribeToShadowUpdatedEvents(on, qos, hear("documents"));
      } else {
        const on = { thingName, shadowName };
        await client.subscribeToGetNamedShadowAccepted(on, qos, hear("got"));
        await client.subscribeToGetNamedShadowRejected(on, qos, hear("not got"));
        await client.subscribeToUpdateNamedShadowAccepted(on, qos, hear("updated"));
        await client.subscribeToUpdateNamedShadowRejected(on, qos, hear("not updated"));
        await client.subscribeToDeleteNamedShadowAccepted(on, qos, hear("deleted"));
        await client.subscribeToDeleteNamedShadowRejected(on, qos, hear("not deleted"));
        await client.subscribeToNamedShadowDeltaUpdatedEvents(on, qos, hear("delta"));
        await client.subscribeToNamedShadowUpdatedEvents(on, qos, hear("documents"));
      }
      const which = { thingName, shadowName };
      const get = (clientToken: string) =>
        shadowName === ""
          ? client.publishGetShadow({ thingName, clientToken }, qos)
          : client.publishGetNamedShadow({ ...which, clientToken }, qos);
      const remove = (clientToken: string) =>
        shadowName === ""
          ? client.publishDeleteShadow({ thingName, clientToken }, qos)
          : client.publishDeleteNamedShadow({ ...which, clientToken }, qos);
      const update = (request: Omit<iotshadow.model.UpdateShadowRequest, "thingName">) =>
        shadowName === ""
          ? client.publishUpdateShadow({ thingName, ...request }, qos)
          : client.publishUpdateNamedShadow({ ...which, ...request }, qos);

      await get("a");
      expect(await next("not got")).toMatchObject({ code: 404, clientToken: "a" });
      await remove("b");
      expect(await next("not deleted")).toMatchObject({ code: 404, clientToken: "b" });
      await update({ state: { desired: { on: true }, reported: { on: false } }, clientToken: "c" });
      expect(await next("updated")).toMatchObject({ version: 1, clientToken: "c", state: { desired: { on: true } } });
      expect(await next("delta")).toMatchObject({ version: 1, state: { on: true } });
      expect(await next("documents")).toMatchObject({ previous: { version: 0 }, current: { version: 1 } });
      await update({ state: { desired: { on: true } }, version: 5, clientToken: "d" });
      expect(await next("not updated")).toMatchObject({ code: 409, clientToken: "d" });
      await get("e");
      expect(await next("got")).toMatchObject({ version: 1, clientToken: "e", state: { delta: { on: true } } });
      await remove("f");
      expect(await next("deleted")).toMatchObject({ version: 1, clientToken: "f" });
      expect(Object.values(heard).flat()).toEqual([]);
      await connection.disconnect();
    },
  );
});

describe("thingShadow of AWS's device SDK for JavaScript, version 1", () => {
  const thingName = "v1";
  const open = (clientId: string, more = {}, as = key): ThingShadow =>
    new ThingShadowOfVersion1(
      {
        host: "localhost",
        port: fleet.file.mqttsPort,
        clientId,
        clientCert: Buffer.from(as.certificate),
        privateKey: Buffer.from(as.privateKey),
        caCert: Buffer.from(fleet.ca),
      },
      more,
    );
  const register = (client: ThingShadow, thing: string, options = {}) =>
    new Promise<void>((resolve, reject) =>
      client.register(thing, options, (error, failed) => (error || failed ? reject(error ?? failed) : resolve())),
    );
  const end = (client: ThingShadow) => new Promise<void>((resolve) => client.end(false, resolve));

  test.each([true, false])(
    "get, update and delete by its own tokens and versions, persistent subscriptions: %s",
    async (persistentSubscribe) => {
      const thing = `${thingName}-${persistentSubscribe}`;
      const client = open(thing);
      await once(client, "connect");
      await register(client, thing, { persistentSubscribe });
      const events: { [event: string]: unknown[][] } = { delta: [], foreignStateChange: [] };
      for (const event of Object.keys(events)) client.on(event, (...args: unknown[]) => events[event]?.push(args));
      /** What the request that `act` makes comes to: it has one on its way at a time. */
      const status = async (act: () => string | null): Promise<unknown[]> => {
        const told = once(client, "status");
        const token = act();
        expect(token).not.toBeNull();
        const [name, how, tokenBack, state] = await told;
        expect([name, tokenBack]).toEqual([thing, token]);
        return [how, state];
      };

      expect(await status(() => client.get(thing))).toMatchObject(["rejected", { code: 404 }]);
      const both = { state: { desired: { rgb: [1, 2] }, reported: { rgb: [0, 0] } } };
      expect(await status(() => client.update(thing, both))).toMatchObject(["accepted", { version: 1 }]);
      await eventually("the delta", async () => events["delta"]?.[0]);
      expect(events["delta"]).toMatchObject([[thing, { version: 1, state: { rgb: [1, 2] } }]]);
      expect(await status(() => client.get(thing, "own-token"))).toMatchObject([
        "accepted",
        { version: 1, state: { delta: { rgb: [1, 2] } } },
      ]);

      // Somebody else's change: told as one where it listens all the time; else its own version is out of date.
      const payload = Buffer.from('{"state":{"reported":{"rgb":[1,2]}}}');
      await fleet.iotData.send(new UpdateThingShadowCommand({ thingName: thing, payload }));
      const mine = () => client.update(thing, { state: { reported: { on: true } } });
      if (persistentSubscribe) {
        const foreign = await eventually("another's change", async () => events["foreignStateChange"]?.[0]);
        expect(foreign).toMatchObject([thing, "update", { version: 2, state: { reported: { rgb: [1, 2] } } }]);
      } else {
        expect(await status(mine)).toMatchObject(["rejected", { code: 409, message: "Version conflict" }]);
        expect(await status(() => client.get(thing))).toMatchObject(["accepted", { version: 2 }]);
      }
      expect(await status(mine)).toMatchObject(["accepted", { version: 3 }]);
      expect(await status(() => client.delete(thing))).toMatchObject(["accepted", { version: 3 }]);
      client.unregister(thing);
      expect(client.get(thing)).toBeNull();
      await end(client);
    },
  );

  test("says which request was not answered in time", async () => {
    // It may not hear the answers.
    const Resource = fleet.arn("topic/$aws/things/deaf/*");
    const deaf = await fleet.identity([...everything, { Effect: "Deny", Action: "iot:Receive", Resource }]);
    const client = open("deaf", { operationTimeout: 50 }, deaf);
    await once(client, "connect");
    await register(client, "deaf");
    const timeout = once(client, "timeout");
    const token = client.get("deaf");
    expect(await timeout).toEqual(["deaf", token]);
    await end(client);
  });
});
