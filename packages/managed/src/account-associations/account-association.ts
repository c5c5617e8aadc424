import type { ManagedIntegrations } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { Tags } from "../tags/taggable.ts";

export type AssociationState = ManagedIntegrations.AssociationState;

/** The link between an end user at a third-party cloud and the customer's account (reference 9.2). */
export interface AccountAssociation extends Place {
  id: string;
  connectorDestinationId: string;
  state: AssociationState;
  details: AssociationDetails;
  /** Milliseconds. */
  createdAt: number;
  /** Grows with every change of the association and of the managed things in it. */
  revision: number;
}

/** Sealed at rest. */
export interface AssociationDetails {
  name?: string;
  description?: string;
  tags?: Tags;
  errorMessage?: string;
  /** Where the end user signs in, while that is awaited; empty with General Authorization. */
  authorizationUrl: string;
  /** Of General Authorization: which of the destination's secrets. */
  authMaterialName?: string;
  /** The end user's id at the vendor. */
  userId?: string;
}

/** From which states each one may be entered (reference 9.2). A new one is in progress, or needs no user to sign in. */
const ENTERED_FROM: Readonly<Record<AssociationState, readonly AssociationState[]>> = {
  ASSOCIATION_IN_PROGRESS: ["REFRESH_TOKEN_EXPIRED", "ASSOCIATION_FAILED"],
  ASSOCIATION_SUCCEEDED: ["ASSOCIATION_IN_PROGRESS"],
  ASSOCIATION_FAILED: ["ASSOCIATION_IN_PROGRESS"],
  REFRESH_TOKEN_EXPIRED: ["ASSOCIATION_SUCCEEDED"],
  ASSOCIATION_DELETING: [
    "ASSOCIATION_IN_PROGRESS",
    "ASSOCIATION_SUCCEEDED",
    "ASSOCIATION_FAILED",
    "REFRESH_TOKEN_EXPIRED",
  ],
};

/** Whether an association may go from one state to the other. Staying is not a transition. */
export const mayBecome = (from: AssociationState, to: AssociationState): boolean => ENTERED_FROM[to].includes(from);

export const associationArn = (association: Place & { id: string }): string =>
  `arn:aws:iotmanagedintegrations:${association.region}:${association.accountId}:account-association/${association.id}`;

/** A reason in the characters that the model has for ErrorMessage. */
export const asErrorMessage = (why: string): string =>
  why
    .replace(/[^A-Za-z0-9\-_ ]+/g, " ")
    .replace(/ {2,}/g, " ")
    .trim()
    .slice(0, 512);
