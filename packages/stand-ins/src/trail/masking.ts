import type { ServiceModel, Shape } from "@hearth/contract";

/** What stands in the place of a sensitive value. */
export const MASK = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** Shapes may contain themselves. */
const DEEPEST = 32;

export interface Masked {
  value: unknown;
  /** The texts that were hidden, for whoever must find them in a message. */
  hidden: string[];
}

/**
 * A copy of `value`, which has or should have the form of the shape `name`, fit to be kept: sensitive members become
 * `MASK`, and so does whatever has another form than the model gives it; members that the model does not know are
 * left out. Blobs become base64.
 */
export function maskSensitive(model: ServiceModel, name: string, value: unknown): Masked {
  const hidden: string[] = [];

  function hide(what: unknown): string {
    if (typeof what === "string") hidden.push(what);
    else if (typeof what === "number") hidden.push(String(what));
    else if (what !== null && typeof what === "object" && !(what instanceof Uint8Array)) {
      for (const inner of Object.values(what)) hide(inner);
    }
    return MASK;
  }

  function mask(shapeName: string, given: unknown, sensitive: boolean, depth: number): unknown {
    const shape: Shape | undefined = model.shapes[shapeName];
    if (!shape || sensitive || shape.sensitive || depth > DEEPEST) return hide(given);
    switch (shape.type) {
      case "structure": {
        if (!isPlain(given)) return hide(given);
        const members: [string, unknown][] = [];
        for (const [memberName, member] of Object.entries(shape.members)) {
          const inner = Object.hasOwn(given, memberName) ? given[memberName] : undefined;
          if (inner === undefined || inner === null) continue;
          members.push([memberName, mask(member.shape, inner, member.sensitive === true, depth + 1)]);
        }
        return Object.fromEntries(members);
      }
      case "list":
        if (!Array.isArray(given)) return hide(given);
        return given.map((item) => mask(shape.member, item, false, depth + 1));
      case "map":
        if (!isPlain(given)) return hide(given);
        if (model.shapes[shape.key]?.sensitive) return hide(given);
        return Object.fromEntries(
          Object.entries(given).map(([key, inner]) => [key, mask(shape.value, inner, false, depth + 1)]),
        );
      case "blob":
        return given instanceof Uint8Array ? Buffer.from(given).toString("base64") : hide(given);
      case "document":
        return given;
      default:
        return typeof given === "object" ? hide(given) : given;
    }
  }

  return { value: mask(name, value, false, 0), hidden };
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
