import { InternalError } from "@hearth/base";
import type { SqlValue } from "./database.ts";

/**
 * Throws `InternalError` for a value that the two databases would take differently (undefined, booleans, bigint,
 * NaN: bound silently as something else by one of them).
 */
export function checkParam(value: SqlValue, sql: string): void {
  const fits =
    typeof value === "string" || value === null || Number.isFinite(value as number) || value instanceof Uint8Array;
  if (!fits) throw new InternalError(`a parameter is neither text, finite number, null nor bytes: ${sql}`);
}
