import { type Json, type JsonObject, sameJson } from "./json.ts";
import { MAX_CAPABILITIES, MAX_ENDPOINTS } from "./message.ts";

/** How a property is read and, if it can be, written. Both may take their time; what `set` throws is reported. */
export interface PropertyHandlers {
  get(): Json | Promise<Json>;
  set?(value: Json): void | Promise<void>;
}

export interface ActionContext {
  traceId: string;
  endpointId: string;
  capabilityId: string;
  /** Aborted when the action's time is over; what it returns afterwards is not sent. */
  signal: AbortSignal;
}

/**
 * Does what the action says, at once or in a promise. An object that it returns becomes the response's parameters,
 * anything else is left out. Throw ActionError to choose the response code; anything else answers 500.
 */
export type ActionHandler = (parameters: JsonObject, context: ActionContext) => unknown;

export interface CapabilityHandlers {
  /** For people, for instance `On/Off`. */
  name?: string;
  /** The cluster's revision, for instance `6`. */
  version?: string;
  properties?: Record<string, PropertyHandlers>;
  /** An action that is undefined is the reference's `NULL` callback: it answers 501 and is not reported. */
  actions?: Record<string, ActionHandler | undefined>;
  events?: string[];
}

/** A declared capability. Maps, so that a name such as `constructor` from the wire finds nothing. */
export interface Capability {
  id: string;
  name: string | undefined;
  version: string | undefined;
  properties: Map<string, PropertyHandlers>;
  actions: Map<string, ActionHandler>;
  events: Set<string>;
}

/** A capability id with its version (reference 4.4). */
const CAPABILITY_ID = /^[a-zA-Z0-9.]{1,128}@(?:\d{1,9}\.\d{1,9}(?:\.\d{1,9})?|\$latest)$/;
const MAX_NAMES = 100;
const MAX_DEVICE_TYPES = 50;

/** One endpoint of the device: a lamp, a socket, a sensor. */
export class Endpoint {
  readonly id: string;
  readonly deviceTypes: readonly string[];
  readonly capabilities = new Map<string, Capability>();

  constructor(id: string, deviceTypes: readonly string[]) {
    if (!/^[0-9a-zA-Z]{1,64}$/.test(id)) throw new RangeError("an endpoint id has 1 to 64 letters and digits");
    if (deviceTypes.length > MAX_DEVICE_TYPES) throw new RangeError(`at most ${MAX_DEVICE_TYPES} device types`);
    this.id = id;
    this.deviceTypes = [...deviceTypes];
  }

  /** Declares a capability, for instance `matter.OnOff@1.4`. Throws RangeError for what the platform would refuse. */
  capability(id: string, handlers: CapabilityHandlers): this {
    if (!CAPABILITY_ID.test(id)) throw new RangeError(`not a capability id: ${id}`);
    if (this.find(withoutVersion(id))) throw new RangeError(`endpoint ${this.id} already has ${withoutVersion(id)}`);
    if (this.capabilities.size >= MAX_CAPABILITIES) throw new RangeError(`at most ${MAX_CAPABILITIES} capabilities`);
    const actions = Object.entries(handlers.actions ?? {}).filter(
      (entry): entry is [string, ActionHandler] => !!entry[1],
    );
    const capability: Capability = {
      id,
      name: handlers.name,
      version: handlers.version,
      properties: new Map(Object.entries(handlers.properties ?? {})),
      actions: new Map(actions),
      events: new Set(handlers.events),
    };
    for (const { size } of [capability.properties, capability.actions, capability.events]) {
      if (size > MAX_NAMES) throw new RangeError(`${id}: at most ${MAX_NAMES} properties, actions and events each`);
    }
    this.capabilities.set(id, capability);
    return this;
  }

  /** By its id, with or without the version. */
  find(id: string): Capability | undefined {
    if (id.includes("@")) return this.capabilities.get(id);
    return [...this.capabilities.values()].find((capability) => withoutVersion(capability.id) === id);
  }
}

/** Every endpoint by its id. */
export class Endpoints {
  readonly #byId = new Map<string, Endpoint>();

  /** Throws RangeError when there is one already, or too many. */
  add(id: string, deviceTypes: readonly string[]): Endpoint {
    if (this.#byId.has(id)) throw new RangeError(`endpoint ${id} is already declared`);
    if (this.#byId.size >= MAX_ENDPOINTS) throw new RangeError(`at most ${MAX_ENDPOINTS} endpoints`);
    const endpoint = new Endpoint(id, deviceTypes);
    this.#byId.set(id, endpoint);
    return endpoint;
  }

  get(id: string): Endpoint | undefined {
    return this.#byId.get(id);
  }

  all(): Endpoint[] {
    return [...this.#byId.values()];
  }

  /** Throws RangeError for what is not declared: a typing error of the program, not of the platform. */
  capability(endpointId: string, capabilityId: string): Capability {
    const capability = this.#byId.get(endpointId)?.find(capabilityId);
    if (!capability) throw new RangeError(`${capabilityId} is not declared on endpoint ${endpointId}`);
    return capability;
  }
}

/** What the device can do, as it is uploaded (docs/device-protocol.md, "Capability report"). */
export function capabilityReport(nodeId: string, endpoints: Endpoints): JsonObject {
  return {
    version: "1.0.0",
    nodeId,
    endpoints: endpoints.all().map(({ id, deviceTypes, capabilities }) => ({
      id,
      deviceTypes: [...deviceTypes],
      capabilities: [...capabilities.values()].map((capability) => ({
        id: capability.id,
        ...(capability.name === undefined ? {} : { name: capability.name }),
        ...(capability.version === undefined ? {} : { version: capability.version }),
        properties: [...capability.properties.keys()].sort(),
        actions: [...capability.actions.keys()].sort(),
        events: [...capability.events].sort(),
      })),
    })),
  };
}

/** The current value of a property. What JSON cannot hold (NaN, undefined, a bigint) is an error, not sent as null. */
export async function readProperty(capability: Capability, name: string): Promise<Json> {
  const value = await capability.properties.get(name)?.get();
  const copy = value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Json);
  if (copy === undefined || !sameJson(copy, value)) throw new TypeError(`the value of ${name} is not JSON`);
  return copy;
}

const withoutVersion = (id: string): string => id.split("@", 1)[0] ?? id;
