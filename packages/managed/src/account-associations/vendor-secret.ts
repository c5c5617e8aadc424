import { ServiceError } from "@hearth/contract";
import type { ConnectorDestination } from "../connector-destinations/connector-destination.ts";
import { invalid } from "../errors.ts";
import type { Place } from "../place.ts";
import { associationArn } from "./account-association.ts";
import type { ReadSecret } from "./read-secret.ts";

/** What the vendor knows the customer's client by (reference 9.2, U30). */
export interface VendorSecret {
  clientId: string;
  /** Absent: a public client (RFC 6749, 2.1), which PKCE alone protects. */
  clientSecret?: string;
  /** The model has no member for it. Servers ignore what they do not know (RFC 6749, 3.1); for those that refuse it: none. */
  pkce: "S256" | "none";
}

/** RFC 6749, A.1 and A.2: client id and secret are printable ASCII. */
const PRINTABLE = /^[\x20-\x7e]{1,1024}$/;

const isText = (value: unknown): value is string => typeof value === "string" && PRINTABLE.test(value);

/** @throws ValidationException that says what is missing, and shows nothing of the secret */
function parseVendorSecret(text: string): VendorSecret {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid('The secret must hold a JSON object: {"clientId": "...", "clientSecret": "..."}.');
  }
  const { clientId, clientSecret, pkce = "S256" } = parsed as Record<string, unknown>;
  if (!isText(clientId)) throw invalid("The secret needs a clientId of 1 to 1024 printable ASCII characters.");
  if (clientSecret !== undefined && !isText(clientSecret)) {
    throw invalid("The secret's clientSecret must have 1 to 1024 printable ASCII characters, or be left out.");
  }
  if (pkce !== "S256" && pkce !== "none") throw invalid('The secret\'s pkce must be "S256" or "none".');
  if (pkce === "none" && clientSecret === undefined) {
    throw invalid('The secret needs a clientSecret when its pkce is "none": nothing else would protect the code.');
  }
  return { clientId, ...(clientSecret === undefined ? {} : { clientSecret }), pkce };
}

export type VendorSecrets = ReturnType<typeof createVendorSecrets>;

/** The secrets of destinations, read at each use on behalf of an association (reference 13.3). */
export function createVendorSecrets({ readSecret }: { readSecret: ReadSecret }) {
  async function read(association: Place & { id: string }, secret: { arn: string; versionId: string }) {
    const { accountId, region } = association;
    const sourceArn = associationArn(association);
    const use = { accountId, region, secretArn: secret.arn, versionId: secret.versionId, sourceArn };
    try {
      return await readSecret(use);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const which = `version ${secret.versionId} of secret ${secret.arn}`;
      if (error.name === "AccessDeniedException") {
        throw new ServiceError(
          "AccessDeniedException",
          `The platform may not read ${which}: ${error.message} Let the secret's resource policy allow ` +
            "iotmanagedintegrations.amazonaws.com secretsmanager:GetSecretValue, and the policy of its key kms:Decrypt, " +
            `with aws:SourceArn like ${sourceArn.replace(/[^/]+$/, "*")}.`,
        );
      }
      throw invalid(`The platform cannot read ${which}: ${error.message}`);
    }
  }

  return {
    /** Client id and secret of the destination's OAuth settings. */
    async client(association: Place & { id: string }, { auth }: ConnectorDestination): Promise<VendorSecret> {
      if (!auth.secretsManager) throw invalid("The connector destination has no SecretsManager.");
      return parseVendorSecret(await read(association, auth.secretsManager));
    },

    /** The whole of a secret of General Authorization. */
    async material(association: Place & { id: string }, { auth }: ConnectorDestination, name: string): Promise<string> {
      const material = auth.generalAuthorization?.find((one) => one.AuthMaterialName === name);
      if (!material) {
        throw invalid("GeneralAuthorization.AuthMaterialName names no secret of the connector destination.");
      }
      return read(association, material.SecretsManager);
    },
  };
}
