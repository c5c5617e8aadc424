import type { ManagedIntegrations } from "@hearth/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AT, COMMAND_SECONDS, type OpenTestRoom, refusalOf, type TestRoom } from "../test-room.ts";
import type { FunctionAnswer } from "./invoke-function.ts";

interface Invoked {
  auth: { token: string };
  payload: { operationName: string; traceId?: string; connectorDeviceId?: string; endpoints?: unknown };
}

const answered = (responseCode: number, payload: object = {}): FunctionAnswer => ({
  payload: JSON.stringify({ header: { responseCode }, payload }),
});

/** What the platform asks of connectors, and what becomes of it, on whatever database `open` gives. */
export function describeInvocation(open: OpenTestRoom): void {
  let room: TestRoom;
  let connectorId: string;
  let destinationId: string;
  /** Rooms whose database the room of now has taken over. */
  const stopped: TestRoom[] = [];
  const invoked: Invoked[] = [];
  let answer: (invoked: Invoked) => Promise<FunctionAnswer> = async () => answered(200);

  beforeAll(async () => {
    room = await open({
      readSecret: async () => "token",
      async invokeFunction({ payload }) {
        const { header, payload: asked } = JSON.parse(payload);
        if (asked.operationName === "AWS.ActivateUser") return answered(200, { userId: "user" });
        invoked.push({ auth: header.auth, payload: asked });
        return answer({ auth: header.auth, payload: asked });
      },
    });
    await room.configure("all", [
      ...(["ACCOUNT_ASSOCIATION", "CONNECTOR_ERROR_REPORT", "DEVICE_COMMAND", "DEVICE_DISCOVERY_STATUS"] as const),
      ...(["DEVICE_LIFE_CYCLE", "DEVICE_STATE"] as const),
    ]);
    const { operations } = room.managed;
    const connector = { Name: "c", EndpointConfig: { lambda: { arn: "vendor" } } };
    connectorId = (await room.call(operations.CreateCloudConnector, connector)).Id ?? "";
    const SecretsManager = {
      arn: `arn:aws:secretsmanager:us-east-1:${AT.accountId}:secret:vendor-aaaaaa`,
      versionId: "v".repeat(32),
    };
    const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager }];
    const destination = { CloudConnectorId: connectorId, AuthConfig: { GeneralAuthorization } };
    destinationId = (await room.call(operations.CreateConnectorDestination, destination)).Id ?? "";
  });
  afterAll(async () => {
    await room.close();
    for (const one of stopped) await one.close();
  });

  const associated = async (): Promise<string> => {
    const given = { ConnectorDestinationId: destinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
    const { AccountAssociationId } = await room.call(room.managed.operations.CreateAccountAssociation, given);
    await room.outbox.idle();
    return AccountAssociationId;
  };
  const tell = (more: object) =>
    room.call(room.managed.operations.SendConnectorEvent, {
      ...{ ConnectorId: connectorId, Operation: "DEVICE_EVENT" },
      ...more,
    } as ManagedIntegrations.SendConnectorEventRequest);
  const unlink = async (AccountAssociationId: string) => {
    await room.call(room.managed.operations.DeleteAccountAssociation, { AccountAssociationId });
    await room.outbox.idle();
  };
  const stateOf = async (AccountAssociationId: string) =>
    (await room.call(room.managed.operations.GetAccountAssociation, { AccountAssociationId })).AssociationState;

  /** Lamps that the connector found in a new association, each a managed thing; registered unless told otherwise. */
  async function lamps(deviceIds: readonly string[], register = true) {
    const { operations } = room.managed;
    answer = async () => answered(200);
    const association = await associated();
    const started = { DiscoveryType: "CLOUD" as const, AccountAssociationId: association };
    const { Id: discovery = "" } = await room.call(operations.StartDeviceDiscovery, started);
    await room.outbox.idle();
    const cluster = {
      id: "0x0006",
      revision: 6,
      attributes: [{ id: "0x0000", value: false }],
      commands: ["0x00", "0x01"],
    };
    const Devices = deviceIds.map((ConnectorDeviceId) => ({
      ConnectorDeviceId,
      ConnectorDeviceName: ConnectorDeviceId,
      CapabilityReport: {
        ...{ version: "1.0.0", nodeId: "1" },
        endpoints: [{ id: "1", deviceTypes: ["Light"], clusters: [cluster] }],
      },
    }));
    const page = { Operation: "DEVICE_DISCOVERY", DeviceDiscoveryId: discovery };
    for (let at = 0; at < Devices.length; at += 100) {
      await tell({ ...page, StatusCode: 300, Devices: Devices.slice(at, at + 100) });
    }
    await tell({ ...page, StatusCode: 200 });
    const all = (await room.call(operations.ListDiscoveredDevices, { Identifier: discovery })).Items ?? [];
    // What is not registered is one thing of the last page: enough to see that it is found.
    const found = register ? all : all.slice(-1);
    const things: string[] = [];
    for (const { AuthenticationMaterial = "" } of found) {
      const given = { AuthenticationMaterialType: "DISCOVERED_DEVICE" as const, AuthenticationMaterial };
      const { Id = "" } = await room.call(operations.CreateManagedThing, { Role: "DEVICE", ...given });
      things.push(Id);
      const ids = { ManagedThingId: Id, AccountAssociationId: association, DeviceDiscoveryId: discovery };
      if (register) await room.call(operations.RegisterAccountAssociation, ids);
    }
    invoked.length = 0;
    return { association, discovery, things, thing: things[0] ?? "" };
  }
  const deregister = (ManagedThingId: string, AccountAssociationId: string) =>
    room.call(room.managed.operations.DeregisterAccountAssociation, { ManagedThingId, AccountAssociationId });
  const ofTrace = async (thing: string, traceId: string) =>
    (await room.notified(thing)).filter(({ payload }) => payload["traceId"] === traceId);
  const responded = (ConnectorDeviceId: string, TraceId: string, StatusCode = 200) =>
    tell({
      ...{ Operation: "DEVICE_COMMAND_RESPONSE", ConnectorDeviceId, TraceId, StatusCode },
      MatterEndpoint: {
        id: "1",
        clusters: [{ id: "0x0006", attributes: { "0x0000": true }, commands: { "0x01": {} } }],
      },
    });

  describe("AWS.SendCommand", () => {
    test("row 58: the state is as before after the acknowledgement, and changes at DEVICE_COMMAND_RESPONSE", async () => {
      const { thing } = await lamps(["58"]);
      answer = async () => answered(200);
      const traceId = await room.command(thing);
      await room.outbox.idle();
      expect(invoked).toEqual([
        {
          auth: { token: "token", type: "GeneralAuthorization" },
          payload: {
            ...{ operationName: "AWS.SendCommand", operationVersion: "1.0", connectorId },
            ...{ connectorDeviceId: "58", traceId },
            endpoints: [{ id: "1", clusters: [{ id: "0x0006", revision: "6", commands: [{ "0x01": {} }] }] }],
          },
        },
      ]);
      expect(await room.state(thing)).toMatchObject({ "1/OnOff": false });
      expect(await ofTrace(thing, traceId)).toEqual([]);
      await responded("58", traceId);
      expect(await room.state(thing)).toMatchObject({ "1/OnOff": true });
      expect(await ofTrace(thing, traceId)).toMatchObject([
        { type: "DEVICE_COMMAND", payload: { result: "succeeded" } },
      ]);
      await responded("58", traceId);
      expect(await ofTrace(thing, traceId)).toHaveLength(1);
    });

    test("an answer may come before the acknowledgement", async () => {
      const { thing } = await lamps(["early"]);
      answer = async ({ payload }) => {
        await responded("early", payload.traceId ?? "");
        return answered(200);
      };
      const traceId = await room.command(thing);
      expect(await ofTrace(thing, traceId)).toMatchObject([{ payload: { result: "succeeded" } }]);
    });

    test("a refusal ends the command with the reason, once", async () => {
      const { thing } = await lamps(["refused"]);
      answer = async () => answered(404, { responseMessage: "no such lamp for token" });
      const traceId = await room.command(thing);
      expect(await ofTrace(thing, traceId)).toMatchObject([
        { type: "DEVICE_COMMAND", payload: { result: "failed" } },
        {
          type: "CONNECTOR_ERROR_REPORT",
          payload: {
            ...{ connectorId, operationName: "AWS.SendCommand", traceId },
            ...{ errorCode: "CONNECTOR_REFUSED", message: "no such lamp for ***" },
          },
        },
      ]);
      expect(invoked).toHaveLength(1);
      await room.clock.advance(COMMAND_SECONDS * 1000);
      expect(await ofTrace(thing, traceId)).toHaveLength(2);
    });

    test("what nobody answers ends when its time is over, and is not sent afterwards", async () => {
      const { thing } = await lamps(["silent"]);
      answer = async () => answered(200);
      const traceId = await room.command(thing);
      await room.outbox.idle();
      await room.clock.advance(COMMAND_SECONDS * 1000);
      await expect.poll(() => ofTrace(thing, traceId)).toMatchObject([{ payload: { result: "failed" } }]);
      expect(invoked).toHaveLength(1);
    });

    test("a command that was on record when the platform stopped is sent by the next one", async () => {
      const { thing } = await lamps(["kept"]);
      answer = () => new Promise(() => {});
      const traceId = await room.command(thing);
      await expect.poll(() => invoked.length).toBe(1);
      answer = async () => answered(200);
      stopped.push(room);
      room = await room.restart();
      await room.outbox.idle();
      expect(invoked.map(({ payload }) => payload.traceId)).toEqual([traceId, traceId]);
    });

    test("without an association that works it fails at once", async () => {
      const { thing, association } = await lamps(["unlinked"]);
      await room.database.commit([
        {
          sql: "UPDATE account_association SET state = 'REFRESH_TOKEN_EXPIRED' WHERE id = ?",
          params: [association],
        },
      ]);
      const traceId = await room.command(thing);
      expect(await ofTrace(thing, traceId)).toMatchObject([
        { type: "DEVICE_COMMAND", payload: { result: "failed" } },
        { type: "CONNECTOR_ERROR_REPORT", payload: { errorCode: "AUTHORIZATION_FAILED" } },
      ]);
      expect(invoked).toEqual([]);
    });
  });

  describe("row 59 (part): AWS.DeactivateUser", () => {
    test("tells the connector, and then nothing of the user's is left", async () => {
      const { association, discovery, things } = await lamps(["59-1", "59-2"]);
      const other = await lamps(["59-other"]);
      for (const thing of things) await deregister(thing, association);
      answer = async () => answered(200);
      await unlink(association);
      expect(invoked.map(({ payload }) => payload)).toEqual([
        { operationName: "AWS.DeactivateUser", operationVersion: "1.0", connectorId },
      ]);
      expect(await refusalOf(stateOf(association))).toMatchObject({ name: "ResourceNotFoundException" });
      const { GetDeviceDiscovery, GetManagedThing } = room.managed.operations;
      const gone = room.call(GetDeviceDiscovery, { Identifier: discovery });
      expect(await refusalOf(gone)).toMatchObject({ name: "ResourceNotFoundException" });
      for (const Identifier of things) {
        const thing = room.call(GetManagedThing, { Identifier });
        expect(await refusalOf(thing)).toMatchObject({ name: "ResourceNotFoundException" });
        expect((await room.notified(Identifier)).at(-1)).toMatchObject({ payload: { status: "DELETED" } });
      }
      expect(await room.status(other.thing)).toBe("ACTIVATED");
      const event = tell({
        ConnectorDeviceId: "59-1",
        MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", attributes: { "0x0000": true } }] },
      });
      expect(await refusalOf(event)).toMatchObject({ name: "ResourceNotFoundException" });
      expect((await room.notified(association)).map(({ payload }) => payload["associationState"])).toEqual([
        ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED", "ASSOCIATION_DELETING"],
      ]);
    });

    test("stays ASSOCIATION_DELETING while the vendor cannot be told, says so once, and goes when it can", async () => {
      const { association } = await lamps([]);
      answer = async () => Promise.reject(new Error("down"));
      await room.call(room.managed.operations.DeleteAccountAssociation, { AccountAssociationId: association });
      // Six attempts, then the outbox's own pause, then the next six.
      const passing = async () => {
        room.clock.advance(1000);
        return invoked.length;
      };
      await expect.poll(passing, { interval: 5, timeout: 30_000 }).toBeGreaterThan(6);
      expect(await stateOf(association)).toBe("ASSOCIATION_DELETING");
      answer = async () => answered(200);
      await expect
        .poll(
          async () => {
            room.clock.advance(60_000);
            return (await refusalOf(stateOf(association)).catch(() => undefined))?.name;
          },
          { interval: 5, timeout: 30_000 },
        )
        .toBe("ResourceNotFoundException");
      const reports = (await room.notified(association)).filter(({ type }) => type === "CONNECTOR_ERROR_REPORT");
      expect(reports).toMatchObject([{ payload: { connectorId, operationName: "AWS.DeactivateUser" } }]);
    });

    test("a refusal of the connector ends it as well", async () => {
      const { association } = await lamps([]);
      answer = async () => answered(410);
      await unlink(association);
      expect(await refusalOf(stateOf(association))).toMatchObject({ name: "ResourceNotFoundException" });
      expect((await room.notified(association)).at(-1)).toMatchObject({
        payload: { operationName: "AWS.DeactivateUser", errorCode: "CONNECTOR_REFUSED" },
      });
    });

    test("hundreds of devices go in steps", async () => {
      const ids = Array.from({ length: 250 }, (_, i) => `many-${i}`);
      const { association, discovery, things } = await lamps(ids, false);
      expect(things).toHaveLength(1);
      answer = async () => answered(200);
      await unlink(association);
      expect(await room.database.query("SELECT 1 FROM managed_thing WHERE id = ?", things)).toEqual([]);
      for (const [table, column] of [
        ["discovered_device", "discovery_id"],
        ["device_discovery", "id"],
      ]) {
        expect(await room.database.query(`SELECT 1 FROM ${table} WHERE ${column} = ?`, [discovery])).toEqual([]);
      }
    });
  });
}
