import { type ServiceClient, ServiceException, type ServiceOperations } from "@hearth/client";

export type Managed = ServiceClient<ServiceOperations["iot-managed-integrations"]>;

/** Asks until there is an answer; rejects, saying what was waited for, when it takes too long. */
export type Until = <T>(what: string, ask: () => Promise<T | undefined>) => Promise<T>;

export type HomeApp = ReturnType<typeof createHomeApp>;

/** What a maker's app does with a hub and the devices behind it, by the public API alone. */
export function createHomeApp({ managed, hubId, until }: { managed: Managed; hubId: string; until: Until }) {
  const status = async (Identifier: string) => (await managed.getManagedThing({ Identifier })).ProvisioningStatus;

  /** As GetManagedThingState says, by `<endpoint>/<capability>/<property>`. */
  async function state(ManagedThingId: string): Promise<Record<string, unknown>> {
    const { Endpoints } = await managed.getManagedThingState({ ManagedThingId });
    const endpoints = Endpoints as unknown as {
      endpointId: string;
      capabilities: { id: string; properties: { name: string; value: { propertyValue: unknown } }[] }[];
    }[];
    return Object.fromEntries(
      endpoints.flatMap(({ endpointId, capabilities }) =>
        capabilities.flatMap(({ id, properties }) =>
          properties.map(({ name, value }) => [`${endpointId}/${id}/${name}`, value.propertyValue]),
        ),
      ),
    );
  }

  /** Resolves when GetManagedThing answers 404. */
  const gone = (id: string): Promise<true> =>
    until(`${id} to be gone`, async () => {
      try {
        await status(id);
        return undefined;
      } catch (error) {
        if (error instanceof ServiceException && error.name === "ResourceNotFoundException") return true;
        throw error;
      }
    });

  return {
    status,
    state,
    gone,
    until,

    becomes: (id: string, wanted: string): Promise<true> =>
      until(`${id} to be ${wanted}`, async () => ((await status(id)) === wanted ? true : undefined)),

    /** Capability ids by endpoint id. */
    async capabilities(Identifier: string): Promise<Record<string, string[]>> {
      const { CapabilityReport } = await managed.getManagedThingCapabilities({ Identifier });
      return Object.fromEntries(
        (CapabilityReport?.endpoints ?? []).map((endpoint) => [
          endpoint.id ?? "",
          (endpoint.capabilities ?? []).map(({ id }) => id ?? "").sort(),
        ]),
      );
    },

    /** SendManagedThingCommand with one action, to the first endpoint that has its capability: its trace. */
    async command(
      ManagedThingId: string,
      capabilityId: string,
      name: string,
      parameters: object = {},
    ): Promise<string> {
      const { CapabilityReport } = await managed.getManagedThingCapabilities({ Identifier: ManagedThingId });
      for (const endpoint of CapabilityReport?.endpoints ?? []) {
        const capability = endpoint.capabilities?.find((one) => one.id === capabilityId);
        if (!capability) continue;
        const { id, name: capabilityName, version } = capability;
        const actions = [{ name, parameters }];
        const Endpoints = [
          { endpointId: endpoint.id ?? "", capabilities: [{ id, name: capabilityName, version, actions }] },
        ];
        return (await managed.sendManagedThingCommand({ ManagedThingId, Endpoints: Endpoints as never })).TraceId ?? "";
      }
      throw new Error(`${ManagedThingId} has no ${capabilityId}: ${JSON.stringify(CapabilityReport)}`);
    },

    /** Resolves when a property of any endpoint has the value. */
    stateIs: (id: string, capability: string, property: string, value: unknown): Promise<true> =>
      until(`${capability} ${property} of ${id} to be ${JSON.stringify(value)}`, async () => {
        const suffix = `/${capability}/${property}`;
        const found = Object.entries(await state(id)).some(
          ([path, is]) => path.endsWith(suffix) && JSON.stringify(is) === JSON.stringify(value),
        );
        return found ? true : undefined;
      }),

    /**
     * StartDeviceDiscovery and ListDiscoveredDevices, until there are `count` new devices: their material. A discovery that
     * fails, say because the radio has just started, is started again. `pin`: what stands on a Z-Wave device for a person to
     * type in.
     */
    async discover(
      DiscoveryType: "ZIGBEE" | "ZWAVE",
      { pin, count = 1 }: { pin?: string | undefined; count?: number } = {},
    ): Promise<{ discoveryId: string; materials: string[] }> {
      const start = async () => {
        const { Id = "" } = await managed.startDeviceDiscovery({
          ...{ ControllerIdentifier: hubId, DiscoveryType },
          ...(pin !== undefined && { AuthenticationMaterialType: "ZWAVE_INSTALL_CODE", AuthenticationMaterial: pin }),
        });
        return Id;
      };
      let discoveryId = await start();
      const materials = await until(`${count} devices to be discovered`, async () => {
        const { Items = [] } = await managed.listDiscoveredDevices({ Identifier: discoveryId });
        const found = Items.filter(({ Modification }) => Modification === "DISCOVERED");
        if (found.length >= count) return found.map((device) => device.AuthenticationMaterial ?? "");
        const { Status } = await managed.getDeviceDiscovery({ Identifier: discoveryId });
        if (Status !== "RUNNING") discoveryId = await start();
        return undefined;
      });
      return { discoveryId, materials };
    },

    /** CreateManagedThing of a discovered device: its id. */
    async take(AuthenticationMaterial: string): Promise<string> {
      const given = { AuthenticationMaterialType: "DISCOVERED_DEVICE" as const, AuthenticationMaterial };
      return (await managed.createManagedThing({ Role: "DEVICE", ...given })).Id ?? "";
    },

    /** DeleteManagedThing. `press`: the button of a Z-Wave device, once the hub has been asked (reference 10.5, step 7). */
    async remove(Identifier: string, press?: () => void | Promise<void>): Promise<void> {
      await managed.deleteManagedThing({ Identifier });
      await press?.();
      await gone(Identifier);
    },
  };
}
