import type { createClient } from "@hearth/client";

export type Managed = ReturnType<typeof createClient<"iot-managed-integrations">>;

/** Every managed thing of the account, a line each. */
export async function* list(managed: Managed): AsyncGenerator<string> {
  for await (const { Items = [] } of managed.pages("ListManagedThings", { MaxResults: 100 })) {
    for (const { Id, Name, ProvisioningStatus } of Items) yield `${Id}  ${ProvisioningStatus}  ${Name ?? ""}`.trimEnd();
  }
}

/** Switches a light, or whatever else knows On and Off; gives the trace id of the command. */
export async function turn(managed: Managed, id: string, to: "On" | "Off"): Promise<string> {
  const onOff = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: to, parameters: {} }] };
  const { TraceId } = await managed.sendManagedThingCommand({
    ManagedThingId: id,
    Endpoints: [{ endpointId: "1", capabilities: [onOff] }],
  });
  return TraceId ?? "";
}

/** What the device last reported: `matter.OnOff@1.4 OnOff = true`, a line each property. */
export async function* state(managed: Managed, id: string): AsyncGenerator<string> {
  const { Endpoints } = await managed.getManagedThingState({ ManagedThingId: id });
  for (const { capabilities } of Endpoints) {
    for (const capability of capabilities ?? []) {
      for (const { name, value } of (capability.properties ?? []) as {
        name: string;
        value: { propertyValue: unknown };
      }[])
        yield `${capability.id} ${name} = ${JSON.stringify(value.propertyValue)}`;
    }
  }
}
