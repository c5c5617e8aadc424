import { InternalError } from "@hearth/base";
import { ServiceError, type ServiceModel, validate, validationMessage } from "@hearth/contract";
import { conditionKeys } from "./condition-keys.ts";
import { DEVICE_SERVICES } from "./credential-scope.ts";
import { type AnyBinding, added, type Exchange } from "./exchange.ts";
import { validationErrorName } from "./failures.ts";
import { payloadStream } from "./protocols/aws-chunked.ts";
import { protocols } from "./protocols/protocols.ts";
import type { ApiDeps } from "./traits.ts";

type Step = (exchange: Exchange, deps: ApiDeps) => void | Promise<void>;

/** What happens to a request, in this order; the first step that throws decides the answer. */
export const pipeline: readonly Step[] = [
  matchOperation,
  authenticate,
  parseInput,
  validateInput,
  authorize,
  invoke,
  serialize,
];

/** Finds the operation in the services that the request may mean: path, target or action. */
function matchOperation(exchange: Exchange): void {
  let unknown: unknown;
  for (const model of exchange.candidates) {
    const protocol = protocols[model.protocol];
    try {
      exchange.matched = { model, protocol, match: protocol.match(model, exchange.request) };
      return;
    } catch (error) {
      unknown = error;
    }
  }
  throw unknown ?? new InternalError("a request without candidates came into the pipeline");
}

async function authenticate(exchange: Exchange, deps: ApiDeps): Promise<void> {
  const { request, requestId } = exchange;
  const { method, rawPath, rawQuery, headers, body, incoming, peerCertificate, serverName, sourceIp, receivedAt } =
    request;
  const signed = { method, rawPath, rawQuery, headers, sourceIp, now: receivedAt, ...(!incoming && { body }) };
  const caller = await deps.authenticate(
    peerCertificate ? { ...signed, peerCertificate, ...(serverName !== undefined && { serverName }) } : signed,
  );
  const { model, match } = added(exchange.matched);
  const { principal, accountId, region } = caller;
  // The scope that chose the service was only claimed: half a presigned query names one without a signature.
  if (principal.type === "Certificate" && !DEVICE_SERVICES.includes(model.service)) {
    throw new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  const standard = conditionKeys(request, caller);
  exchange.caller = caller;
  exchange.context = {
    accountId,
    region,
    principal,
    requestId,
    service: model.service,
    operation: match.name,
    sourceIp,
    userAgent: headers["user-agent"] ?? "",
    now: receivedAt,
    authorize: (action, resource, context, owned) =>
      deps.authorize(principal, action, resource, { ...standard, ...context }, owned),
  };
}

/** An operation without a handler says so to every known caller, whatever the input. */
function parseInput(exchange: Exchange, deps: ApiDeps): void {
  const { model, protocol, match } = added(exchange.matched);
  exchange.binding = bindingOf(deps, model, match.name);
  const { request, caller } = exchange;
  const incoming = request.incoming && payloadStream({ ...request, incoming: request.incoming, ...added(caller) });
  exchange.input = protocol.parse(model, match, incoming ? { ...request, incoming } : request);
}

function bindingOf(deps: ApiDeps, model: ServiceModel, operation: string): AnyBinding {
  const table = Object.hasOwn(deps.operations, model.service) ? deps.operations[model.service] : undefined;
  const binding = table && Object.hasOwn(table, operation) ? table[operation] : undefined;
  if (!binding)
    throw new ServiceError(
      "NotImplementedException",
      `${model.service}:${operation} is not implemented; docs/coverage.md says what is.`,
    );
  return binding;
}

/** One bad member is enough; all of them are named. */
function validateInput(exchange: Exchange): void {
  const { model, match } = added(exchange.matched);
  const { operation } = match;
  if (!operation.input) return;
  const violations = validate(model, operation.input, exchange.input);
  if (violations.length === 0) return;
  throw new ServiceError(validationErrorName(model, operation), validationMessage(violations));
}

async function authorize(exchange: Exchange, deps: ApiDeps): Promise<void> {
  const { model, match } = added(exchange.matched);
  const binding = added(exchange.binding);
  const context = added(exchange.context);
  const input = added(exchange.input);
  const { request } = exchange;
  const { principal } = context;
  const named = typeof binding.action === "function" ? binding.action(input) : binding.action;
  const action = named ?? `${model.actionPrefix}:${match.name}`;
  const atListener = request.listener === undefined ? undefined : deps.listenerPolicy?.(request.listener);
  // Only a listener restricts an account's root: what the conditions would read is not read in vain.
  const asked = principal.type !== "Root" || atListener !== undefined || binding.resourcePolicy !== undefined;
  const conditions = asked ? await binding.conditions?.(input, context) : undefined;
  exchange.resources = (await binding.resources?.(input, context)) ?? ["*"];
  const owned = await binding.resourcePolicy?.(input, context);
  for (const resource of exchange.resources) {
    await context.authorize(action, resource, conditions, owned);
    const standard = atListener && conditionKeys(request, added(exchange.caller));
    await atListener?.(principal, action, resource, { ...standard, ...conditions });
  }
}

async function invoke(exchange: Exchange): Promise<void> {
  exchange.output = (await added(exchange.binding).handle(added(exchange.input), added(exchange.context))) ?? {};
}

function serialize(exchange: Exchange): void {
  const { model, protocol, match } = added(exchange.matched);
  exchange.response = protocol.serialize(model, match, added(exchange.output), exchange.requestId);
}
