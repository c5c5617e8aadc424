import type { PolicyContext } from "@hearth/policy";

/** What a connection or a request shows to a custom authorizer (reference 8); parts that it does not have are absent. */
export interface CustomCredentials {
  tls?: { serverName?: string };
  http?: { headers: Readonly<Record<string, string>>; queryString: string };
  mqtt?: { clientId: string; username?: string; password?: Uint8Array };
  sourceIp: string;
}

/** Whom an authorizer has let in, and with what rights. */
export interface CustomIdentity {
  accountId: string;
  region: string;
  principalId: string;
  permissionsFor(clientId: string): Promise<{
    allows(action: string, resourceArn: string, context?: PolicyContext): { allowed: boolean; reason: string };
  }>;
}

export type CustomVerdict =
  | { identity: CustomIdentity }
  /** Why not, in words that the client and the log may see. `notBuilt`: nobody could be let in, HTTP answers 501. */
  | { refused: string; notBuilt?: true };

/** Authorizers as they are kept and called. */
export interface CustomAuthorizer {
  /** By the authorizer of that name; without a name by the default one. */
  judge(authorizerName: string | undefined, credentials: CustomCredentials): Promise<CustomVerdict>;
}

export const AUTHORIZER_NAME = "x-amz-customauthorizer-name";
/** The model's pattern of an AuthorizerName. */
const NAME = /^[\w=,@-]{1,128}$/;

/** The authorizer that a request asks for in its headers or its query. Nothing of it is checked. */
export function namedAuthorizer(request: {
  headers: Readonly<Record<string, string>>;
  rawQuery: string;
}): string | undefined {
  return request.headers[AUTHORIZER_NAME] ?? nameIn(request.rawQuery);
}

/** The one place that decides about whoever comes by way of a custom authorizer, through whichever door. */
export async function authorizeCustom(
  authorizer: CustomAuthorizer | undefined,
  credentials: CustomCredentials,
): Promise<CustomVerdict> {
  const { http, mqtt } = credentials;
  // The user name of CONNECT may carry a query of its own: `user?x-amz-customauthorizer-name=…`.
  const [, inUsername = ""] = splitAtMark(mqtt?.username ?? "");
  const name = (http && namedAuthorizer({ ...http, rawQuery: http.queryString })) ?? nameIn(inUsername);
  if (name !== undefined && !NAME.test(name)) return { refused: `The value of ${AUTHORIZER_NAME} is not a name.` };
  if (authorizer) return authorizer.judge(name, credentials);
  const which = name === undefined ? "default custom authorizer" : `custom authorizer ${name}`;
  return { refused: `There is no ${which}: custom authorizers are not built yet.`, notBuilt: true };
}

function nameIn(query: string): string | undefined {
  if (!/customauthorizer/i.test(query)) return undefined;
  for (const [key, value] of new URLSearchParams(query)) if (key.toLowerCase() === AUTHORIZER_NAME) return value;
  return undefined;
}

function splitAtMark(text: string): [string, string?] {
  const at = text.indexOf("?");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
