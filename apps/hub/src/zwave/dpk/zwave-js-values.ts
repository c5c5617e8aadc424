import type { Json } from "@hearth/device-sdk";
import type { Endpoint, ZWaveNode } from "zwave-js";
import type { DpkEndpoint, ValueTarget } from "./dpk.ts";

/** Between zwave-js' value ids and names: the property and, after a slash, its key. */

interface ValueId {
  commandClass: number;
  endpoint: number;
  property: string | number;
  propertyKey?: string | number;
}

export const nameOf = ({ property, propertyKey }: Omit<ValueId, "commandClass" | "endpoint">): string =>
  propertyKey === undefined ? `${property}` : `${property}/${propertyKey}`;

export function valueIdOf({ endpoint, commandClass, name }: ValueTarget): ValueId {
  const slash = name.indexOf("/");
  if (slash < 0) return { commandClass, endpoint, property: name };
  const key = name.slice(slash + 1);
  return {
    commandClass,
    endpoint,
    property: name.slice(0, slash),
    propertyKey: /^\d+$/.test(key) ? Number(key) : key,
  };
}

/** What JSON can hold of it; temperatures in degrees Celsius. */
export function jsonOf(node: ZWaveNode, id: ValueId): Json | undefined {
  const value: unknown = node.getValue(id);
  if (typeof value === "number" && Number.isFinite(value)) {
    const { unit } = node.getValueMetadata(id) as { unit?: string };
    return unit === "°F" ? Math.round(((value - 32) * 500) / 9) / 100 : value;
  }
  return typeof value === "boolean" || typeof value === "string" ? value : undefined;
}

export function endpointOf(node: ZWaveNode, endpoint: Endpoint): DpkEndpoint {
  const { index } = endpoint;
  const supported = [...endpoint.getCCs()].filter(([, info]) => info.isSupported).map(([id]) => id as number);
  const { generic, specific } = endpoint.deviceClass ?? node.deviceClass ?? {};
  const values = node
    .getDefinedValueIDs()
    .filter((id) => id.endpoint === index)
    .map((id) => {
      const value = jsonOf(node, { ...id, endpoint: index });
      return { commandClass: id.commandClass as number, name: nameOf(id), ...(value === undefined ? {} : { value }) };
    });
  return {
    index,
    deviceClass: { generic: generic?.key ?? 0, specific: specific?.key ?? 0 },
    commandClasses: supported,
    values,
  };
}

/** Eight groups of five digits, of the key's bytes. */
export function dskOfKey(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  return Array.from({ length: 8 }, (_, group) => String(bytes.readUInt16BE(group * 2)).padStart(5, "0")).join("-");
}
