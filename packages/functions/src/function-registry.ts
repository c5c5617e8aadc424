import { type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import {
  functionArn,
  functionNotFound,
  generationOf,
  invalidParameter,
  newRevisionId,
  type Place,
  referencedArn,
  referenceOf,
  type StoredFunction,
} from "./function.ts";
import type { FunctionStore } from "./function-store.ts";

/** Functions that invocations find without asking the database. */
const KEPT = 1_000;

const keyOf = (place: Place, name: string): string => `${place.accountId} ${place.region} ${name}`;

export interface FunctionRegistry {
  find(place: Place, name: string): Promise<StoredFunction | undefined>;
  /** The function of the caller's own account that a request names. Throws `ResourceNotFoundException`. */
  named(input: { FunctionName: string; Qualifier?: string }, request: RequestContext): Promise<StoredFunction>;
  /** Throws `ResourceConflictException` when there is one of this name. */
  add(stored: StoredFunction): Promise<void>;
  /**
   * Changes a function: `decide` is asked again when somebody else wrote first. `RevisionId`: of the function that the
   * caller has read. Throws `ResourceNotFoundException`, `PreconditionFailedException`, and what `decide` throws.
   */
  change(
    input: { FunctionName: string; Qualifier?: string; RevisionId?: string },
    request: RequestContext,
    decide: (before: StoredFunction) => Partial<StoredFunction>,
    further?: (before: StoredFunction) => Write[],
  ): Promise<StoredFunction>;
  remove(stored: StoredFunction): Promise<void>;
}

/** `changed` is told of each function that may not be run as it was, with its ARN. */
export function createFunctionRegistry(deps: {
  database: Pick<Database, "commit">;
  store: FunctionStore;
  changed: (arn: string) => void;
}): FunctionRegistry {
  const { database, store, changed } = deps;
  const kept = new BoundedMap<string, StoredFunction>(KEPT);
  let writes = 0;

  async function write(stored: StoredFunction, batch: readonly Write[]): Promise<void> {
    try {
      await database.commit(batch);
    } finally {
      // Whoever has read before keeps nothing of it.
      writes++;
      kept.delete(keyOf(stored, stored.name));
    }
  }

  async function find(place: Place, name: string): Promise<StoredFunction | undefined> {
    const key = keyOf(place, name);
    const found = kept.get(key);
    if (found) return found;
    const before = writes;
    const read = await store.find(place, name);
    if (read && writes === before) kept.set(key, read);
    return read;
  }

  async function named(
    input: { FunctionName: string; Qualifier?: string },
    request: RequestContext,
  ): Promise<StoredFunction> {
    const reference = referenceOf(input.FunctionName, request, input.Qualifier);
    const own = reference.accountId === request.accountId && reference.region === request.region;
    const stored = own && reference.qualifier === undefined ? await find(reference, reference.name) : undefined;
    if (!stored) throw functionNotFound(referencedArn(reference));
    return stored;
  }

  return {
    find,
    named,

    async add(stored) {
      try {
        await write(stored, [store.insert(stored)]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceConflictException", `Function already exist: ${stored.name}`, { Type: "User" });
      }
    },

    change: (input, request, decide, further) =>
      onConflictAgain(async () => {
        const before = await named(input, request);
        if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId) {
          const message =
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction or the GetPolicy API to " +
            "retrieve the latest Revision Id.";
          throw new ServiceError("PreconditionFailedException", message, { Type: "User" });
        }
        const decided = { ...before, ...decide(before), revisionId: newRevisionId() };
        const after = { ...decided, generation: generationOf(decided) };
        await write(before, [store.update(after), ...(further?.(before) ?? [])]);
        if (after.generation !== before.generation) changed(functionArn(after, after.name));
        return { ...after, revision: before.revision + 1 };
      }),

    async remove(stored) {
      await write(stored, [store.remove(stored), store.dropUnusedCode(stored, stored.codeSha256)]);
      changed(functionArn(stored, stored.name));
    },
  };
}

export const requireOwnPlace = (input: { FunctionName: string }, request: RequestContext): string => {
  const reference = referenceOf(input.FunctionName, request);
  const own = reference.accountId === request.accountId && reference.region === request.region;
  if (!own || reference.qualifier !== undefined) {
    throw invalidParameter(
      `Functions are made in account ${request.accountId} and region ${request.region}, unqualified.`,
    );
  }
  return reference.name;
};
