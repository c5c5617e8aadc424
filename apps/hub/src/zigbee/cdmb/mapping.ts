import type { Json } from "@hearth/device-sdk";
import type {
  ActionMapping,
  CapabilityMapping,
  Converter,
  NativeRef,
  ParameterMapping,
  PropertyMapping,
} from "../../cdmb/conversion.ts";
import { bitmap, enumeration, integer } from "../../cdmb/converters.ts";
import type { ZigbeeEndpoint } from "./endpoint.ts";

export type ZigbeeMapping = CapabilityMapping<ZigbeeEndpoint>;

interface Pair {
  readonly read: Converter<ZigbeeEndpoint>;
  readonly write: Converter<ZigbeeEndpoint>;
}

/** A property that is there unless the device has said that it lacks the attribute. */
export function readable(
  name: string,
  native: NativeRef,
  read: Converter<ZigbeeEndpoint> | Pair = "same",
): PropertyMapping<ZigbeeEndpoint> {
  const key = `${native["cluster"]}/${native["attribute"]}`;
  return {
    name,
    native,
    when: ({ missing }) => !missing.has(key),
    read: typeof read === "object" ? read.read : read,
  };
}

export const writable = (name: string, native: NativeRef, pair: Pair): PropertyMapping<ZigbeeEndpoint> => ({
  ...readable(name, native, pair),
  write: pair.write,
});

export const action = (
  name: string,
  native: NativeRef,
  parameters: { readonly [name: string]: ParameterMapping<ZigbeeEndpoint> } = {},
): ActionMapping<ZigbeeEndpoint> => ({ name, native, parameters });

export const parameter = (native: string, pair?: Pair): ParameterMapping<ZigbeeEndpoint> =>
  pair ? { native, convert: pair.write } : { native };

/** A last field that may be absent: then it is not sent. */
export const optional = (native: string, pair?: Pair): ParameterMapping<ZigbeeEndpoint> => ({
  ...parameter(native, pair),
  otherwise: null,
});

export const uint8 = integer({ minimum: 0, maximum: 255 });
export const uint8OrNull = integer({ minimum: 0, maximum: 254, none: 255 });
export const uint16 = integer({ minimum: 0, maximum: 65_535 });
export const uint16OrNull = integer({ minimum: 0, maximum: 65_534, none: 65_535 });
export const uint32 = integer({ minimum: 0, maximum: 4_294_967_295 });
export const int8 = integer({ minimum: -127, maximum: 127, none: -128 });
export const int16 = integer({ minimum: -32_767, maximum: 32_767 });
/** Hundredths of a degree on both sides. */
export const temperature = integer({ minimum: -27_315, maximum: 32_767, none: -32_768 });

/** Null in the model is `none` on air. */
export function orNull(
  pair: { read(value: Json): Json | undefined; write(value: Json): Json },
  none: number,
): { read(value: Json): Json | undefined; write(value: Json): Json } {
  return {
    read: (value: Json) => (value === none ? null : pair.read(value)),
    write: (value: Json) => (value === null ? none : pair.write(value)),
  };
}

const bitmapOptions = bitmap({ ExecuteIfOff: 0 });

/** OptionsMask and OptionsOverride: the last fields of most lighting commands, which older devices do not know. */
export const optionParameters = {
  OptionsMask: optional("mask", bitmapOptions),
  OptionsOverride: optional("override", bitmapOptions),
};

export const upDown = enumeration({ Up: 0, Down: 1 });
/** Colour commands number the directions otherwise (ZCL 5.2.2.3). */
export const colorMove = enumeration({ Stop: 0, Up: 1, Down: 3 });
export const colorStep = enumeration({ Up: 1, Down: 3 });
