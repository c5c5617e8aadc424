import { type Iot, ServiceError } from "@hearth/contract";

export type Tags = Readonly<Record<string, string>>;

/** AWS's limits on tags of one resource. */
const MAX_TAGS = 50;

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

/** Tags as the API gives them; throws InvalidRequestException. Keys and values are checked by the contract. */
export function tagsOf(list: readonly Iot.Tag[] | undefined): Tags {
  const tags = new Map<string, string>();
  for (const { Key, Value = "" } of list ?? []) {
    if (tags.has(Key)) throw invalid(`tags: ${Key} is there twice`);
    if (/^aws:/i.test(Key)) throw invalid("tags: keys that begin with aws: are AWS's own");
    tags.set(Key, Value);
  }
  if (tags.size > MAX_TAGS) throw invalid(`tags: at most ${MAX_TAGS}`);
  return Object.fromEntries(tags);
}

/** `given` put over `tags`. Throws as `tagsOf`, and LimitExceededException. */
export function withTags(tags: Tags, given: readonly Iot.Tag[]): Tags {
  const next = { ...tags, ...tagsOf(given) };
  if (Object.keys(next).length > MAX_TAGS) {
    throw new ServiceError("LimitExceededException", `A resource has at most ${MAX_TAGS} tags`);
  }
  return next;
}

export const withoutTags = (tags: Tags, keys: readonly string[]): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));

export const listOfTags = (tags: Tags): Iot.Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
