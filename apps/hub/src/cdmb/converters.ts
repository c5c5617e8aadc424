import type { Json } from "@hearth/device-sdk";
import { ActionError } from "../plugins/action-error.ts";

/** Converters that tables name; the factories below make the others, both directions at once: `...scaled(100)`. */
export const namedConverters = {
  same: (value: Json): Json => value,
  /** Native flags come as 0 and 1, or as any number but 0. */
  boolean: (value: Json): Json | undefined =>
    typeof value === "boolean" ? value : typeof value === "number" ? value !== 0 : undefined,
  not: (value: Json): Json | undefined =>
    typeof value === "boolean" ? !value : typeof value === "number" ? value === 0 : undefined,
} as const;

export type ConverterName = keyof typeof namedConverters;

interface Pair {
  read(value: Json): Json | undefined;
  /** Throws ActionError 400 for what the property cannot be. */
  write(value: Json): Json;
}

const invalid = (message: string): ActionError => new ActionError("InvalidParameters", message, 400);

/** The same integer on both sides, within bounds. `none`: the native number that means null. */
export function integer(bounds: { minimum: number; maximum: number; none?: number }): Pair {
  const { minimum, maximum, none } = bounds;
  return {
    read(value) {
      if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
      return none !== undefined && value === none ? null : value;
    },
    write(value) {
      if (value === null && none !== undefined) return none;
      if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
        throw invalid(`${JSON.stringify(value)} is not a whole number from ${minimum} to ${maximum}`);
      }
      return value;
    },
  };
}

/** The model's value is `factor` times the native one, rounded. `none`: the native number that means null. */
export function scaled(factor: number, bounds: { minimum?: number; maximum?: number; none?: number } = {}): Pair {
  const { minimum = -Number.MAX_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER, none } = bounds;
  return {
    read(value) {
      if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
      return none !== undefined && value === none ? null : Math.round(value * factor);
    },
    write(value) {
      if (value === null && none !== undefined) return none;
      if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
        throw invalid(`${JSON.stringify(value)} is not a whole number from ${minimum} to ${maximum}`);
      }
      return Math.round(value / factor);
    },
  };
}

/** The model's names by their native number: `{ Off: 0, On: 1 }`. A number that none has says nothing. */
export function enumeration(numbers: { readonly [name: string]: number }): Pair {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
  return {
    read: (value) => (typeof value === "number" ? names.get(value) : undefined),
    write(value) {
      if (typeof value !== "string" || !Object.hasOwn(numbers, value)) {
        throw invalid(`${JSON.stringify(value)} is none of ${Object.keys(numbers).join(", ")}`);
      }
      return numbers[value] as number;
    },
  };
}

/** The model's bit names by their position: `{ ExecuteIfOff: 0 }`; in the model, a bit is 0 or 1. */
export function bitmap(bits: { readonly [name: string]: number }): Pair {
  return {
    read(value) {
      if (typeof value !== "number") return undefined;
      return Object.fromEntries(Object.entries(bits).map(([name, bit]) => [name, Math.floor(value / 2 ** bit) % 2]));
    },
    write(value) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("not an object of bits");
      let number = 0;
      for (const [name, set] of Object.entries(value)) {
        if (!Object.hasOwn(bits, name) || (set !== 0 && set !== 1)) throw invalid(`no bit ${name} that could be so`);
        if (set === 1) number += 2 ** (bits[name] as number);
      }
      return number;
    },
  };
}
