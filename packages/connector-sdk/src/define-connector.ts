import { createClient } from "@hearth/client";
import { type ConnectorEvents, connectorEvents, surroundings } from "./events.ts";
import type { CommandResult, ConnectorAnswer, ConnectorHandlers, DeviceCommand, DiscoverRequest } from "./handlers.ts";
import type { EndpointState } from "./matter.ts";
import { createRepeats } from "./repeats.ts";
import { CONTINUED, type PlatformRequest, parseRequest } from "./requests.ts";
import { VendorError } from "./vendor-error.ts";

/** What a function's runtime tells of an invocation. */
export interface FunctionContext {
  getRemainingTimeInMillis?(): number;
}

export interface ConnectorOptions {
  /** `connectorEvents()` if absent. */
  events?: ConnectorEvents;
  /** Milliseconds within which each request is answered; 1,500: the platform waits for two seconds (reference 9.3). */
  answerWithin?: number;
  /** Invokes this function once more, without waiting for it; by AWS_LAMBDA_FUNCTION_NAME if absent. */
  invokeAgain?: (event: unknown) => Promise<void>;
  /** Told one line for each thing that goes wrong, without tokens; standard error if absent. */
  log?: (line: string) => void;
}

export type ConnectorFunction = (event: unknown, context?: FunctionContext) => Promise<ConnectorAnswer>;

type Of<Operation extends PlatformRequest["operation"]> = Extract<PlatformRequest, { operation: Operation }>;

const ANSWER_WITHIN = 1_500;
/** Milliseconds of a command or a discovery whose request has been acknowledged. */
const LONGEST_WORK = 10 * 60_000;
/** What is left of the function's time when a discovery says that it was not enough. */
const MARGIN = 2_000;
const LATE = Symbol("late");

/**
 * The function of a connector: what is exported as its handler. It answers every request, however malformed, within
 * the platform's time; repeats of a request share one outcome; long discoveries go on in an invocation of their own.
 */
export function defineConnector(handlers: ConnectorHandlers, options: ConnectorOptions = {}): ConnectorFunction {
  const { answerWithin = ANSWER_WITHIN, invokeAgain = invokeOwnFunction } = options;
  const log = options.log ?? ((line: string) => console.error(line));
  let events = options.events;
  const told = (): ConnectorEvents => {
    events ??= connectorEvents();
    return events;
  };
  const answers = createRepeats<ConnectorAnswer>();
  const results = createRepeats<CommandResult | "later">();

  /** The outcome, or `LATE` when the answer is due. */
  async function inTime<Outcome>(work: Promise<Outcome>, since: number): Promise<Outcome | typeof LATE> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(() => resolve(LATE), Math.max(0, since + answerWithin - performance.now()));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** For requests whose answer is their outcome. */
  async function answered<Outcome>(run: (signal: AbortSignal) => Promise<Outcome>, since: number): Promise<Outcome> {
    const controller = new AbortController();
    const work = run(controller.signal);
    work.catch(() => {});
    const outcome = await inTime(work, since);
    if (outcome !== LATE) return outcome;
    controller.abort(new VendorError(504, "the vendor did not answer in time"));
    throw new VendorError(504, "the vendor did not answer in time");
  }

  async function activate(request: Of<"AWS.ActivateUser" | "AWS.DeactivateUser">, since: number) {
    const { userId, message } = await answered((signal) => handlers.activateUser({ ...asked(request), signal }), since);
    return acknowledged(message ?? `User activated with connector ${request.connectorId}`, { userId });
  }

  async function deactivate(request: Of<"AWS.ActivateUser" | "AWS.DeactivateUser">, since: number) {
    await answered((signal) => handlers.deactivateUser({ ...asked(request), signal }), since);
    return acknowledged(`User deactivated with connector ${request.connectorId}`);
  }

  async function command(request: Of<"AWS.SendCommand">, since: number): Promise<ConnectorAnswer> {
    const { connectorDeviceId, traceId, commands, connectorId } = request;
    const key = JSON.stringify([connectorDeviceId, traceId]);
    const about = { connectorId, connectorDeviceId, traceId };
    const signal = AbortSignal.timeout(LONGEST_WORK);
    const work = results
      // What the vendor has done is not done again because the platform could not be told.
      .once(key, () => handlers.sendCommand({ ...asked(request), connectorDeviceId, traceId, commands, signal }))
      .then(async (result) => {
        if (result === "later") return;
        const endpoints = withOutcomes(result.endpoints ?? [], commands, result.statusCode ?? 200);
        await told().commandResponse({ ...about, ...result, endpoints });
      });
    work.catch(() => {});
    const outcome = await inTime(work, since);
    if (outcome === LATE) {
      // Acknowledged is what was begun (9.3): how it ends is told by an event.
      work.catch((error: unknown) => {
        const { responseCode, responseMessage: message } = failureOf(error, request.token);
        const endpoints = withOutcomes([], commands, responseCode);
        const failed = { ...about, statusCode: responseCode, message, endpoints };
        told()
          .commandResponse(failed)
          .catch((reason) => complain("the outcome of a command was not told", reason, request));
      });
    }
    return acknowledged(`Command ${traceId} received`);
  }

  /** Page by page; each is held back until it is known whether it is the last one. */
  async function tellDevices(request: Of<"AWS.DiscoverDevices">, signal: AbortSignal): Promise<void> {
    const { deviceDiscoveryId, connectorId } = request;
    const about = { deviceDiscoveryId, connectorId };
    const found = handlers.discoverDevices({ ...asked(request), deviceDiscoveryId, signal } satisfies DiscoverRequest);
    let held: Parameters<ConnectorEvents["discovered"]>[0]["devices"] = [];
    let isFirst = true;
    for await (const page of Symbol.asyncIterator in found ? found : [await found]) {
      signal.throwIfAborted();
      if (!isFirst) await told().discovered({ ...about, devices: held, more: true });
      signal.throwIfAborted();
      held = page;
      isFirst = false;
    }
    signal.throwIfAborted();
    await told().discovered({ ...about, devices: held, more: false });
  }

  /** A discovery for which nobody waits: that it failed is told by an event (U28). */
  async function tellDevicesAtLeisure(request: Of<"AWS.DiscoverDevices">, milliseconds: number): Promise<void> {
    try {
      await tellDevices(request, AbortSignal.timeout(milliseconds));
    } catch (error) {
      complain("a discovery failed", error, request);
      const { deviceDiscoveryId, connectorId } = request;
      const { responseCode: statusCode, responseMessage: message } = failureOf(error, request.token);
      await told()
        .discoveryFailed({ deviceDiscoveryId, connectorId, statusCode, message })
        .catch((reason: unknown) => complain("the platform was not told so", reason, request));
    }
  }

  async function discover(
    request: Of<"AWS.DiscoverDevices">,
    event: unknown,
    since: number,
    context: FunctionContext | undefined,
  ): Promise<ConnectorAnswer> {
    const { deviceDiscoveryId, connectorId } = request;
    const answer = acknowledged(`Discovering devices for ${deviceDiscoveryId} with connector ${connectorId}`);
    if (request.isContinued) {
      const left = (context?.getRemainingTimeInMillis?.() ?? LONGEST_WORK) - MARGIN;
      await tellDevicesAtLeisure(request, Math.max(1, Math.min(left, LONGEST_WORK)));
      return answer;
    }
    const controller = new AbortController();
    const work = tellDevices(request, controller.signal);
    work.catch(() => {});
    if ((await inTime(work, since)) !== LATE) return answer;
    controller.abort(new Error("goes on in an invocation of its own"));
    try {
      // After its answer a function may be frozen: what is left needs an invocation that nobody waits for.
      await invokeAgain({ ...(event as object), [CONTINUED]: true });
    } catch (error) {
      complain("the function could not invoke itself, so a discovery goes on in this process", error, request);
      void tellDevicesAtLeisure(request, LONGEST_WORK);
    }
    return answer;
  }

  function complain(what: string, error: unknown, { token }: { token: string }): void {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log(`${what}: ${masked(why, token)}`);
  }

  function perform(
    request: PlatformRequest,
    event: unknown,
    since: number,
    context: FunctionContext | undefined,
  ): Promise<ConnectorAnswer> {
    switch (request.operation) {
      case "AWS.ActivateUser":
        return activate(request, since);
      case "AWS.DeactivateUser":
        return deactivate(request, since);
      case "AWS.SendCommand":
        return answers.once(JSON.stringify(["command", request.connectorDeviceId, request.traceId]), () =>
          command(request, since),
        );
      case "AWS.DiscoverDevices":
        return answers.once(JSON.stringify(["discovery", request.deviceDiscoveryId, request.isContinued]), () =>
          discover(request, event, since, context),
        );
    }
  }

  return async (event, context) => {
    const since = performance.now();
    let request: PlatformRequest | undefined;
    try {
      request = parseRequest(event);
      return await perform(request, event, since, context);
    } catch (error) {
      const token = request?.token ?? "";
      if (!(error instanceof VendorError)) complain("a request failed", error, { token });
      const { responseCode, responseMessage } = failureOf(error, token);
      return { header: { responseCode }, payload: { responseMessage } };
    }
  };
}

const asked = ({ token, authType, connectorId }: PlatformRequest) => ({ token, authType, connectorId });

const acknowledged = (responseMessage: string, own: { userId?: string } = {}): ConnectorAnswer => ({
  header: { responseCode: 200 },
  payload: { responseMessage, ...own },
});

const masked = (text: string, token: string): string => (token === "" ? text : text.replaceAll(token, "***"));

/** Only of a `VendorError` the message is meant to be read elsewhere. */
function failureOf(error: unknown, token: string): { responseCode: number; responseMessage: string } {
  if (error instanceof VendorError) {
    return { responseCode: error.responseCode, responseMessage: masked(error.message, token).slice(0, 256) };
  }
  return { responseCode: 500, responseMessage: "the connector failed; its log says why" };
}

/** Every action that was asked for is answered, where the result has no answer of its own. */
function withOutcomes(
  states: readonly EndpointState[],
  commands: readonly DeviceCommand[],
  responseCode: number,
): EndpointState[] {
  const endpoints = new Map(
    states.map((endpoint) => [endpoint.id, { ...endpoint, capabilities: [...endpoint.capabilities] }]),
  );
  for (const { endpointId, capability, action } of commands) {
    const endpoint = endpoints.get(endpointId) ?? { id: endpointId, capabilities: [] };
    endpoints.set(endpointId, endpoint);
    const at = endpoint.capabilities.findIndex(({ id }) => id === capability);
    const before = endpoint.capabilities[at] ?? { id: capability };
    const after = { ...before, actions: { [action]: { responseCode }, ...before.actions } };
    if (at < 0) endpoint.capabilities.push(after);
    else endpoint.capabilities[at] = after;
  }
  return [...endpoints.values()];
}

async function invokeOwnFunction(event: unknown): Promise<void> {
  const { AWS_LAMBDA_FUNCTION_NAME: name } = process.env;
  if (!name) throw new Error("AWS_LAMBDA_FUNCTION_NAME is not set");
  const client = createClient("lambda", { ...surroundings(), timeout: 400, maxAttempts: 1 });
  await client.invoke({
    FunctionName: name,
    InvocationType: "Event",
    Payload: new TextEncoder().encode(JSON.stringify(event)),
  });
}
