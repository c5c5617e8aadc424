import {
  type OperationTable,
  type Secretsmanager,
  type SecretsmanagerOperations,
  ServiceError,
} from "@hearth/contract";
import type { Place } from "../place.ts";
import type { Secret } from "./secret.ts";
import { byStage, described } from "./secret-operations.ts";
import type { SecretStore, SortBy } from "./secret-store.ts";

const SECRETS_PER_PAGE = 100;
/** Rows that one answer looks at: a search that finds little leads on by its token. */
const MOST_ROWS = 2_000;
const ROWS_AT_ONCE = 200;

export const invalidToken = (): ServiceError =>
  new ServiceError("InvalidNextTokenException", "The NextToken value is invalid.");

interface Search {
  filters: readonly Secretsmanager.Filter[];
  token: string | undefined;
  limit: number;
  by?: SortBy | undefined;
  descending?: boolean | undefined;
  planned?: boolean | undefined;
}

export type SecretSearch = ReturnType<typeof createSecretSearch>;

const words = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u);

/** Whether a text of the secret begins as a filter asks (AWS: ListSecrets, Filters). */
function holds(secret: Secret, key: string | undefined, value: string): boolean {
  const { name, description = "", tags, region } = secret;
  switch (key) {
    case "name":
      return name.startsWith(value);
    case "description":
      return description.toLowerCase().startsWith(value.toLowerCase());
    case "tag-key":
      return tags.some(({ Key }) => Key.startsWith(value));
    case "tag-value":
      return tags.some(({ Value }) => Value.startsWith(value));
    case "primary-region":
      return region.startsWith(value);
    case "all": {
      const texts = [name, description, region, ...tags.flatMap(({ Key, Value }) => [Key, Value])];
      const found = texts.flatMap((text) => [text.toLowerCase(), ...words(text)]);
      return value
        .toLowerCase()
        .split(/\s+/)
        .every((word) => found.some((text) => text.startsWith(word)));
    }
    default:
      // Secrets here belong to no service.
      return value === "";
  }
}

/** Filters are all asked, of each one value is enough; `!` before it means the opposite. */
const matches = (secret: Secret, filters: readonly Secretsmanager.Filter[]): boolean =>
  filters.every(({ Key, Values = [] }) =>
    Values.some((value) => (value.startsWith("!") ? !holds(secret, Key, value.slice(1)) : holds(secret, Key, value))),
  );

const AT: Readonly<Record<SortBy, (secret: Secret) => number>> = {
  "created-date": ({ createdAt }) => createdAt,
  "last-accessed-date": ({ accessedAt = 0 }) => accessedAt,
  "last-changed-date": ({ changedAt }) => changedAt,
  name: () => 0,
};

const tokenOf = (by: SortBy, secret: Secret): string =>
  Buffer.from(`${by}/${AT[by](secret)}/${secret.name}`).toString("base64url");

/** Throws `InvalidNextTokenException` for what is no token of this search. */
function placeOf(token: string | undefined, by: SortBy): { at: number; name: string } | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token, "base64url").toString("utf8");
  const found = /^([a-z-]+)\/(\d{1,15})\/([!-~]{1,512})$/.exec(text);
  if (found?.[1] !== by) throw invalidToken();
  return { at: Number(found[2]), name: found[3] as string };
}

/** Throws `InvalidNextTokenException`. */
export function createSecretSearch(store: Pick<SecretStore, "list">) {
  return async (place: Place, search: Search): Promise<{ secrets: Secret[]; next: string | undefined }> => {
    const { filters, token, limit, by = "created-date", descending = false, planned = false } = search;
    const secrets: Secret[] = [];
    let after = placeOf(token, by);
    for (let rows = 0; rows < MOST_ROWS; rows += ROWS_AT_ONCE) {
      const found = await store.list(place, by, descending, after, ROWS_AT_ONCE);
      for (const secret of found) {
        // One more than the page has shown that there is another one.
        const last = secrets.at(-1);
        const wanted = (planned || secret.purgeAt === undefined) && matches(secret, filters);
        if (wanted && last && secrets.length === limit) return { secrets, next: tokenOf(by, last) };
        if (wanted) secrets.push(secret);
        after = { at: AT[by](secret), name: secret.name };
        if (found.at(-1) === secret && found.length === ROWS_AT_ONCE && rows + ROWS_AT_ONCE >= MOST_ROWS) {
          return { secrets, next: tokenOf(by, secret) };
        }
      }
      if (found.length < ROWS_AT_ONCE) break;
    }
    return { secrets, next: undefined };
  };
}

export function searchOperations(deps: {
  store: SecretStore;
  search: SecretSearch;
}): OperationTable<Pick<SecretsmanagerOperations, "ListSecrets">> {
  const { store, search } = deps;
  return {
    ListSecrets: {
      async handle(input, request) {
        const { secrets, next } = await search(request, {
          filters: input.Filters ?? [],
          token: input.NextToken,
          limit: input.MaxResults ?? SECRETS_PER_PAGE,
          by: input.SortBy,
          // AWS: the newest first, unless it is asked otherwise; names from the first.
          descending: input.SortOrder === undefined ? input.SortBy !== "name" : input.SortOrder === "desc",
          planned: input.IncludePlannedDeletion,
        });
        const versions = await store.stagesOf(
          request,
          secrets.map(({ name }) => name),
        );
        return {
          SecretList: secrets.map((secret) => {
            const stages = byStage(versions.get(secret.name) ?? []);
            return {
              ...described(secret),
              ...(Object.keys(stages).length > 0 && { SecretVersionsToStages: stages }),
            };
          }),
          ...(next !== undefined && { NextToken: next }),
        };
      },
    },
  };
}
