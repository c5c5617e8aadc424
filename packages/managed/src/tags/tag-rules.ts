import { ServiceError } from "@hearth/contract";
import type { Tags } from "./taggable.ts";

/** Tags of a resource, at most, those of the platform not counted (reference 8). */
const MOST = 50;

const ofPlatform = (key: string): boolean => /^aws:/i.test(key);

/**
 * What a customer's tags must be like beyond their form, which the contract checks: the prefix `aws:` is the
 * platform's, and a resource has 50 at most.
 * @throws ValidationException from create calls, InvalidRequestException from tag calls
 */
export function checkTags(tags: Tags | undefined, error: "ValidationException" | "InvalidRequestException"): void {
  const keys = Object.keys(tags ?? {});
  checkKeys(keys, error);
  if (keys.length > MOST) throw new ServiceError(error, `Tags: a resource has at most ${MOST} tags.`);
}

/** @throws the given error for a key that only the platform may write */
export function checkKeys(keys: readonly string[], error: "ValidationException" | "InvalidRequestException"): void {
  if (keys.some(ofPlatform)) {
    throw new ServiceError(error, "Tags: keys that begin with aws: are reserved. Choose another prefix.");
  }
}

/** The tags after some were given: a key that is there already gets the new value. */
export function withTags(tags: Tags, given: Tags): Tags {
  const all = { ...tags, ...given };
  const own = Object.keys(all).filter((key) => !ofPlatform(key));
  if (own.length > MOST) {
    const message = `Tags: the resource would have ${own.length} tags, and may have ${MOST}. Remove some first.`;
    throw new ServiceError("InvalidRequestException", message);
  }
  return all;
}

export const withoutTags = (tags: Tags, keys: readonly string[]): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
