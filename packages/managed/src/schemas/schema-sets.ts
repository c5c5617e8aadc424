import { BoundedMap } from "@hearth/base";
import { type CapabilityDocument, extendSchemas, librarySchemas, type SchemaSet } from "@hearth/data-model";
import type { Place } from "../place.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { SchemaStore } from "./schema-store.ts";

const ACCOUNTS = 200;
/** As many as there are reports of devices that were heard lately. */
const THINGS = 2_000;

/** Which schemas hold for whom. */
export interface SchemaSets {
  /** The library and what the account has published. The same object until that changes. */
  ofAccount(place: Place): Promise<SchemaSet>;
  /** These and the thing's own; no query while the thing has none. The same object until any of it changes. */
  of(thing: Pick<ManagedThing, "accountId" | "region" | "id" | "details">): Promise<SchemaSet>;
  /** After the account has published or removed a schema. */
  forget(place: Place): void;
}

interface ThingSet {
  revision: string;
  account: SchemaSet;
  set: SchemaSet;
}

export function createSchemaSets({ schemas }: { schemas: SchemaStore }): SchemaSets {
  const accounts = new BoundedMap<string, Promise<SchemaSet>>(ACCOUNTS);
  const things = new BoundedMap<string, ThingSet>(THINGS);
  const keyOf = ({ accountId, region }: Place): string => `${accountId}/${region}`;

  async function load(place: Place): Promise<SchemaSet> {
    const { capability, definition } = await schemas.ofAccount(place);
    const isEmpty = capability.length === 0 && definition.length === 0;
    return isEmpty ? librarySchemas : extendSchemas(librarySchemas, capability, definition);
  }

  const sets: SchemaSets = {
    ofAccount(place) {
      const key = keyOf(place);
      const known = accounts.get(key);
      if (known) return known;
      const loading = load(place);
      accounts.set(key, loading);
      loading.catch(() => accounts.delete(key));
      return loading;
    },
    async of(thing) {
      const account = await sets.ofAccount(thing);
      const revision = thing.details.schemaRevision;
      if (revision === undefined) return account;
      const key = `${keyOf(thing)}/${thing.id}`;
      const known = things.get(key);
      if (known && known.revision === revision && known.account === account) return known.set;
      const own: CapabilityDocument[] = await schemas.ofThing(thing, thing.id);
      const set = extendSchemas(account, own);
      things.set(key, { revision, account, set });
      return set;
    },
    forget(place) {
      accounts.delete(keyOf(place));
    },
  };
  return sets;
}
