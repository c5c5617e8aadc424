import { type ManagedIntegrations, ServiceError } from "@hearth/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DISCOVERY_KEPT_DAYS, DISCOVERY_SECONDS, MOST_DISCOVERIES } from "../discovery/discoveries.ts";
import { AT, type OpenTestRoom, OTHER, refusalOf, type TestRoom } from "../test-room.ts";

type Device = ManagedIntegrations.Device;

const SECRET = {
  arn: `arn:aws:secretsmanager:us-east-1:${AT.accountId}:secret:vendor-aaaaaa`,
  versionId: "v".repeat(32),
};

/** What a connector says that a lamp or camera can do, in Matter's ids. */
const matterReport = (more: object = {}): Device["CapabilityReport"] => ({
  version: "1.0.0",
  nodeId: "1",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Camera"],
      clusters: [
        {
          id: "0x0006",
          revision: 6,
          attributes: [{ id: "0x0000", value: true }, { id: "0x4001" }],
          commands: ["0x00", "0x01"],
          events: [],
          ...more,
        },
      ],
    },
  ],
});
const found = (ConnectorDeviceId: string, more: object = {}): Device => ({
  ConnectorDeviceId,
  ConnectorDeviceName: `Camera ${ConnectorDeviceId}`,
  CapabilityReport: matterReport(more),
});

/** Devices of other clouds, from the connector to the device's state, on whatever database `open` gives. */
export function describeConnectors(open: OpenTestRoom): void {
  let room: TestRoom;
  let connectorId: string;
  let destinationId: string;
  let associationId: string;
  const invoked: Record<string, unknown>[] = [];
  let functionsWork = true;

  beforeAll(async () => {
    room = await open({
      async invokeFunction({ payload }) {
        if (!functionsWork) throw new ServiceError("ResourceNotFoundException", "the function was not there");
        invoked.push(JSON.parse(payload).payload);
        return { payload: JSON.stringify({ header: { responseCode: 200 }, payload: { userId: "user" } }) };
      },
    });
    await room.configure("all", [
      ...(["ACCOUNT_ASSOCIATION", "CONNECTOR_ERROR_REPORT", "DEVICE_COMMAND", "DEVICE_COMMAND_REQUEST"] as const),
      ...(["DEVICE_DISCOVERY_STATUS", "DEVICE_EVENT", "DEVICE_LIFE_CYCLE", "DEVICE_STATE"] as const),
    ]);
    const { operations } = room.managed;
    const connector = { Name: "c", EndpointConfig: { lambda: { arn: "vendor" } } };
    connectorId = (await room.call(operations.CreateCloudConnector, connector)).Id ?? "";
    destinationId = await destination(connectorId);
    associationId = await associated(destinationId);
  });
  afterAll(() => room.close());

  async function destination(CloudConnectorId: string): Promise<string> {
    const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager: SECRET }];
    const given = { CloudConnectorId, AuthConfig: { GeneralAuthorization } };
    return (await room.call(room.managed.operations.CreateConnectorDestination, given)).Id ?? "";
  }
  async function associated(ConnectorDestinationId: string): Promise<string> {
    const given = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
    const made = await room.call(room.managed.operations.CreateAccountAssociation, given);
    await room.outbox.idle();
    return made.AccountAssociationId;
  }
  async function discover(AccountAssociationId = associationId, more: object = {}): Promise<string> {
    const given = { DiscoveryType: "CLOUD" as const, AccountAssociationId, ...more };
    const { Id = "" } = await room.call(room.managed.operations.StartDeviceDiscovery, given);
    await room.outbox.idle();
    return Id;
  }
  const tell = (more: object, at = AT, ConnectorId = connectorId) =>
    room.call(
      room.managed.operations.SendConnectorEvent,
      { ConnectorId, Operation: "DEVICE_EVENT", ...more } as ManagedIntegrations.SendConnectorEventRequest,
      at,
    );
  const page = (DeviceDiscoveryId: string, StatusCode: number, Devices: Device[], more: object = {}) =>
    tell({ Operation: "DEVICE_DISCOVERY", DeviceDiscoveryId, StatusCode, Devices, ...more });
  const job = (Identifier: string) => room.call(room.managed.operations.GetDeviceDiscovery, { Identifier });
  const devices = async (Identifier: string) =>
    (await room.call(room.managed.operations.ListDiscoveredDevices, { Identifier })).Items ?? [];
  async function created(AuthenticationMaterial: string): Promise<string> {
    const given = { AuthenticationMaterialType: "DISCOVERED_DEVICE" as const, AuthenticationMaterial };
    return (await room.call(room.managed.operations.CreateManagedThing, { Role: "DEVICE", ...given })).Id ?? "";
  }
  const register = (thing: string, DeviceDiscoveryId: string, AccountAssociationId = associationId) =>
    room.call(room.managed.operations.RegisterAccountAssociation, {
      ...{ ManagedThingId: thing, AccountAssociationId, DeviceDiscoveryId },
    });
  const deregister = (ManagedThingId: string, AccountAssociationId = associationId) =>
    room.call(room.managed.operations.DeregisterAccountAssociation, { ManagedThingId, AccountAssociationId });
  /** Discovered, created and registered. */
  async function camera(deviceId: string): Promise<{ thing: string; discovery: string }> {
    const discovery = await discover();
    await page(discovery, 200, [found(deviceId)]);
    const [device] = await devices(discovery);
    const thing = await created(device?.AuthenticationMaterial ?? "");
    await register(thing, discovery);
    return { thing, discovery };
  }

  describe("row 57 (part): discovery in an association", () => {
    test("row 43 (part): asks the connector, takes its pages, and ends once with the count", async () => {
      const id = await discover();
      const payload = { connectorId, deviceDiscoveryId: id, operationVersion: "1.0" };
      expect(invoked.at(-1)).toEqual({ operationName: "AWS.DiscoverDevices", ...payload });
      expect(await job(id)).toMatchObject({ Status: "RUNNING", AccountAssociationId: associationId });
      await page(id, 301, [found("a.1"), found("b")]);
      await page(id, 302, [found("b"), found("c")]);
      expect(await job(id)).toMatchObject({ Status: "RUNNING" });
      expect(await room.notified(id)).toEqual([]);
      await page(id, 200, []);
      expect(await job(id)).toMatchObject({ Status: "SUCCEEDED", FinishedAt: room.clock.now() / 1000 });
      expect(await devices(id)).toEqual(
        ["a.1", "b", "c"].map((ConnectorDeviceId) =>
          expect.objectContaining({
            ConnectorDeviceId,
            ConnectorDeviceName: `Camera ${ConnectorDeviceId}`,
            DeviceTypes: ["Camera"],
            Modification: "DISCOVERED",
            AuthenticationMaterial: `CLOUD:${id}:${ConnectorDeviceId.replace(".", "%2E")}`,
          }),
        ),
      );
      const status = { deviceDiscoveryId: id, deviceCount: 3, status: "SUCCEEDED" };
      expect(await room.notified(id)).toEqual([{ type: "DEVICE_DISCOVERY_STATUS", payload: status }]);
      expect(await refusalOf(page(id, 200, []))).toMatchObject({ name: "ValidationException" });
    });

    test("keeps of a page what ConnectorDeviceIdList asks for", async () => {
      const id = await discover(associationId, { ConnectorDeviceIdList: ["wanted"] });
      await page(id, 200, [found("unwanted"), found("wanted")]);
      expect((await devices(id)).map(({ ConnectorDeviceId }) => ConnectorDeviceId)).toEqual(["wanted"]);
    });

    test("takes a device's own schemas, and understands what it says in their ids", async () => {
      const id = "vendor.Glow@1.0";
      const Schema = {
        $id: `/schema-versions/capability/${id}`,
        name: "Glow",
        extrinsicId: "0x12340001",
        extrinsicVersion: "1",
        properties: { Glow: { extrinsicId: "0x0007", value: { type: "integer", maximum: 9 } } },
      };
      const item = { Format: "AWS" as const, CapabilityId: id, ExtrinsicId: "0x12340001", ExtrinsicVersion: 1, Schema };
      const clusters = [{ id: "0x12340001", revision: 1, attributes: [{ id: "0x0007" }], commands: [], events: [] }];
      const device = (more: object): Device => ({
        ...found("glow"),
        CapabilityReport: { version: "1.0.0", nodeId: "1", endpoints: [{ id: "1", deviceTypes: ["Lamp"], clusters }] },
        ...more,
      });
      const discovery = await discover();
      const refused = await refusalOf(page(discovery, 300, [device({})]));
      expect(refused.message).toContain("is not the cluster of a known capability");
      const wrong = await refusalOf(
        page(discovery, 300, [device({ CapabilitySchemas: [{ ...item, ExtrinsicVersion: 2 }] })]),
      );
      expect(wrong.message).toContain("Devices[0].CapabilitySchemas[0].ExtrinsicVersion");
      await page(discovery, 200, [device({ CapabilitySchemas: [item] })]);
      const thing = await created((await devices(discovery))[0]?.AuthenticationMaterial ?? "");
      await register(thing, discovery);
      const { Items } = await room.call(room.managed.operations.ListManagedThingSchemas, { Identifier: thing });
      expect(Items).toEqual([{ EndpointId: "1", CapabilityId: id, Schema }]);
      const glows = (value: number) => ({
        ConnectorDeviceId: "glow",
        MatterEndpoint: { id: "1", clusters: [{ id: "0x12340001", attributes: { "0x0007": value } }] },
      });
      expect((await refusalOf(tell(glows(10)))).message).toContain("must be at most 9");
      await tell(glows(7));
      const { Endpoints } = await room.call(room.managed.operations.GetManagedThingState, { ManagedThingId: thing });
      expect(JSON.stringify(Endpoints)).toContain('"propertyValue":7');
    });

    test("fails when the connector says so, and keeps what was found", async () => {
      const id = await discover();
      await page(id, 300, [found("kept")]);
      await page(id, 503, [], { Message: "vendor away" });
      expect(await job(id)).toMatchObject({ Status: "FAILED" });
      expect(await devices(id)).toHaveLength(1);
      expect((await room.notified(id))[0]?.payload).toMatchObject({ status: "FAILED", reason: "vendor away" });
    });

    test("row 46 (part): fails with CONNECTOR_ERROR_REPORT when the function cannot be called", async () => {
      functionsWork = false;
      const id = await discover();
      functionsWork = true;
      expect(await job(id)).toMatchObject({ Status: "FAILED" });
      const told = await room.notified(id);
      expect(told.map(({ type }) => type).sort()).toEqual(["CONNECTOR_ERROR_REPORT", "DEVICE_DISCOVERY_STATUS"]);
      expect(told.find(({ type }) => type === "CONNECTOR_ERROR_REPORT")?.payload).toEqual({
        connectorId,
        operationName: "AWS.DiscoverDevices",
        deviceDiscoveryId: id,
        errorCode: "FUNCTION_NOT_FOUND",
        message: `there is no function arn:aws:lambda:us-east-1:${AT.accountId}:function:vendor`,
      });
    });

    test("times out without a final page", async () => {
      const id = await discover();
      await page(id, 300, [found("early")]);
      // What is due next is being looked up.
      await room.timers.idle();
      room.clock.advance(DISCOVERY_SECONDS * 1000);
      await expect.poll(async () => (await job(id)).Status, { timeout: 30_000 }).toBe("TIMED_OUT");
      expect((await room.notified(id))[0]?.payload).toMatchObject({ status: "TIMED_OUT", deviceCount: 1 });
      expect(await refusalOf(page(id, 200, []))).toMatchObject({ name: "ValidationException" });
    });

    test("is kept for 30 days, with what it found", async () => {
      const id = await discover();
      await page(id, 200, [found("kept")]);
      const [device] = await devices(id);
      await room.clock.advance((DISCOVERY_KEPT_DAYS - 1) * 86_400_000);
      await room.outbox.idle();
      expect(await devices(id)).toHaveLength(1);
      await expect
        .poll(async () => {
          await room.clock.advance(86_400_000);
          return refusalOf(job(id)).catch(() => undefined);
        })
        .toMatchObject({ name: "ResourceNotFoundException" });
      const late = refusalOf(created(device?.AuthenticationMaterial ?? ""));
      expect(await late).toMatchObject({ name: "ValidationException" });
    });

    test("of a release that kept them for ever ends like another", async () => {
      const id = await discover();
      await page(id, 200, [found("old")]);
      const timer = "DELETE FROM hearth_timer WHERE kind = 'device-discovery-expiry'";
      const forEver = "UPDATE device_discovery SET kept_until = NULL";
      await room.database.commit([timer, forEver].map((sql) => ({ sql, params: [] })));
      await room.managed.settle();
      await expect
        .poll(async () => {
          await room.clock.advance(10 * 86_400_000);
          return refusalOf(job(id)).catch(() => undefined);
        })
        .toMatchObject({ name: "ResourceNotFoundException" });
    });

    test("pushes out the one that ended first where there are too many, and waits where all run", async () => {
      const [first, running, model] = [await discover(), await discover(), await discover()];
      await page(first, 200, [found("first")]);
      await room.clock.advance(1000);
      await page(model, 200, []);
      const [row] = await room.database.query<{ kept: number }>("SELECT COUNT(*) AS kept FROM device_discovery");
      const fill = `WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < ?)
        INSERT INTO device_discovery (account_id, region, id, type, status, controller_id, association_id, details,
          device_count, started_at, finished_at, kept_until, revision)
        SELECT account_id, region, 'crowd-' || n, type, status, controller_id, 'crowd', details, device_count,
          started_at, finished_at, kept_until, revision FROM device_discovery, more WHERE id = ?`;
      const missing = MOST_DISCOVERIES - Number(row?.kept);
      await room.database.commit([{ sql: fill, params: [missing, model] }]);
      await discover();
      expect(await refusalOf(job(first))).toMatchObject({ name: "ResourceNotFoundException" });
      expect(await job(running)).toMatchObject({ Status: "RUNNING" });

      const run = "UPDATE device_discovery SET status = 'RUNNING', finished_at = NULL";
      await room.database.commit([{ sql: run, params: [] }]);
      expect(await refusalOf(discover())).toMatchObject({ name: "ThrottlingException" });
      await room.database.commit([{ sql: "DELETE FROM device_discovery WHERE association_id = 'crowd'", params: [] }]);
    });

    test("needs an association that succeeded", async () => {
      const absent = refusalOf(discover("absent"));
      expect(await absent).toMatchObject({ name: "ResourceNotFoundException" });
      const { StartDeviceDiscovery } = room.managed.operations;
      const unnamed = room.call(StartDeviceDiscovery, { DiscoveryType: "CLOUD" });
      expect(await refusalOf(unnamed)).toMatchObject({ name: "ValidationException" });
    });

    test("refuses a report that has no meaning, and takes nothing of the page", async () => {
      const id = await discover();
      const bad = found("bad", { attributes: [{ id: "0x9999" }] });
      const refusal = await refusalOf(page(id, 200, [found("good"), bad]));
      expect(refusal).toMatchObject({ name: "ValidationException" });
      expect(refusal.message).toContain("Devices[1].CapabilityReport");
      expect(await devices(id)).toEqual([]);
      expect(await job(id)).toMatchObject({ Status: "RUNNING" });
    });
  });

  describe("row 62 (part): association of things", () => {
    test("row 61 (part): activates with the converted report, is listed, and is taken back", async () => {
      const { operations } = room.managed;
      const discovery = await discover();
      await page(discovery, 200, [found("cam.7")]);
      const [device] = await devices(discovery);
      const thing = await created(device?.AuthenticationMaterial ?? "");
      expect(await room.call(operations.GetManagedThing, { Identifier: thing })).toMatchObject({
        ProvisioningStatus: "UNASSOCIATED",
        ConnectorDeviceId: "cam.7",
        ConnectorDestinationId: destinationId,
        Name: "Camera cam.7",
      });
      expect(await devices(discovery)).toEqual([expect.objectContaining({ ManagedThingId: thing })]);
      const three = { AccountAssociationId: associationId, DeviceDiscoveryId: discovery, ManagedThingId: thing };
      expect(await register(thing, discovery)).toEqual(three);
      expect(await room.status(thing)).toBe("ACTIVATED");
      const { CapabilityReport } = await room.call(operations.GetManagedThingCapabilities, { Identifier: thing });
      expect(CapabilityReport?.endpoints[0]).toMatchObject({
        deviceTypes: ["Camera"],
        capabilities: [{ id: "matter.OnOff@1.4", properties: ["OnOff", "OnTime"], actions: ["Off", "On"] }],
      });
      expect(await room.state(thing)).toEqual({ "1/OnOff": true });
      expect(await refusalOf(register(thing, discovery))).toMatchObject({ name: "ConflictException" });

      const listed = async (filter: object) =>
        (await room.call(operations.ListManagedThingAccountAssociations, filter)).Items;
      const item = {
        ...{ ManagedThingId: thing, AccountAssociationId: associationId },
        ManagedThingAssociationStatus: "ASSOCIATED",
      };
      expect(await listed({ ManagedThingId: thing })).toEqual([item]);
      expect(await listed({ AccountAssociationId: associationId })).toContainEqual(item);
      const held = room.call(operations.DeleteManagedThing, { Identifier: thing });
      expect(await refusalOf(held)).toMatchObject({ name: "ConflictException" });
      const used = room.call(operations.DeleteAccountAssociation, { AccountAssociationId: associationId });
      expect(await refusalOf(used)).toMatchObject({ name: "ValidationException" });

      await deregister(thing);
      expect(await listed({ ManagedThingId: thing })).toEqual([]);
      expect(await room.status(thing)).toBe("UNASSOCIATED");
      expect(await refusalOf(deregister(thing))).toMatchObject({ name: "ResourceNotFoundException" });
      await room.call(operations.DeleteManagedThing, { Identifier: thing });
      expect((await room.notified(thing)).map(({ payload }) => payload["status"])).toEqual([
        ...["UNASSOCIATED", "ACTIVATED", "UNASSOCIATED", "DELETED"],
      ]);
    });

    test("stays usable until the last association goes", async () => {
      const { thing } = await camera("shared");
      const second = await associated(destinationId);
      const discovery = await discover(second);
      await page(discovery, 200, [found("shared")]);
      expect(await devices(discovery)).toEqual([
        expect.objectContaining({ ManagedThingId: thing, Modification: "NO_CHANGE" }),
      ]);
      await register(thing, discovery, second);
      await deregister(thing);
      expect(await room.status(thing)).toBe("ACTIVATED");
      await deregister(thing, second);
      expect(await room.status(thing)).toBe("UNASSOCIATED");
    });

    test("needs the discovery that found the thing in this association", async () => {
      const { discovery } = await camera("other");
      const again = await discover();
      await page(again, 200, [found("mine")]);
      const [device] = await devices(again);
      const thing = await created(device?.AuthenticationMaterial ?? "");
      expect(await refusalOf(register(thing, discovery))).toMatchObject({ name: "ValidationException" });
      expect(await refusalOf(register(thing, "absent"))).toMatchObject({ name: "ResourceNotFoundException" });
      const elsewhere = await associated(await destination(connectorId));
      expect(await refusalOf(register(thing, again, elsewhere))).toMatchObject({ name: "ValidationException" });
      const direct = await room.create("DIRECT-1");
      expect(await refusalOf(register(direct, again))).toMatchObject({ name: "ValidationException" });
    });

    test("one device is one thing, in whichever discovery it was found", async () => {
      await camera("once");
      const again = await discover();
      await page(again, 200, [found("once", { commands: ["0x00", "0x01", "0x02"] })]);
      const [device] = await devices(again);
      expect(device?.Modification).toBe("UPDATED");
      const second = created(device?.AuthenticationMaterial ?? "");
      expect(await refusalOf(second)).toMatchObject({ name: "ConflictException" });
    });

    test.each(["CLOUD:XXXX:1", `CLOUD:${"0".repeat(32)}:1`, `HUB:${"0".repeat(32)}:0`])(
      "material that was not minted here is refused: %s",
      async (material) => {
        expect(await refusalOf(created(material))).toMatchObject({ name: "ValidationException" });
      },
    );

    test("things are found by destination and by the vendor's id", async () => {
      const { thing } = await camera("filtered");
      const { ListManagedThings } = room.managed.operations;
      const ids = async (filter: object) =>
        ((await room.call(ListManagedThings, filter)).Items ?? []).map(({ Id }) => Id);
      expect(await ids({ ConnectorDeviceIdFilter: "filtered" })).toEqual([thing]);
      expect(await ids({ ConnectorDestinationIdFilter: destinationId })).toContain(thing);
      expect(await ids({ ConnectorDestinationIdFilter: "absent" })).toEqual([]);
    });
  });

  describe("row 60 (part): events of a connector", () => {
    const endpoint = (cluster: object) => ({ MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", ...cluster }] } });

    test("DEVICE_EVENT changes the state and is told", async () => {
      const { thing } = await camera("event");
      const said = { ConnectorDeviceId: "event", ...endpoint({ attributes: { "0x0000": false, "0x4001": 30 } }) };
      expect(await tell(said)).toEqual({ ConnectorId: connectorId });
      expect(await room.state(thing)).toEqual({ "1/OnOff": false, "1/OnTime": 30 });
      const types = (await room.notified(thing)).map(({ type }) => type);
      expect(types.filter((type) => type !== "DEVICE_LIFE_CYCLE")).toEqual(["DEVICE_EVENT", "DEVICE_STATE"]);
    });

    test("DEVICE_COMMAND_RESPONSE changes the state, whether or not somebody waits for it", async () => {
      const { thing } = await camera("response");
      const cluster = { attributes: { "0x0000": false }, commands: { "0xff01": { "0x0000": false } } };
      const more = { Operation: "DEVICE_COMMAND_RESPONSE", ConnectorDeviceId: "response", StatusCode: 200 };
      expect(await refusalOf(tell({ ...more, ...endpoint(cluster) }))).toMatchObject({ name: "ValidationException" });
      await tell({ ...more, TraceId: "trace", ...endpoint(cluster) });
      expect(await room.state(thing)).toEqual({ "1/OnOff": false });
    });

    test("DEVICE_COMMAND_REQUEST reaches the app", async () => {
      const { thing } = await camera("request");
      const more = { Operation: "DEVICE_COMMAND_REQUEST", ConnectorDeviceId: "request" };
      await tell({ ...more, ...endpoint({ commands: { "0x01": {} } }) });
      const told = (await room.notified(thing)).filter(({ type }) => type === "DEVICE_COMMAND_REQUEST");
      expect(told).toHaveLength(1);
      expect(told[0]?.payload).toMatchObject({
        endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On" }] }] }],
      });
    });

    test("DEVICE_DISCOVERY of a job of another connector is refused", async () => {
      const { CreateCloudConnector } = room.managed.operations;
      const given = { Name: "another", EndpointConfig: { lambda: { arn: "another" } } };
      const { Id = "" } = await room.call(CreateCloudConnector, given);
      const DeviceDiscoveryId = await discover();
      const said = { Operation: "DEVICE_DISCOVERY", DeviceDiscoveryId, StatusCode: 200 };
      expect(await refusalOf(tell(said, AT, Id))).toMatchObject({ name: "ResourceNotFoundException" });
    });

    test("are refused from another account, for unknown devices, and for what a device has not", async () => {
      await camera("told");
      const said = { ConnectorDeviceId: "told", ...endpoint({ attributes: { "0x0000": false } }) };
      expect(await refusalOf(tell(said, OTHER))).toMatchObject({ name: "ResourceNotFoundException" });
      const unknown = tell({ ...said, ConnectorDeviceId: "unknown" });
      expect(await refusalOf(unknown)).toMatchObject({ name: "ResourceNotFoundException" });
      const unnamed = tell(endpoint({ attributes: { "0x0000": false } }));
      expect(await refusalOf(unnamed)).toMatchObject({ name: "ValidationException" });
      const absent = tell({ ...said, ...endpoint({ attributes: { "0x4003": 1 } }) });
      expect(await refusalOf(absent)).toMatchObject({ name: "ValidationException" });
      const wrong = tell({ ...said, ...endpoint({ attributes: { "0x0000": "maybe" } }) });
      expect(await refusalOf(wrong)).toMatchObject({ name: "ValidationException" });
    });

    test("are refused of a device that is not registered any more", async () => {
      const { thing } = await camera("gone");
      await deregister(thing);
      const said = { ConnectorDeviceId: "gone", ...endpoint({ attributes: { "0x0000": false } }) };
      expect(await refusalOf(tell(said))).toMatchObject({ name: "ResourceNotFoundException" });
    });
  });

  test("a listed connector's events reach every customer's things and nobody else's, and outlive the listing", async () => {
    const { operations, hearthOperations } = room.managed;
    const list = (Type: "LISTED" | "UNLISTED") =>
      room.call(hearthOperations.UpdateCloudConnectorListing, {
        ...{ AccountId: AT.accountId, CloudConnectorId: connectorId, Type },
      });
    await list("LISTED");
    const SecretsManager = { ...SECRET, arn: SECRET.arn.replace(AT.accountId, OTHER.accountId) };
    const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager }];
    const their = { CloudConnectorId: connectorId, AuthConfig: { GeneralAuthorization } };
    const { Id: ConnectorDestinationId = "" } = await room.call(operations.CreateConnectorDestination, their, OTHER);
    const linked = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
    const { AccountAssociationId } = await room.call(operations.CreateAccountAssociation, linked, OTHER);
    await room.outbox.idle();
    await list("UNLISTED");

    const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
    const { Id: discovery = "" } = await room.call(operations.StartDeviceDiscovery, search, OTHER);
    await room.outbox.idle();
    expect(invoked.at(-1)).toMatchObject({ connectorId, deviceDiscoveryId: discovery });
    await page(discovery, 200, [found("common")]);
    const listed = await room.call(operations.ListDiscoveredDevices, { Identifier: discovery }, OTHER);
    const { AuthenticationMaterial = "" } = listed.Items?.[0] ?? {};
    const made = { AuthenticationMaterialType: "DISCOVERED_DEVICE" as const, AuthenticationMaterial };
    const { Id: thing = "" } = await room.call(operations.CreateManagedThing, { Role: "DEVICE", ...made }, OTHER);
    const ids = { ManagedThingId: thing, AccountAssociationId, DeviceDiscoveryId: discovery };
    await room.call(operations.RegisterAccountAssociation, ids, OTHER);
    const { thing: own } = await camera("common");

    const clusters = [{ id: "0x0006", attributes: { "0x0000": false } }];
    const said = { ConnectorDeviceId: "common", MatterEndpoint: { id: "1", clusters } };
    expect(await refusalOf(tell(said, OTHER))).toMatchObject({ name: "ResourceNotFoundException" });
    await tell(said);
    const stateOf = async (ManagedThingId: string, at: typeof AT) =>
      JSON.stringify((await room.call(operations.GetManagedThingState, { ManagedThingId }, at)).Endpoints);
    for (const state of [await stateOf(thing, OTHER), await stateOf(own, AT)]) {
      expect(state).toContain('"propertyValue":false');
    }
    // A connector that another account has made its own finds none of them.
    const { Id: foreign = "" } = await room.call(
      operations.CreateCloudConnector,
      { Name: "theirs", EndpointConfig: { lambda: { arn: "theirs" } } },
      OTHER,
    );
    expect(await refusalOf(tell(said, OTHER, foreign))).toMatchObject({ name: "ResourceNotFoundException" });
    const foreignPage = { Operation: "DEVICE_DISCOVERY", DeviceDiscoveryId: await discover(), StatusCode: 200 };
    expect(await refusalOf(tell(foreignPage, OTHER, foreign))).toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("a thousand devices in ten pages, one of them twice, are one discovery", async () => {
    const id = await discover();
    const devicesOf = (number: number) => Array.from({ length: 100 }, (_, i) => found(`many-${number * 100 + i}`));
    for (let number = 0; number < 10; number++) await page(id, 300, devicesOf(number));
    await page(id, 300, devicesOf(6));
    await page(id, 200, []);
    expect((await room.notified(id)).at(-1)).toMatchObject({ payload: { status: "SUCCEEDED", deviceCount: 1000 } });
  });

  test("row 46 (part): each change of an association is one ACCOUNT_ASSOCIATION", async () => {
    const { operations } = room.managed;
    const id = await associated(destinationId);
    await room.call(operations.UpdateAccountAssociation, { AccountAssociationId: id, Name: "n" });
    await room.call(operations.DeleteAccountAssociation, { AccountAssociationId: id });
    const state = (associationState: string) => ({
      type: "ACCOUNT_ASSOCIATION",
      payload: { accountAssociationId: id, associationState },
    });
    expect(await room.notified(id)).toEqual(
      ["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED", "ASSOCIATION_DELETING"].map(state),
    );
  });
}
