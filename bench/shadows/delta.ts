// The rules are the room's own and nobody else's: the bench looks at them as their tests do.
import {
  applyUpdate,
  difference,
  type JsonObject,
  NO_SHADOW,
  parseUpdate,
} from "../../packages/iot/src/shadows/shadow.ts";

const ROUNDS = 10_000;

/** Some 8 KB in all: `desired` and `reported` of 40 nodes with 4 members each; every fourth node differs in one. */
function fullShadow() {
  const section = (reported: boolean) =>
    Object.fromEntries(
      Array.from({ length: 40 }, (_, node) => [
        `endpoint-${node}`,
        {
          OnOff: true,
          CurrentLevel: node + (reported && node % 4 === 0 ? 1 : 0),
          Name: `lamp no ${node} here`,
          Hue: [node, 2, 3],
        },
      ]),
    ) as JsonObject;
  const state = { desired: section(false), reported: section(true) };
  return applyUpdate(NO_SHADOW, parseUpdate({ state } as JsonObject), 0).next;
}

/** Microseconds, the mean of many: the delta alone, and a whole update of one member with it. */
export function deltaCost(): { bytes: number; delta: number; update: number } {
  const shadow = fullShadow();
  const { desired, reported } = shadow.state;
  const update = parseUpdate({ state: { reported: { "endpoint-1": { OnOff: false } } } });
  const mean = (run: () => unknown): number => {
    for (let round = 0; round < ROUNDS / 4; round++) run();
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round++) run();
    return ((performance.now() - start) * 1000) / ROUNDS;
  };
  return {
    bytes: Buffer.byteLength(shadow.stateText),
    delta: mean(() => difference(desired, reported, shadow.metadata.desired)),
    update: mean(() => applyUpdate(shadow, update, 0)),
  };
}
