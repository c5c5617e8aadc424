import { createHash, randomBytes } from "node:crypto";
import { type Outbound, OutboundRefused } from "@hearth/backplane";
import { type Clock, messageOf } from "@hearth/base";
import type { ManagedIntegrations } from "@hearth/contract";
import {
  authorizationCodeGrant,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  None,
  ResponseBodyError,
  refreshTokenGrant,
} from "openid-client";
import { withoutSecrets } from "../connectors/masking.ts";
import { invalid } from "../errors.ts";
import type { VendorSecret } from "./vendor-secret.ts";

type OAuthConfig = ManagedIntegrations.OAuthConfig;

/** What a token URL grants. Times are seconds from now; absent: the vendor did not say. */
export interface Grant {
  accessToken: string;
  refreshToken?: string;
  expiresIn?: number;
  refreshExpiresIn?: number;
}

/** No token: why, in words fit for a report, and as an error code of RFC 6749, 4.1.2.1 or 5.2. */
export class GrantFailed extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Milliseconds that a token URL may take. */
const TOKEN_URL_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** RFC 6750, 2.1: visible ASCII. A connector has to carry it in a header. */
const TOKEN = /^[\x21-\x7e]{1,16384}$/;
/** Answers that a Response must be without a body for. */
const NO_BODY = [204, 205, 304];
const TEN_YEARS = 10 * 366 * 86_400;
/** OAuthAuthorizationUrl's bound in the model. */
const LONGEST_URL = 1024;

/** A fresh verifier of 256 bits (RFC 7636, 4.1). */
export const newVerifier = (): string => randomBytes(32).toString("base64url");

/**
 * The vendor's page on which the end user signs in (RFC 6749, 4.1.1), with `state` as the proof that a redirect back
 * belongs to this link. What the URL asks for by itself stays, unless it is one of the protocol's own parameters.
 */
export function authorizationUrl(
  { authUrl, scope }: OAuthConfig,
  {
    clientId,
    redirectUri,
    state,
    verifier,
  }: { clientId: string; redirectUri: string; state: string; verifier?: string },
): string {
  const url = new URL(authUrl);
  const challenge = verifier === undefined ? undefined : createHash("sha256").update(verifier).digest("base64url");
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: challenge,
    code_challenge_method: challenge && "S256",
  };
  for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
  if (url.href.length > LONGEST_URL) {
    throw invalid(
      `The authorization URL would have ${url.href.length} characters, of at most ${LONGEST_URL}. Shorten authUrl or scope.`,
    );
  }
  return url.href;
}

/** An error or description from outside, without what RFC 6749 (4.1.2.1) does not allow in one. */
export const errorText = (text: string): string =>
  text
    .replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]+/g, " ")
    .trim()
    .slice(0, 256);

const formEncoded = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2);

const credentialsOf = (clientId: string, clientSecret: string): string =>
  `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;

/** What a token URL is sent of a secret, and must not be heard to repeat. */
const secretsIn = ({ clientId, clientSecret }: VendorSecret): (string | undefined)[] =>
  clientSecret === undefined ? [] : [clientSecret, credentialsOf(clientId, clientSecret)];

/**
 * HTTP Basic with id and secret form-encoded (RFC 6749, 2.3.1). openid-client's own would encode characters too that the
 * form leaves as they are, such as "-" and "_": then servers that forget to decode would not know common secrets.
 */
const basic =
  (clientSecret: string): ClientAuth =>
  (_server, client, _body, headers) => {
    headers.set(
      "authorization",
      `Basic ${Buffer.from(credentialsOf(client.client_id, clientSecret)).toString("base64")}`,
    );
  };

export type OAuthClient = ReturnType<typeof createOAuthClient>;

/** The platform's side of OAuth 2.0 at vendors' token URLs (reference 9.2, steps 4 and 5). */
export function createOAuthClient({ outbound, clock }: { outbound: Outbound; clock: Clock }) {
  /** One request, within TOKEN_URL_MS of the platform's clock and of the system's. */
  async function post(url: string, init: { headers: Record<string, string>; body: string }) {
    const controller = new AbortController();
    const late = new GrantFailed(
      "temporarily_unavailable",
      `The token URL did not answer within ${TOKEN_URL_MS / 1000} seconds`,
    );
    const cancel = clock.after(TOKEN_URL_MS, () => controller.abort(late));
    try {
      return await outbound.request(url, {
        method: "POST",
        headers: { ...init.headers, "content-length": String(Buffer.byteLength(init.body)) },
        body: Buffer.from(init.body),
        timeoutMs: TOKEN_URL_MS,
        maxBytes: MAX_ANSWER_BYTES,
        signal: controller.signal,
      });
    } catch (error) {
      if (controller.signal.aborted || (error as Error).name === "TimeoutError") throw late;
      if (error instanceof OutboundRefused) {
        throw new GrantFailed("server_error", `The token URL may not be called: ${error.message}`);
      }
      throw new GrantFailed("temporarily_unavailable", `The token URL could not be reached: ${reasonOf(error)}`);
    } finally {
      cancel();
    }
  }

  const configured = ({ tokenUrl, authUrl, tokenEndpointAuthenticationScheme }: OAuthConfig, secret: VendorSecret) => {
    const { clientId, clientSecret } = secret;
    const authentication =
      clientSecret === undefined
        ? None()
        : tokenEndpointAuthenticationScheme === "HTTP_BASIC"
          ? basic(clientSecret)
          : ClientSecretPost(clientSecret);
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl, authorization_endpoint: authUrl };
    const configuration = new Configuration(server, clientId, undefined, authentication);
    configuration[customFetch] = async (url, { headers, body }) => {
      const { status, headers: answered, body: bytes } = await post(url, { headers, body: String(body) });
      const type = { "content-type": answered["content-type"] ?? "" };
      if (status === 200) return Response.json(grantIn(bytes));
      // A challenge would hide the error in the body, which RFC 6749 (5.2) wants there.
      return new Response(NO_BODY.includes(status) ? null : Buffer.from(bytes), { status, headers: type });
    };
    return configuration;
  };

  /** What openid-client made of the answer, in our words. `secrets` never show in them, not even when a vendor echoes one. */
  async function granted(asked: Promise<unknown>, secrets: readonly (string | undefined)[]): Promise<Grant> {
    try {
      return grantOf((await asked) as Answer);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof GrantFailed ? error.cause : error;
      if (cause instanceof GrantFailed) throw cause;
      if (cause instanceof ResponseBodyError) {
        const masked = [cause.error, cause.error_description ?? ""].map((text) =>
          errorText(withoutSecrets(text, secrets)),
        );
        const [code = "", description = ""] = masked;
        throw new GrantFailed(
          code || "server_error",
          `The token URL refused: ${code}${description && ` - ${description}`}`,
        );
      }
      const status = error instanceof Error && error.cause instanceof Response ? error.cause.status : undefined;
      if (status !== undefined && status !== 200) {
        throw new GrantFailed("server_error", `The token URL answered with status ${status} and no OAuth error`);
      }
      throw new GrantFailed("server_error", "The answer of the token URL is not a token of RFC 6749");
    }
  }

  return {
    /** @throws GrantFailed */
    exchange(
      oAuth: OAuthConfig,
      secret: VendorSecret,
      { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier?: string },
    ): Promise<Grant> {
      const url = new URL(redirectUri);
      url.searchParams.set("code", code);
      const checks = verifier === undefined ? {} : { pkceCodeVerifier: verifier };
      const asked = authorizationCodeGrant(configured(oAuth, secret), url, checks);
      return granted(asked, [code, verifier, ...secretsIn(secret)]);
    },

    /** @throws GrantFailed; with code `invalid_grant` the refresh token is of no use any more (RFC 6749, 5.2) */
    renew(oAuth: OAuthConfig, secret: VendorSecret, refreshToken: string): Promise<Grant> {
      const asked = refreshTokenGrant(configured(oAuth, secret), refreshToken);
      return granted(asked, [refreshToken, ...secretsIn(secret)]);
    },
  };
}

interface Answer {
  access_token: string;
  token_type: string;
  refresh_token?: string;
  expires_in?: number;
  refresh_expires_in?: number;
}

const seconds = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number <= 0) return undefined;
  return Math.min(Math.floor(number), TEN_YEARS);
};

/**
 * Of the body what OAuth 2.0 knows. An id_token is dropped: this is no OpenID Connect, and nobody configured an issuer
 * against which it could be checked. Times that mean nothing count as not said.
 */
function grantIn(body: Uint8Array): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new GrantFailed("server_error", "The token URL answered with something that is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new GrantFailed("server_error", "The token URL answered with JSON that is not an object");
  }
  const answer = parsed as Record<string, unknown>;
  return {
    access_token: answer["access_token"],
    token_type: answer["token_type"],
    refresh_token: answer["refresh_token"] ?? undefined,
    expires_in: seconds(answer["expires_in"]),
    refresh_expires_in: seconds(answer["refresh_expires_in"] ?? answer["refresh_token_expires_in"]),
  };
}

function grantOf(answer: Answer): Grant {
  if (answer.token_type !== "bearer") {
    throw new GrantFailed("server_error", "The token URL granted a token that is not a bearer token");
  }
  for (const token of [answer.access_token, answer.refresh_token]) {
    if (token !== undefined && !TOKEN.test(token)) {
      throw new GrantFailed(
        "server_error",
        "The token URL granted a token that is longer than 16384 characters or not visible ASCII",
      );
    }
  }
  return {
    accessToken: answer.access_token,
    ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
    ...(answer.expires_in === undefined ? {} : { expiresIn: answer.expires_in }),
    ...(answer.refresh_expires_in === undefined ? {} : { refreshExpiresIn: answer.refresh_expires_in }),
  };
}

/** Of an error of the network: its code where it has one. */
const reasonOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : errorText(messageOf(error));
};
