import { formatArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";

/** The rules of registered things (reference 5). */
export interface Thing {
  thingName: string;
  /** UUID. */
  thingId: string;
  /** From 1; grows with every update. */
  version: number;
  attributes: Readonly<Record<string, string>>;
  /** Milliseconds. */
  createdAt: number;
}

/** What callers give of a thing. */
export interface ThingInput {
  thingName: string;
  attributes?: Readonly<Record<string, string>>;
}

export interface ThingChange {
  attributes?: Readonly<Record<string, string>>;
  /** Adds to the attributes instead of replacing them; an empty value then deletes. */
  merge?: boolean;
  expectedVersion?: number;
}

/** A thing without a type may carry this many; types are not built. */
const ATTRIBUTES_WITHOUT_TYPE = 3;
const ATTRIBUTE_BYTES = 47 * 1024;
const NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

export const thingArn = (at: Place, thingName: string): string =>
  formatArn("iot", at.region, at.accountId, `thing/${thingName}`);

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

export const noThing = (thingName: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Thing ${thingName} not found`);

/** Throws `InvalidRequestException`. Also for names that no API has checked, such as those made by a template. */
export function checkThingName(thingName: string): void {
  if (!NAME.test(thingName)) throw invalid("Thing name must match [a-zA-Z0-9:_-]{1,128}");
}

/** The attributes as stored: without empty values, sorted by name. Throws `InvalidRequestException`. */
export function checkAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(attributes).filter(([, value]) => value !== "");
  let bytes = 0;
  for (const [name, value] of entries) {
    if (!ATTRIBUTE_NAME.test(name) || name === "__proto__") {
      throw invalid(`Attribute name must match [a-zA-Z0-9_.,@/:#-]{1,128}: ${name.slice(0, 128)}`);
    }
    if (!ATTRIBUTE_VALUE.test(value)) {
      throw invalid(`Attribute value must match [a-zA-Z0-9_.,@/:#=[]-]{0,800}: ${name}`);
    }
    bytes += name.length + value.length;
  }
  if (entries.length > ATTRIBUTES_WITHOUT_TYPE) {
    throw invalid(`A thing without a thing type has at most ${ATTRIBUTES_WITHOUT_TYPE} attributes`);
  }
  if (bytes > ATTRIBUTE_BYTES) throw invalid("The attributes are larger than 47 KB in all");
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The thing after an update. Throws `VersionConflictException` and `InvalidRequestException`. */
export function changeThing(thing: Thing, change: ThingChange): Thing {
  if (change.expectedVersion !== undefined && change.expectedVersion !== thing.version) {
    throw new ServiceError(
      "VersionConflictException",
      `Version of thing ${thing.thingName} is ${thing.version}, not ${change.expectedVersion}`,
    );
  }
  if (change.attributes === undefined) return { ...thing, version: thing.version + 1 };
  const given = change.merge ? { ...thing.attributes, ...change.attributes } : change.attributes;
  return { ...thing, version: thing.version + 1, attributes: checkAttributes(given) };
}

/** CreateThing of a thing that is there: fine when nothing differs. Throws `ResourceAlreadyExistsException`. */
export function sameThing(thing: Thing, attributes: Readonly<Record<string, string>>, arn: string): Thing {
  if (JSON.stringify(thing.attributes) === JSON.stringify(attributes)) return thing;
  throw new ServiceError(
    "ResourceAlreadyExistsException",
    `Thing ${thing.thingName} already exists in account with different attributes`,
    { resourceId: thing.thingName, resourceArn: arn },
  );
}
