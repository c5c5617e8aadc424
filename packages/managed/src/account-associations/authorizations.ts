import type { Write } from "@hearth/backplane";
import type { Place } from "../place.ts";
import type { AccountAssociation } from "./account-association.ts";

/** What `header.auth` of a connector's request carries (reference 9.3). */
export interface Authorization {
  token: string;
  type: "OAuth2.0" | "GeneralAuthorization";
}

/** The end user has to link again; the association is REFRESH_TOKEN_EXPIRED, or never had a token. */
export class AuthorizationLost extends Error {}

/** There is no token now; later there may be. The message is fit for a report and never has a token in it. */
export class AuthorizationUnavailable extends Error {}

/** The tokens of account associations, as everybody but account linking sees them. */
export interface Authorizations {
  /**
   * A token good for at least 60 s more, renewed first where needed (one renewal at a time per association).
   * Throws AuthorizationLost or AuthorizationUnavailable.
   */
  of(association: AccountAssociation): Promise<Authorization>;
  /** The vendor does not take this token any more (401 of a connector): the next `of` renews, if it is still that one. */
  refused(association: AccountAssociation, token: string): void;
  /** Writes that destroy what is stored. */
  remove(association: Place & { id: string }): Write[];
}
