import { afterAll, beforeAll, expect, test } from "vitest";
import { allow, type Clients, type Door, openDoor, refusing } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
let managed: Clients[typeof SERVICE];
beforeAll(async () => {
  door = await openDoor();
  managed = door.root[SERVICE];
});
afterAll(() => door.stop());

const refused = refusing(SERVICE, () => door.root);

const create = async (serial: string, clients = door.root) => {
  const { Id } = await clients[SERVICE].send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${serial};UPC:123456789012`,
  });
  return Id ?? "";
};

test("event log configurations are one for each resource", async () => {
  const given = { ResourceType: "credential-locker", ResourceId: "abc", EventLogLevel: "INFO" } as const;
  const { Id = "" } = await managed.send("CreateEventLogConfiguration", given);
  expect(await managed.send("GetEventLogConfiguration", { Id })).toEqual({ Id, ...given });
  const { EventLogConfigurationList } = await managed.send("ListEventLogConfigurations", {});
  expect(EventLogConfigurationList).toEqual([{ Id, ...given }]);
  await refused("CreateEventLogConfiguration", "ConflictException", { ...given, EventLogLevel: "WARN" });
  await refused("CreateEventLogConfiguration", "ValidationException", { ...given, ResourceType: "*" });
  await managed.send("UpdateEventLogConfiguration", { Id, EventLogLevel: "ERROR" });
  expect((await managed.send("GetEventLogConfiguration", { Id })).EventLogLevel).toBe("ERROR");
  const everything = { ResourceType: "*", ResourceId: "*", EventLogLevel: "DEBUG" } as const;
  const all = await managed.send("CreateEventLogConfiguration", everything);
  expect(await managed.send("GetEventLogConfiguration", { Id: all.Id ?? "" })).toEqual({
    Id: all.Id,
    ResourceType: "*",
    EventLogLevel: "DEBUG",
  });
  for (const one of [Id, all.Id ?? ""]) await managed.send("DeleteEventLogConfiguration", { Id: one });
  await refused("GetEventLogConfiguration", "ResourceNotFoundException", { Id });
});

test("row 81: what happens to a thing is read from the account's log group", async () => {
  await managed.send("CreateEventLogConfiguration", { ResourceType: "managed-thing", EventLogLevel: "INFO" });
  const id = await create("LOGGED-1");
  const search = { logGroupName: "/aws/iotmanagedintegrations/events", filterPattern: `"${id}"` };
  const found = () => door.root.logs.send("FilterLogEvents", search).then(({ events = [] }) => events);
  await expect.poll(() => found().catch(() => [])).toHaveLength(1);
  const [entry] = await found();
  expect(entry?.logStreamName).toBe("managed-thing");
  expect(JSON.parse(entry?.message ?? "")).toMatchObject({
    level: "INFO",
    event: "DEVICE_LIFE_CYCLE",
    resourceType: "managed-thing",
    resourceId: id,
    status: "UNASSOCIATED",
  });
  expect(entry?.message).not.toContain("LOGGED-1");
});

test("runtime log configurations are put, read and reset, by whom the thing's tags let", async () => {
  const ManagedThingId = await create("LOGGED-2");
  const RuntimeLogConfigurations = { LogLevel: "DEBUG", UploadLog: true, LocalStoreFileRotationMaxFiles: 3 } as const;
  await managed.send("PutRuntimeLogConfiguration", { ManagedThingId, RuntimeLogConfigurations });
  const got = await managed.send("GetRuntimeLogConfiguration", { ManagedThingId });
  expect(got.RuntimeLogConfigurations).toMatchObject({ ...RuntimeLogConfigurations, UploadPeriodMinutes: 5 });
  await managed.send("ResetRuntimeLogConfiguration", { ManagedThingId });
  const reset = await managed.send("GetRuntimeLogConfiguration", { ManagedThingId });
  expect(reset.RuntimeLogConfigurations).toMatchObject({ LogLevel: "WARN", UploadLog: false });
  const huge = { ManagedThingId, RuntimeLogConfigurations: { LocalStoreFileRotationMaxBytes: 1_000_000 } };
  await refused("PutRuntimeLogConfiguration", "ValidationException", huge);

  const arn = `arn:aws:iotmanagedintegrations:${door.file.region}:${door.file.accountId}:managed-thing/${ManagedThingId}`;
  const reader = door.as(
    await door.user("log-reader", [allow("iotmanagedintegrations:GetRuntimeLogConfiguration", arn)]),
  );
  await reader[SERVICE].send("GetRuntimeLogConfiguration", { ManagedThingId });
  await refused("ResetRuntimeLogConfiguration", "AccessDeniedException", { ManagedThingId }, reader);
  const other = { ManagedThingId: await create("LOGGED-3") };
  await refused("GetRuntimeLogConfiguration", "AccessDeniedException", other, reader);
});

test("log configurations make the service-linked role, and keep it", async () => {
  const { AccountId, AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  const clients = door.as({ accessKeyId, secretAccessKey });
  const RoleName = "AWSServiceRoleForIoTManagedIntegrations";
  await expect(clients.iam.send("GetRole", { RoleName })).rejects.toMatchObject({ name: /NoSuchEntity/ });
  const given = { ResourceType: "*", EventLogLevel: "ERROR" } as const;
  const { Id } = await clients[SERVICE].send("CreateEventLogConfiguration", given);
  const { Role } = await clients.iam.send("GetRole", { RoleName });
  expect(Role.Arn).toContain(`:${AccountId}:role/aws-service-role/iotmanagedintegrations.amazonaws.com/`);
  const { DeletionTaskId } = await clients.iam.send("DeleteServiceLinkedRole", { RoleName });
  const status = await clients.iam.send("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId });
  expect(status.Reason?.RoleUsageList?.[0]?.Resources).toEqual([
    `arn:aws:iotmanagedintegrations:${door.file.region}:${AccountId}:event-log-configuration/${Id}`,
  ]);
});
