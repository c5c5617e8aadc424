import type { ManagedIntegrations } from "@hearth/contract";
import { invalid } from "../errors.ts";
import type { Place } from "../place.ts";

/** How users of one connector are linked: where they sign in and which secret authenticates the platform (reference 9.2). */
export interface ConnectorDestination extends Place {
  id: string;
  cloudConnectorId: string;
  /** Whose connector it is; another account's where it was LISTED. */
  connectorAccountId: string;
  name?: string;
  description?: string;
  auth: DestinationAuth;
  /** Milliseconds. */
  createdAt: number;
  /** Grows with every change of the destination and with every association that is made for it. */
  revision: number;
}

/** Sealed at rest. Credentials are not in it: it names the secrets that hold them (U30). */
export interface DestinationAuth {
  authType?: "OAUTH";
  oAuth?: ManagedIntegrations.OAuthConfig;
  generalAuthorization?: readonly ManagedIntegrations.AuthMaterial[];
  secretsManager?: ManagedIntegrations.SecretsManager;
}

/** General Authorization has at most three secrets (reference 9.2). */
const MOST_MATERIALS = 3;
/** The model bounds neither; a URL of the browser's carries both. */
const LONGEST = 1024;

/** @throws ValidationException unless a user can be linked by what is configured */
export function checkAuth(auth: DestinationAuth): DestinationAuth {
  const { oAuth, generalAuthorization = [], secretsManager } = auth;
  if (!oAuth && generalAuthorization.length === 0) {
    throw invalid("AuthConfig needs oAuth, or GeneralAuthorization with at least one secret.");
  }
  if (auth.authType === "OAUTH" && !oAuth) throw invalid("AuthType OAUTH needs AuthConfig.oAuth.");
  if (oAuth && !secretsManager) {
    throw invalid("SecretsManager is required with AuthConfig.oAuth: client id and secret come from it.");
  }
  if (generalAuthorization.length > MOST_MATERIALS) {
    throw invalid(`AuthConfig.GeneralAuthorization has at most ${MOST_MATERIALS} secrets.`);
  }
  const names = generalAuthorization.map((material) => material.AuthMaterialName);
  if (new Set(names).size < names.length) {
    throw invalid("AuthConfig.GeneralAuthorization names an AuthMaterialName twice.");
  }
  if (oAuth) {
    for (const member of ["authUrl", "tokenUrl"] as const) {
      const url = URL.canParse(oAuth[member]) ? new URL(oAuth[member]) : undefined;
      // RFC 6749, 3.1 and 3.2: codes and secrets go this way; a fragment has no meaning here.
      if (url?.protocol !== "https:") throw invalid(`AuthConfig.oAuth.${member} must be an https URL.`);
      if (url.hash !== "") throw invalid(`AuthConfig.oAuth.${member} must not have a fragment (#).`);
    }
    for (const member of ["scope", "oAuthCompleteRedirectUrl"] as const) {
      if ((oAuth[member]?.length ?? 0) > LONGEST) {
        throw invalid(`AuthConfig.oAuth.${member} has at most ${LONGEST} characters.`);
      }
    }
  }
  return auth;
}

/** What an update makes of the secrets of General Authorization: those named are replaced, further ones join. */
export function updatedMaterials(
  before: readonly ManagedIntegrations.AuthMaterial[],
  change: ManagedIntegrations.GeneralAuthorizationUpdate | undefined,
): ManagedIntegrations.AuthMaterial[] {
  const replaced = new Map((change?.AuthMaterialsToUpdate ?? []).map((one) => [one.AuthMaterialName, one] as const));
  for (const name of replaced.keys()) {
    if (!before.some((one) => one.AuthMaterialName === name)) {
      throw invalid(`AuthMaterialsToUpdate names ${name}, which the connector destination does not have.`);
    }
  }
  return [...before.map((one) => replaced.get(one.AuthMaterialName) ?? one), ...(change?.AuthMaterialsToAdd ?? [])];
}

/** The secrets that a destination reads: who configures it needs secretsmanager:GetSecretValue on each (reference 9.1). */
export const secretArns = (auth: DestinationAuth): string[] => [
  ...(auth.secretsManager ? [auth.secretsManager.arn] : []),
  ...(auth.generalAuthorization ?? []).map((material) => material.SecretsManager.arn),
];
