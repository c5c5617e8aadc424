/** Somebody with an account at the vendor. */
export interface VendorUser {
  /** What the user signs in with: 1 to 64 of `a-z A-Z 0-9 . _ @ -`. */
  name: string;
  password: string;
  /** The id that the API and the tokens tell (`sub`); `u-<name>` if absent. */
  id?: string;
  /** How many devices the user begins with; one of each if absent. */
  devices?: { lamps?: number; fans?: number; cameras?: number };
}

/** A partner that users may let at their devices: an OAuth client. */
export interface VendorClient {
  id: string;
  secret: string;
  /** What the consent page calls it; its id if absent. */
  name?: string;
  redirectUris: string[];
  /** Origins (`https://partner.example:8443`) that its subscriptions may push to; none if absent. */
  webhookOrigins?: string[];
}

export interface TokenRules {
  /** Life time of an access token; 3,600. */
  accessTokenSeconds: number;
  /** Life time of a refresh token; 30 days. */
  refreshTokenSeconds: number;
  /** Whether each refresh answers a new refresh token and ends the old one; false. */
  rotateRefreshTokens: boolean;
}

export interface VendorCloudOptions {
  /** PEM. */
  key: string;
  /** PEM: the server's certificate and whatever leads to its root. */
  certificate: string;
  /** The name or address in every URL; "127.0.0.1". The certificate has to be for it. */
  host?: string;
  /** The address to listen on; "127.0.0.1". */
  bind?: string;
  /** 0, any free one, if absent. */
  port?: number;
  /** Port of the operator's plain HTTP door on 127.0.0.1 (faults, simulation); absent: there is none; 0: any free one. */
  adminPort?: number;
  users?: VendorUser[];
  clients?: VendorClient[];
  tokens?: Partial<TokenRules>;
  /** PEM roots that webhooks' servers are checked against, instead of Node's own. */
  webhookCa?: string;
  /** Wait before the second attempt at a push, doubled for each further one; 1,000 ms. */
  pushRetryMilliseconds?: number;
  /** Told one line for each request: method, path without query, status. Never a token, a body or a password. */
  log?: (line: string) => void;
}

/** A mistake in what the operator gave; the message says which. */
export class OptionsError extends Error {
  override name = "OptionsError";
}

const DAY_SECONDS = 86_400;

export const DEFAULT_TOKEN_RULES: TokenRules = {
  accessTokenSeconds: 3_600,
  refreshTokenSeconds: 30 * DAY_SECONDS,
  rotateRefreshTokens: false,
};

export function checkTokenRules(given: Partial<TokenRules>, base: TokenRules): TokenRules {
  const rules = { ...base, ...given };
  for (const name of ["accessTokenSeconds", "refreshTokenSeconds"] as const) {
    const value = rules[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > 3_650 * DAY_SECONDS)
      throw new OptionsError(`${name} is a whole number of seconds from 1 to ten years`);
  }
  if (typeof rules.rotateRefreshTokens !== "boolean") throw new OptionsError("rotateRefreshTokens is true or false");
  const unknown = Object.keys(rules).find((name) => !(name in DEFAULT_TOKEN_RULES));
  if (unknown) throw new OptionsError(`unknown token rule ${unknown}`);
  return rules;
}

/** The same user with an id; throws when a name, an id or a password will not do. */
export function checkUser(user: VendorUser): VendorUser & { id: string } {
  if (typeof user?.name !== "string" || !/^[\w.@-]{1,64}$/.test(user.name))
    throw new OptionsError("a user's name has 1 to 64 of a-z A-Z 0-9 . _ @ -");
  if (typeof user.password !== "string" || user.password.length < 8 || user.password.length > 128)
    throw new OptionsError(`the password of ${user.name} has to have 8 to 128 characters`);
  const id = user.id ?? `u-${user.name}`;
  if (!/^[\w.@-]{1,64}$/.test(id)) throw new OptionsError(`the id of ${user.name} has 1 to 64 of a-z A-Z 0-9 . _ @ -`);
  return { ...user, id };
}

export function checkClient(client: VendorClient): VendorClient {
  if (typeof client?.id !== "string" || !/^[\w.-]{1,64}$/.test(client.id))
    throw new OptionsError("a client's id has 1 to 64 of a-z A-Z 0-9 . _ -");
  if (typeof client.secret !== "string" || !/^[\x21-\x7e]{16,256}$/.test(client.secret))
    throw new OptionsError(`the secret of ${client.id} has to have 16 to 256 visible ASCII characters`);
  if (!Array.isArray(client.redirectUris) || client.redirectUris.length < 1)
    throw new OptionsError(`${client.id} needs at least one of redirectUris`);
  for (const uri of client.redirectUris)
    if (!URL.canParse(uri)) throw new OptionsError(`redirectUris of ${client.id}: ${uri} is not a URL`);
  for (const origin of client.webhookOrigins ?? [])
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new OptionsError(`webhookOrigins of ${client.id}: ${origin} is not an origin, such as https://a.example`);
  return client;
}
