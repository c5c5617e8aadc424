import type { Write } from "@hearth/backplane";
import type { RequestContext } from "@hearth/contract";
import type { Place } from "../place.ts";

/** The types of resources that have tags (reference 8), as their ARNs name them. */
export type TaggedType =
  | "managed-thing"
  | "provisioning-profile"
  | "credential-locker"
  | "ota-task"
  | "account-association";

export type Tags = Readonly<Record<string, string>>;

/** What a noun with tags gives, so that they can be listed, changed and asked about by policies. */
export interface Taggable {
  readonly type: TaggedType;
  /** Undefined: there is no such resource. `replace` is guarded: it conflicts when somebody else wrote since. */
  find(place: Place, id: string): Promise<Tagged | undefined>;
}

export interface Tagged {
  readonly tags: Tags;
  replace(tags: Tags, now: number): Write | Promise<Write>;
}

export type Conditions = Record<string, string | string[]>;

/** Condition keys for `OperationBinding.conditions` (reference 8). */
export interface TagConditions {
  /** `aws:ResourceTag/*` of what the input identifies; nothing for a resource that does not exist. */
  resource<Input>(
    type: TaggedType,
    idOf: (input: Input) => string | undefined,
  ): (input: Input, request: RequestContext) => Promise<Conditions>;
  /** `aws:RequestTag/*` and `aws:TagKeys` of a call that gives tags. */
  request(tags: Tags | undefined): Conditions;
}
