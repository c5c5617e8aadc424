import type { JsonObject } from "@hearth/device-sdk";

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
