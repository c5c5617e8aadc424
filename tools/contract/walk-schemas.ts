import { NormalizedSchema } from "@smithy/core/schema";
import type { ShapeConstraint } from "../../packages/contract/src/constraints/table.ts";
import type { Member, Operation, ServiceModel, Shape } from "../../packages/contract/src/model.ts";
import { createDeclaredErrors } from "./declared-errors.ts";
import type { SdkSource } from "./sources.ts";

/** Numbers that stand for simple schemas in the SDK's packages. */
const SIMPLE: Readonly<Record<number, { name: string; shape: Shape }>> = {
  0: { name: "String", shape: { type: "string" } },
  2: { name: "Boolean", shape: { type: "boolean" } },
  4: { name: "Timestamp", shape: { type: "timestamp" } },
  5: { name: "Iso8601Timestamp", shape: { type: "timestamp", format: "iso8601" } },
  6: { name: "HttpDateTimestamp", shape: { type: "timestamp", format: "http-date" } },
  7: { name: "EpochTimestamp", shape: { type: "timestamp", format: "epoch-seconds" } },
  15: { name: "Document", shape: { type: "document" } },
  21: { name: "Blob", shape: { type: "blob" } },
  42: { name: "StreamingBlob", shape: { type: "blob", streaming: true } },
};
const NUMERIC = 1;
const NUMERIC_TYPES = new Set(["integer", "long", "float", "double"]);

type Traits = Readonly<Record<string, unknown>>;

/** Makes a service's model out of the schemas that its SDK package exports, and its table of constraints. */
export async function walkSdk(source: SdkSource): Promise<ServiceModel> {
  const exported: Record<string, unknown> = await import(source.sdk);
  const schemas = Object.entries(exported)
    .filter(([name, value]) => name.endsWith("$") && Array.isArray(value))
    .map(([, value]) => value as readonly unknown[]);
  const shapes = new Map<string, Shape>();
  const walk = createWalk(source, shapes);

  const errorNames = new Set<string>();
  for (const schema of schemas) {
    if (schema[0] !== -3) continue;
    const name = walk.structure(NormalizedSchema.of(schema as never));
    if (shapes.get(name)?.type === "structure") errorNames.add(name);
  }
  const declaredErrors = createDeclaredErrors(source.sdk);
  const operations = new Map<string, Operation>();
  for (const schema of schemas) {
    if (schema[0] !== 9) continue;
    const name = String(schema[2]);
    const traits = (schema[3] || {}) as Traits;
    const http = (traits["http"] ?? ["POST", "/", 200]) as [Operation["method"], string, number];
    const input = walk.endpoint(NormalizedSchema.of(schema[4] as never));
    const output = walk.endpoint(NormalizedSchema.of(schema[5] as never));
    const errors = declaredErrors(name);
    for (const error of errors) {
      if (!errorNames.has(error)) throw new Error(`${source.header.service}: ${name} declares the unknown ${error}`);
    }
    operations.set(name, {
      method: http[0],
      path: source.header.protocol === "rest-xml" ? withBucket(http[1], shapes.get(input ?? "")) : http[1],
      status: http[2],
      ...(input && { input }),
      ...(output && { output }),
      errors,
    });
  }
  walk.finish(source.header.service);
  return { ...source.header, operations: sorted(operations), shapes: sorted(shapes) };
}

/** S3's templates leave the bucket to the host's name; where it is in the path it comes first. */
function withBucket(path: string, input: Shape | undefined): string {
  const named = input?.type === "structure" && input.members["Bucket"]?.location === "uri";
  return named ? `/{Bucket}${path.replace(/^\/(?=\?|$)/, "")}` : path;
}

function createWalk({ constraints: table, header }: SdkSource, shapes: Map<string, Shape>) {
  const byQuery = header.protocol === "query";
  const usedHints = new Set<string>();
  const problems: string[] = [];

  function endpoint(schema: NormalizedSchema): string | undefined {
    return schema.isUnitSchema() ? undefined : structure(schema);
  }

  function structure(schema: NormalizedSchema): string {
    const name = nameOf(schema);
    if (shapes.has(name)) return name;
    const members: Record<string, Member> = {};
    // Set before the members are walked: structures may contain themselves.
    shapes.set(name, { type: "structure", members });
    const requiredCount = Number((schema.getSchema() as readonly unknown[])[6] ?? 0);
    const required: string[] = [];
    const alsoRequired = table.required?.[name] ?? [];
    const uses = table.uses[name] ?? {};
    for (const [memberName, member] of schema.structIterator()) {
      const hint = uses[memberName];
      if (hint) usedHints.add(`${name}.${memberName}`);
      members[memberName] = memberOf(member, shapeOf(member, hint, `${name}.${memberName}`));
      // The schema lists required members first.
      if (Object.keys(members).length <= requiredCount || alsoRequired.includes(memberName)) required.push(memberName);
    }
    for (const member of alsoRequired) if (!members[member]) problems.push(`no member ${name}.${member}`);
    const traits = schema.getOwnTraits() as Traits;
    shapes.set(name, {
      type: "structure",
      members,
      ...(required.length > 0 && { required }),
      ...(schema.isUnionSchema() && { union: true as const }),
      ...(typeof traits["xmlName"] === "string" && { xmlName: traits["xmlName"] }),
      ...(traits["error"] !== undefined && {
        error: { ...errorOf(name, traits, byQuery), ...statusOf(header.furtherErrors?.[name]) },
      }),
      ...sensitiveOf(traits),
    });
    return name;
  }

  function shapeOf(schema: NormalizedSchema, hint: string | undefined, where: string): string {
    if (schema.isStructSchema()) return structure(schema);
    if (schema.isListSchema()) return list(schema, hint, where);
    if (schema.isMapSchema()) return map(schema, hint, where);
    return simple(schema, hint, where);
  }

  function list(schema: NormalizedSchema, hint: string | undefined, where: string): string {
    const named = ownName(schema) ?? hint;
    if (named && shapes.has(named)) return named;
    const fact = factOf(named, ["list"], where);
    if (named) shapes.set(named, { type: "list", member: "" });
    const item = schema.getValueSchema();
    const itemTraits = item.getMergedTraits() as Traits;
    const member = shapeOf(item, fact?.member, `${where}[]`);
    const name = named ?? `${member}List`;
    const memberName = itemTraits["xmlName"];
    shapes.set(name, {
      type: "list",
      member,
      ...(typeof memberName === "string" && { memberName }),
      ...(schema.getMergedTraits().xmlFlattened && { flattened: true as const }),
      ...limitsOf(fact),
      ...(fact?.unique && { unique: true as const }),
      ...sensitiveOf(schema.getOwnTraits() as Traits),
    });
    return name;
  }

  function map(schema: NormalizedSchema, hint: string | undefined, where: string): string {
    const named = ownName(schema) ?? hint;
    if (named && shapes.has(named)) return named;
    const fact = factOf(named, ["map"], where);
    if (named) shapes.set(named, { type: "map", key: "", value: "" });
    const key = shapeOf(schema.getKeySchema(), fact?.key, `${where}{key}`);
    const value = shapeOf(schema.getValueSchema(), fact?.value, `${where}{value}`);
    const name = named ?? `${key}To${value}Map`;
    shapes.set(name, {
      type: "map",
      key,
      value,
      ...limitsOf(fact),
      ...sensitiveOf(schema.getOwnTraits() as Traits),
    });
    return name;
  }

  function simple(schema: NormalizedSchema, hint: string | undefined, where: string): string {
    const code = Number(schema.getSchema());
    const name = ownName(schema) ?? hint;
    const traits = schema.getOwnTraits() as Traits;
    if (code === NUMERIC) {
      const fact = name === undefined ? undefined : table.shapes[name];
      if (!name || !fact || !NUMERIC_TYPES.has(fact.type)) {
        problems.push(`${where} is a number of unknown kind`);
        return "Double";
      }
      shapes.set(name, { ...numberOf(fact), ...sensitiveOf(traits) });
      return name;
    }
    const base = SIMPLE[code];
    if (!base) throw new Error(`${where}: unknown simple schema ${code}`);
    if (!name) {
      shapes.set(base.name, base.shape);
      return base.name;
    }
    const fact = factOf(name, [base.shape.type], where);
    shapes.set(name, {
      ...base.shape,
      ...limitsOf(fact),
      ...(fact?.pattern !== undefined && { pattern: fact.pattern }),
      ...(fact?.enum && { enum: fact.enum }),
      ...sensitiveOf(traits),
    } as Shape);
    return name;
  }

  function factOf(name: string | undefined, types: readonly string[], where: string): ShapeConstraint | undefined {
    const fact = name === undefined ? undefined : table.shapes[name];
    if (fact && !types.includes(fact.type)) problems.push(`${where}: ${name} is a ${types[0]}, not a ${fact.type}`);
    return fact;
  }

  /** A use that no structure has is a table that has fallen behind the SDK. */
  function finish(service: string): void {
    for (const [structureName, members] of Object.entries(table.uses)) {
      if (!shapes.has(structureName)) continue;
      for (const memberName of Object.keys(members)) {
        if (!usedHints.has(`${structureName}.${memberName}`)) problems.push(`no member ${structureName}.${memberName}`);
      }
    }
    if (problems.length > 0) throw new Error(`${service}: ${problems.join("; ")}`);
  }

  return { endpoint, structure, finish };
}

function memberOf(schema: NormalizedSchema, shape: string): Member {
  const traits = schema.getMergedTraits() as Traits;
  const member: Member = { shape };
  const named = (location: Member["location"], locationName: unknown): Member => ({
    ...member,
    location,
    ...(typeof locationName === "string" && locationName !== schema.getMemberName() && { locationName }),
  });
  const placed = ((): Member => {
    if (traits["httpLabel"]) return named("uri", undefined);
    if (traits["httpQuery"]) return named("querystring", traits["httpQuery"]);
    if (traits["httpHeader"]) return named("header", traits["httpHeader"]);
    if (traits["httpPrefixHeaders"]) return named("headers", traits["httpPrefixHeaders"]);
    if (traits["httpResponseCode"]) return named("statusCode", undefined);
    const wireName = traits["jsonName"] ?? traits["xmlName"];
    return typeof wireName === "string" ? { ...member, locationName: wireName } : member;
  })();
  return {
    ...placed,
    ...(traits["httpPayload"] ? { payload: true as const } : {}),
    ...(traits["idempotencyToken"] ? { idempotencyToken: true as const } : {}),
    ...(traits["httpHeader"] && traits["mediaType"] === "application/json" ? { jsonValue: true as const } : {}),
  };
}

/** `byQuery`: only the query protocol names errors by their codes; the others name their shapes. */
function errorOf(name: string, traits: Traits, byQuery: boolean): { status: number; code?: string } {
  const query = traits["awsQueryError"] as readonly [string, number] | undefined;
  const status = Number(traits["httpError"] ?? query?.[1] ?? (traits["error"] === "server" ? 500 : 400));
  return byQuery && query && query[0] !== name ? { status, code: query[0] } : { status };
}

/** Errors whose status only the service's documentation says. */
const statusOf = (status: number | undefined): { status?: number } => (status === undefined ? {} : { status });

function numberOf(fact: ShapeConstraint): Shape {
  return { type: fact.type as "integer", ...limitsOf(fact) };
}

function limitsOf(fact: ShapeConstraint | undefined): { min?: number; max?: number } {
  return { ...(fact?.min !== undefined && { min: fact.min }), ...(fact?.max !== undefined && { max: fact.max }) };
}

function sensitiveOf(traits: Traits): { sensitive?: true } {
  return traits["sensitive"] ? { sensitive: true } : {};
}

/** The name of a schema that has one; the primitive ones have none. */
function ownName(schema: NormalizedSchema): string | undefined {
  const name = schema.getName(true);
  return name?.includes("#") ? name.slice(name.indexOf("#") + 1) : undefined;
}

function nameOf(schema: NormalizedSchema): string {
  const name = ownName(schema);
  if (!name) throw new Error("a structure without a name");
  return name;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...map].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)));
}
