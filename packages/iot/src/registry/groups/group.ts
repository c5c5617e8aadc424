import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../../storage/place.ts";

/** A static group of things (reference 5). */
export interface ThingGroup {
  groupName: string;
  groupId: string;
  parentName?: string;
  /** From 1; grows with every update. */
  version: number;
  description?: string;
  attributes: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  /** Milliseconds. */
  createdAt: number;
}

/** Groups below one another, the root counted. */
export const MAX_DEPTH = 7;
export const MAX_CHILDREN = 100;
const MAX_ATTRIBUTES = 50;
export const GROUPS_OF_THING = 10;
const NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

export const groupArn = (at: Place, groupName: string): string =>
  formatArn("iot", at.region, at.accountId, `thinggroup/${groupName}`);

export const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);
export const noGroup = (groupName: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Thing group ${groupName} not found`);

/** By name, or by an ARN of this account and region. Throws InvalidRequestException, ResourceNotFoundException. */
export function nameOf(
  at: Place,
  kind: "thing" | "thinggroup",
  name: string | undefined,
  arn: string | undefined,
): string {
  if (arn !== undefined) {
    const parsed = parseArn(arn);
    const [type, ...rest] = (parsed?.resource ?? "").split("/");
    const named = rest.join("/");
    if (parsed?.service !== "iot" || type !== kind || !NAME.test(named))
      throw invalid(`${arn.slice(0, 200)} is no ARN of a ${kind}`);
    if (name !== undefined && name !== named) throw invalid(`${name} and ${arn.slice(0, 200)} are not the same`);
    if (parsed.accountId !== at.accountId || parsed.region !== at.region) {
      throw new ServiceError("ResourceNotFoundException", `${arn.slice(0, 200)} not found`);
    }
    return named;
  }
  if (name === undefined) throw invalid(`The name or the ARN of the ${kind} is needed`);
  return name;
}

/** Attributes that are given, put over what there is; an empty value deletes when they are merged. */
export function nextAttributes(
  before: Readonly<Record<string, string>>,
  given: { attributes?: Readonly<Record<string, string>>; merge?: boolean } | undefined,
): Readonly<Record<string, string>> {
  if (given?.attributes === undefined) return before;
  const next = new Map(given.merge ? Object.entries(before) : []);
  for (const [name, value] of Object.entries(given.attributes)) {
    if (!ATTRIBUTE_NAME.test(name)) throw invalid(`attributes: ${name.slice(0, 100)} is no name of an attribute`);
    if (!ATTRIBUTE_VALUE.test(value)) throw invalid(`attributes: ${name} has a value that cannot be one`);
    if (value === "") next.delete(name);
    else next.set(name, value);
  }
  if (next.size > MAX_ATTRIBUTES) throw invalid(`attributes: at most ${MAX_ATTRIBUTES}`);
  return Object.fromEntries(next);
}
