import { randomHex } from "@hearth/base";
import {
  createHubClient,
  IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE,
  IOTMI_STATUS_OK,
  type Json,
  type JsonObject,
} from "@hearth/hub-ipc";

/** What a program on the hub is told of a device: its properties, or what became of its actions. */
interface LocalEndpoint {
  id: string;
  capabilities: {
    id: string;
    name?: string;
    version?: string;
    properties?: { name: string; value: Json }[];
    actions?: { name: string; responseCode?: number }[];
  }[];
}

const endpointsOf = (payload: Json | undefined): LocalEndpoint[] =>
  ((payload as { endpoints?: unknown } | undefined)?.endpoints ?? []) as LocalEndpoint[];

/** How long a command may take on the radio. */
const PATIENCE = 20_000;

export type LocalRoutine = Awaited<ReturnType<typeof openLocalRoutine>>;

/** Another program on the hub, which speaks to its edge agent (reference 10.8) and needs no cloud. */
export async function openLocalRoutine(path: string) {
  const waiting = new Map<string, (payload: JsonObject) => void>();
  const hub = createHubClient({ path, context: "routine" });
  await hub.registerSubscriber([IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE], (_event, data) => {
    const payload = data["payload"] as JsonObject | undefined;
    const traceId = payload?.["traceId"];
    if (payload && typeof traceId === "string") waiting.get(traceId)?.(payload);
  });
  const status = await hub.connect();
  if (status !== IOTMI_STATUS_OK) throw new Error(`the hub's IPC at ${path} answered with status ${status}`);

  async function query(managedThingId: string): Promise<LocalEndpoint[]> {
    const { payload, message } = await hub.sendDeviceStateQuery({ managedThingId });
    const current = payload?.["currentState"];
    if (current === undefined) throw new Error(`no state of ${managedThingId}: ${message ?? JSON.stringify(payload)}`);
    return endpointsOf(current);
  }

  /** What the hub says at once. */
  async function ask(
    managedThingId: string,
    capabilityId: string,
    name: string,
    parameters: JsonObject,
    traceId: string,
  ) {
    for (const { id, capabilities } of await query(managedThingId)) {
      const capability = capabilities.find((one) => one.id === capabilityId);
      if (!capability) continue;
      const { properties: _, ...named } = capability;
      const endpoints = [{ id, capabilities: [{ ...named, actions: [{ name, parameters }] }] }];
      return hub.sendCommandRequest({ traceId, managedThingId, nodeId: "1", endpoints } as unknown as JsonObject);
    }
    throw new Error(`${managedThingId} has no ${capabilityId}`);
  }

  return {
    /** The hub's immediate reply to a command, in the reference's words. */
    async reply(managedThingId: string, capabilityId: string, name: string): Promise<string | undefined> {
      return (await ask(managedThingId, capabilityId, name, {}, randomHex(8))).reply;
    },

    /** Runs one action; rejects unless the device has done it. */
    async command(
      managedThingId: string,
      capabilityId: string,
      name: string,
      parameters: JsonObject = {},
    ): Promise<void> {
      const traceId = randomHex(8);
      let cancel = () => {};
      const outcome = new Promise<JsonObject>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no outcome of ${name} within ${PATIENCE} ms`)), PATIENCE);
        cancel = () => clearTimeout(timer);
        waiting.set(traceId, resolve);
      });
      outcome.catch(() => {});
      try {
        const { status: taken, reply, message } = await ask(managedThingId, capabilityId, name, parameters, traceId);
        if (taken !== IOTMI_STATUS_OK) throw new Error(`the hub refused ${name}: ${reply ?? message}`);
        const endpoints = endpointsOf(await outcome);
        const actions = endpoints.flatMap(({ capabilities }) => capabilities.flatMap((one) => one.actions ?? []));
        const hasDone =
          actions.length > 0 && actions.every(({ responseCode = 0 }) => responseCode >= 200 && responseCode < 300);
        if (!hasDone) throw new Error(`${name} failed: ${JSON.stringify(endpoints)}`);
      } finally {
        cancel();
        waiting.delete(traceId);
      }
    },

    /** What the hub knows of a device, by `<endpoint>/<capability>/<property>`. */
    async state(managedThingId: string): Promise<Record<string, unknown>> {
      return Object.fromEntries(
        (await query(managedThingId)).flatMap(({ id: endpointId, capabilities }) =>
          capabilities.flatMap(({ id, properties = [] }) =>
            properties.map(({ name, value }) => [`${endpointId}/${id}/${name}`, value]),
          ),
        ),
      );
    },

    close: () => hub.close(),
  };
}
