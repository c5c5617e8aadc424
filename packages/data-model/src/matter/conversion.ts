import type { Problem } from "../type-check.ts";

/** One conversion of one value: what was wrong with it so far, and what it has cost. */
export interface Run {
  problems: Problem[];
  depth: number;
  steps: number;
}

/** Reports what cannot be converted to the run and returns undefined then. */
export type Convert = (value: unknown, path: string, run: Run) => unknown;

/**
 * A value between the two forms (reference 4.3): names of struct members, bits and enumerated values on our side,
 * field ids, one integer and numbers on Matter's. What has no id outside is the same in both.
 */
export interface ValueCodec {
  readonly toMatter: Convert;
  readonly fromMatter: Convert;
}

export const newRun = (): Run => ({ problems: [], depth: 0, steps: 0 });

export const fail = (run: Run, path: string, message: string): undefined => {
  run.problems.push({ path, message });
  return undefined;
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A path step for a key that may be anything that the sender liked. */
export const memberStep = (key: string): string => `.${key.length > 64 ? `${key.slice(0, 64)}…` : key}`;

/** The id of a struct's field, a command or an event. */
export const elementKey = (id: number): string => `0x${id.toString(16).padStart(2, "0")}`;
