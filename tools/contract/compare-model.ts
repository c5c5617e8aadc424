import type { Member, ServiceModel, Shape } from "../../packages/contract/src/model.ts";
import type { PublishedMember, PublishedModel, PublishedOperation, PublishedShape } from "./published-model.ts";

/** One difference: where, and what is here and there. `where` alone identifies it in the table of intended ones. */
export interface Difference {
  where: string;
  ours: string;
  published: string;
}

/**
 * Compares a model of ours with the published one, from the operations down: bindings, members, constraints, errors.
 * Names of simple shapes, lists and maps are not compared, what they allow is.
 */
export function compareModel(ours: ServiceModel, published: PublishedModel): Difference[] {
  const differences: Difference[] = [];
  const seen = new Set<string>();

  function differ(where: string, mine: unknown, theirs: unknown): void {
    const [left, right] = [show(mine), show(theirs)];
    if (left !== right) differences.push({ where, ours: left, published: right });
  }

  function keysOf(where: string, mine: object, theirs: object): string[] {
    for (const key of Object.keys(mine))
      if (!Object.hasOwn(theirs, key)) differ(`${where}.${key}`, "present", undefined);
    for (const key of Object.keys(theirs))
      if (!Object.hasOwn(mine, key)) differ(`${where}.${key}`, undefined, "present");
    return Object.keys(mine).filter((key) => Object.hasOwn(theirs, key));
  }

  function compareShapes(where: string, mineName: string, theirName: string): void {
    const mine = ours.shapes[mineName];
    const theirs = published.shapes[theirName];
    if (!mine || !theirs) {
      differ(where, mine && mineName, theirs && theirName);
      return;
    }
    const type = theirs.document ? "document" : theirs.type;
    if (mine.type !== type) {
      differ(`${where} type`, mine.type, type);
      return;
    }
    if (mine.type === "structure") {
      if (mineName !== theirName) differ(`${where} name`, mineName, theirName);
      compareStructures(mineName, mine, theirs);
      return;
    }
    compareLimits(where, mine, theirs);
    // A list may lead back to itself only through a structure, which is compared once.
    if (mine.type === "list") compareShapes(`${where}[]`, mine.member, theirs.member!.shape);
    if (mine.type === "map") {
      compareShapes(`${where}{key}`, mine.key, theirs.key!.shape);
      compareShapes(`${where}{value}`, mine.value, theirs.value!.shape);
    }
  }

  function compareLimits(where: string, mine: Shape, theirs: PublishedShape): void {
    const limits = mine as { min?: number; max?: number; pattern?: string; enum?: readonly string[] };
    differ(`${where} min`, limits.min, theirs.min);
    differ(`${where} max`, limits.max, theirs.max);
    differ(`${where} pattern`, limits.pattern, theirs.pattern);
    differ(`${where} enum`, limits.enum && [...limits.enum].sort(), theirs.enum && [...theirs.enum].sort());
    differ(`${where} sensitive`, mine.sensitive ?? false, theirs.sensitive ?? false);
    if (mine.type === "timestamp") differ(`${where} format`, mine.format, timestampFormat(theirs));
    if (mine.type === "list") {
      differ(`${where} flattened`, mine.flattened ?? false, theirs.flattened ?? false);
      differ(`${where} memberName`, mine.memberName, theirs.member?.locationName);
    }
    if (mine.type === "blob") differ(`${where} streaming`, mine.streaming ?? false, theirs.streaming ?? false);
  }

  function compareStructures(name: string, mine: Extract<Shape, { type: "structure" }>, theirs: PublishedShape): void {
    if (seen.has(name)) return;
    seen.add(name);
    differ(`${name} required`, [...(mine.required ?? [])].sort(), [...(theirs.required ?? [])].sort());
    differ(`${name} union`, mine.union ?? false, theirs.union ?? false);
    differ(`${name} sensitive`, mine.sensitive ?? false, theirs.sensitive ?? false);
    if (mine.error || theirs.exception) {
      differ(`${name} status`, mine.error?.status, theirs.error?.httpStatusCode ?? (theirs.fault ? 500 : 400));
      differ(`${name} code`, mine.error?.code ?? name, theirs.error?.code ?? name);
    }
    const theirMembers = theirs.members ?? {};
    for (const member of keysOf(name, mine.members, theirMembers)) {
      compareMembers(`${name}.${member}`, member, mine.members[member]!, theirMembers[member]!, theirs.payload);
    }
  }

  function compareMembers(where: string, name: string, mine: Member, theirs: PublishedMember, payload?: string): void {
    differ(`${where} location`, mine.location, theirs.location);
    // A label's name stays between template and member; `pathOf` compares templates by member.
    if (mine.location !== "uri") {
      differ(`${where} locationName`, mine.locationName ?? name, theirs.locationName ?? name);
    }
    differ(`${where} payload`, mine.payload ?? false, payload === name);
    differ(`${where} idempotencyToken`, mine.idempotencyToken ?? false, theirs.idempotencyToken ?? false);
    differ(`${where} jsonValue`, mine.jsonValue ?? false, theirs.jsonvalue ?? false);
    compareShapes(where, mine.shape, theirs.shape);
  }

  differ("apiVersion", ours.apiVersion, published.metadata.apiVersion);
  const signingName = published.metadata.signingName;
  if (signingName && !ours.signingNames.includes(signingName)) differ("signingName", ours.signingNames[0], signingName);
  for (const name of keysOf("operations", ours.operations, published.operations)) {
    const mine = ours.operations[name]!;
    const theirs = published.operations[name]!;
    differ(`${name} method`, mine.method, theirs.http.method);
    differ(`${name} path`, mine.path, pathOf(theirs, published));
    differ(`${name} status`, mine.status, theirs.http.responseCode ?? 200);
    differ(`${name} errors`, [...mine.errors].sort(), (theirs.errors ?? []).map((error) => error.shape).sort());
    for (const side of ["input", "output"] as const) {
      const [mineName, theirName] = [mine[side], theirs[side]?.shape];
      if (mineName && theirName) compareShapes(`${name} ${side}`, mineName, theirName);
      else differ(`${name} ${side}`, mineName, theirName);
    }
    for (const error of mine.errors) if (Object.hasOwn(published.shapes, error)) compareShapes(error, error, error);
  }
  return differences;
}

/** The published template with its labels named as the members that they carry. */
function pathOf(operation: PublishedOperation, published: PublishedModel): string {
  const members = Object.entries((operation.input && published.shapes[operation.input.shape]?.members) ?? {});
  return operation.http.requestUri.replace(/\{(\w+)(\+?)\}/g, (label, name: string, greedy: string) => {
    const carried = members.find(([member, { location, locationName }]) => {
      return location === "uri" && (locationName ?? member) === name;
    });
    return carried ? `{${carried[0]}${greedy}}` : label;
  });
}

function timestampFormat(shape: PublishedShape): string | undefined {
  return shape.timestampFormat === "unixTimestamp" ? "epoch-seconds" : shape.timestampFormat;
}

function show(value: unknown): string {
  return value === undefined ? "absent" : typeof value === "string" ? value : JSON.stringify(value);
}
