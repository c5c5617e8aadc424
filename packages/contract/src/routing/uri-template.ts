export type Segment =
  | { kind: "literal"; text: string }
  | { kind: "label"; member: string }
  /** Takes one or more segments. */
  | { kind: "greedy"; member: string };

export interface Route {
  operation: string;
  segments: readonly Segment[];
  /** Query parameters that must be there; a null value: whatever their value. */
  query: readonly (readonly [name: string, value: string | null])[];
  /** The path may end in a slash more. */
  slashAllowed: boolean;
}

const RANK = { literal: 0, label: 1, greedy: 2 } as const;

/** Reads a URI template: `/things/{thingName}/shadow`, `/destinations/{arn+}`, `/x?list&type=2`. */
export function parseTemplate(operation: string, template: string, slashAllowed = false): Route {
  const [path = "", query = ""] = template.split("?", 2);
  const segments = path.split("/").slice(1).map(parseSegment);
  if (segments.filter((segment) => segment.kind === "greedy").length > 1) {
    throw new TypeError(`${operation}: a template has one greedy label at most`);
  }
  const constants = query === "" ? [] : query.split("&");
  return {
    operation,
    segments,
    slashAllowed,
    query: constants.map((constant) => {
      const at = constant.indexOf("=");
      return at < 0 ? ([constant, null] as const) : ([constant.slice(0, at), constant.slice(at + 1)] as const);
    }),
  };
}

function parseSegment(text: string): Segment {
  const label = /^\{(\w+)(\+?)\}$/.exec(text);
  if (!label) {
    if (/[{}]/.test(text)) throw new TypeError(`a label must be a whole segment: ${text}`);
    return { kind: "literal", text };
  }
  return { kind: label[2] ? "greedy" : "label", member: label[1]! };
}

/** Orders the more specific route first: literals before labels before greedy labels, then more query constants. */
export function compareRoutes(left: Route, right: Route): number {
  const length = Math.max(left.segments.length, right.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = rankAt(left, index) - rankAt(right, index);
    if (difference !== 0) return difference;
  }
  return right.query.length - left.query.length;
}

function rankAt(route: Route, index: number): number {
  const segment = route.segments[index];
  return segment ? RANK[segment.kind] : 3;
}

/** The decoded labels; undefined: the path is another one; `malformed`: a label cannot be decoded. */
export function matchRoute(
  route: Route,
  raw: readonly string[],
  query: URLSearchParams,
): Record<string, string> | "malformed" | undefined {
  const { segments } = route;
  if (route.slashAllowed && raw.length > 1 && raw.at(-1) === "") raw = raw.slice(0, -1);
  const greedyAt = segments.findIndex((segment) => segment.kind === "greedy");
  const spare = raw.length - segments.length;
  if (greedyAt < 0 ? spare !== 0 : spare < 0) return undefined;

  const encoded: [member: string, value: string][] = [];
  let at = 0;
  for (const segment of segments) {
    const next = segment.kind === "greedy" ? at + spare + 1 : at + 1;
    const value = raw.slice(at, next).join("/");
    if (segment.kind === "literal") {
      if (value !== segment.text && decode(value) !== segment.text) return undefined;
    } else {
      if (value === "") return undefined;
      encoded.push([segment.member, value]);
    }
    at = next;
  }
  for (const [name, value] of route.query) {
    if (value === null ? !query.has(name) : !query.getAll(name).includes(value)) return undefined;
  }

  const labels: Record<string, string> = {};
  for (const [member, value] of encoded) {
    const decoded = decode(value);
    if (decoded === undefined) return "malformed";
    labels[member] = decoded;
  }
  return labels;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
