import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { InteractionResults, Provider } from "oidc-provider";
import { readBody, sendHtml } from "../http.ts";
import type { Users } from "../users.ts";
import { SCOPES } from "./authorization-server.ts";
import { consentPage, type Form, messagePage, signInPage } from "./pages.ts";

const MAX_FORM_BYTES = 8_192;

/** Wrong passwords at one sign-in until it is over. */
const MAX_TRIES = 5;
/** Sign-ins of which the tries are counted: beyond, the oldest begins anew. */
const MAX_COUNTED = 10_000;

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** The pages at which the user signs in and consents: forms alone, which work without scripts. */
export function createSignIn(deps: { provider: Provider; users: Users }) {
  const { provider, users } = deps;
  const formKey = randomBytes(32);
  const tries = new Map<string, number>();

  /** Belongs to one step of one sign-in; only who holds its cookie is shown it. */
  const formTokenOf = (interaction: Interaction): string =>
    createHmac("sha256", formKey).update(`${interaction.uid} ${interaction.prompt.name}`).digest("base64url");

  const formOf = async (interaction: Interaction): Promise<Form> => {
    const client = await provider.Client.find(String(interaction.params["client_id"]));
    return { formToken: formTokenOf(interaction), partner: client?.clientName ?? "somebody" };
  };

  const show = async (response: ServerResponse, interaction: Interaction, status = 200, error?: string) => {
    const form = await formOf(interaction);
    if (interaction.prompt.name !== "consent") return sendHtml(response, status, signInPage(form, error));
    const wishes = missingScopes(interaction).map((scope) => SCOPES[scope] ?? scope);
    const user = users.find(interaction.session?.accountId ?? "")?.name ?? "";
    sendHtml(response, status, consentPage(form, user, wishes));
  };

  const finish = (
    request: IncomingMessage,
    response: ServerResponse,
    interaction: Interaction,
    result: InteractionResults,
  ) => {
    tries.delete(interaction.uid);
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  };

  const signIn = async (
    request: IncomingMessage,
    response: ServerResponse,
    interaction: Interaction,
    fields: URLSearchParams,
  ) => {
    const account = await users.check(fields.get("username") ?? "", fields.get("password") ?? "");
    if (account === "busy") return show(response, interaction, 503, "Too many people sign in just now. Try again.");
    if (account) return finish(request, response, interaction, { login: { accountId: account.id } });
    const tried = (tries.get(interaction.uid) ?? 0) + 1;
    if (tried >= MAX_TRIES)
      return finish(request, response, interaction, {
        error: "access_denied",
        error_description: "too many wrong passwords",
      });
    if (tries.size >= MAX_COUNTED) tries.delete(tries.keys().next().value as string);
    tries.set(interaction.uid, tried);
    return show(response, interaction, 401, "That name and password do not belong together.");
  };

  const consent = async (request: IncomingMessage, response: ServerResponse, interaction: Interaction) => {
    const grant = new provider.Grant({
      accountId: String(interaction.session?.accountId),
      clientId: String(interaction.params["client_id"]),
    });
    grant.addOIDCScope(missingScopes(interaction).join(" "));
    return finish(request, response, interaction, { consent: { grantId: await grant.save() } });
  };

  /** GET and POST of `/sign-in/<uid>`. */
  return async (request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> => {
    const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
    if (interaction?.uid !== uid)
      return sendHtml(response, 400, messagePage("Too late", "This sign-in is over. Begin again where you came from."));
    if (request.method === "GET") return show(response, interaction);
    if (!(request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
      return show(response, interaction, 415, "Please send the form.");
    const fields = new URLSearchParams((await readBody(request, MAX_FORM_BYTES)).toString("utf8"));
    if (!same(fields.get("form_token") ?? "", formTokenOf(interaction)))
      return show(response, interaction, 403, "This form was not ours. Try again.");
    const action = fields.get("action");
    if (action === "deny")
      return finish(request, response, interaction, {
        error: "access_denied",
        error_description: "the user does not allow it",
      });
    if (interaction.prompt.name === "consent" && action === "allow") return consent(request, response, interaction);
    if (interaction.prompt.name !== "consent" && action === "sign-in")
      return signIn(request, response, interaction, fields);
    return show(response, interaction, 400);
  };
}

function missingScopes(interaction: Interaction): string[] {
  const missing = interaction.prompt.details["missingOIDCScope"];
  return Array.isArray(missing) ? missing.map(String) : [];
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
