import type { CommandEndpoint } from "../plugins/protocol-plugin.ts";

/** Commands that wait or run. */
const MAX_COMMANDS = 1_000;
/** Of what they ask for, as JSON, all together. */
const MAX_CHARACTERS = 8 * 1_048_576;

/** Bounds what commands make the hub hold. How many devices act at the same time is for their radios to say. */
export interface CommandRoom {
  /** Undefined when there is no room; otherwise what gives the place back. */
  enter(endpoints: readonly CommandEndpoint[]): (() => void) | undefined;
}

export function createCommandRoom(): CommandRoom {
  let commands = 0;
  let characters = 0;
  return {
    enter(endpoints) {
      const { length } = JSON.stringify(endpoints);
      if (commands >= MAX_COMMANDS || characters + length > MAX_CHARACTERS) return undefined;
      commands++;
      characters += length;
      return () => {
        commands--;
        characters -= length;
      };
    },
  };
}
