import { Pauses } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { associationArn } from "../account-associations/account-association.ts";
import { AuthorizationLost, type Authorizations } from "../account-associations/authorizations.ts";
import { createCircuits } from "./circuit.ts";
import { maskedMessage, parseAnswer } from "./connector-answer.ts";
import {
  type ConnectorCall,
  type ConnectorCaller,
  type ConnectorErrorCode,
  type ConnectorOutcome,
  type ConnectorRequest,
  versionOf,
} from "./connector-call.ts";
import type { FunctionAnswer, InvokeFunction } from "./invoke-function.ts";

/** A function must have acknowledged in this time, in milliseconds (reference 9.3). */
const TIME_LIMIT = 2000;
/** One attempt and five retries (reference 9.3, U25). */
const ATTEMPTS = 6;
/** Milliseconds before the first retry; doubles, and half of it is random. */
const FIRST_WAIT = 200;

/** What became of one attempt. */
type Attempt = ConnectorOutcome & {
  /** Whether it says that the connector is down. Undefined: it says nothing of that. */
  healthy?: boolean;
  /** The token that the vendor did not take. */
  refusedToken?: string;
};

class TimedOut extends Error {}

/** The platform ends: what it was about to do is repeated when it starts again. */
class Stopped extends Error {}

/** Text by the letter of reference 9.3. */
const payloadOf = (request: ConnectorRequest, connectorId: string, auth: { token: string; type: string }): string => {
  const { operationName, ...members } = request;
  return JSON.stringify({
    header: { auth: { token: auth.token, type: auth.type } },
    payload: { operationName, operationVersion: versionOf(operationName), connectorId, ...members },
  });
};

/** Calls connectors' functions with the user's token: in bounded time, again where that can help, and not when dead. */
export function createConnectorCaller(deps: {
  /** Undefined: this platform has no functions. */
  invokeFunction: InvokeFunction | undefined;
  authorizations: Pick<Authorizations, "of" | "refused">;
  clock: Clock;
  log: Logger;
  /** Uniform in [0, 1). */
  random: () => number;
}): ConnectorCaller {
  const { invokeFunction, authorizations, clock, log, random } = deps;
  const circuits = createCircuits();
  const pauses = new Pauses(clock);
  const stopping = new AbortController();
  /** Of each account by itself: what one makes a listed connector fail at shuts it to nobody else. */
  const keyOf = ({ association, connector }: Pick<ConnectorCall, "association" | "connector">) =>
    `${connector.accountId}/${connector.region}/${connector.id} ${association.accountId}`;

  const failed = (
    errorCode: ConnectorErrorCode,
    message: string,
    { again = false, healthy, responseCode }: { again?: boolean; healthy?: boolean; responseCode?: number } = {},
  ): Attempt => ({ ok: false, errorCode, message, responseCode, attempts: 1, again, healthy });

  /** The function's answer. Throws TimedOut, Stopped and what the invocation throws. */
  async function inTime(invoke: InvokeFunction, call: Omit<Parameters<InvokeFunction>[0], "signal">) {
    if (stopping.signal.aborted) throw new Stopped("the platform stops");
    const controller = new AbortController();
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(TIME_LIMIT, () => reject(new TimedOut()));
      stopping.signal.addEventListener("abort", () => reject(new Stopped("the platform stops")), {
        signal: controller.signal,
      });
    });
    const answer: Promise<FunctionAnswer> = invoke({ ...call, signal: controller.signal });
    // Whoever loses the race must not be an unhandled rejection.
    for (const one of [answer, late]) one.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
      controller.abort();
    }
  }

  const refusals: Readonly<Record<string, (functionArn: string, why: string) => Attempt>> = {
    ResourceNotFoundException: (arn) => failed("FUNCTION_NOT_FOUND", `there is no function ${arn}`),
    AccessDeniedException: (arn) =>
      failed(
        "ACCESS_DENIED",
        `the policy of ${arn} does not let iotmanagedintegrations.amazonaws.com call it for this account association`,
      ),
    TooManyRequestsException: (arn) =>
      failed("THROTTLED", `${arn} is called too often`, { again: true, healthy: false }),
  };

  async function attempt({ association, connector, request }: ConnectorCall): Promise<Attempt> {
    const functionArn = connector.lambdaArn;
    if (!invokeFunction) {
      return failed("NO_FUNCTIONS", `no function service is connected, so ${functionArn} was not called`);
    }
    let auth: Awaited<ReturnType<Authorizations["of"]>>;
    try {
      auth = await authorizations.of(association);
    } catch (error) {
      return failed("AUTHORIZATION_FAILED", messageOf(error), { again: !(error instanceof AuthorizationLost) });
    }
    const { accountId, region } = association;
    const payload = payloadOf(request, connector.id, auth);
    const sourceArn = associationArn(association);
    let answer: FunctionAnswer;
    try {
      answer = await inTime(invokeFunction, { accountId, region, functionArn, sourceArn, payload });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      if (error instanceof TimedOut) {
        return failed("TIMED_OUT", `${functionArn} did not answer within ${TIME_LIMIT} ms`, {
          again: true,
          healthy: false,
        });
      }
      const refusal = error instanceof ServiceError ? refusals[error.name] : undefined;
      if (refusal) return refusal(functionArn, messageOf(error));
      log.warn({ functionArn, error: maskedMessage(messageOf(error), auth.token) }, "a connector could not be called");
      return failed("FUNCTION_ERROR", `${functionArn} could not be called`, { again: true, healthy: false });
    }
    if (answer.functionError !== undefined) {
      const kind = maskedMessage(answer.functionError, auth.token);
      return failed("FUNCTION_ERROR", `${functionArn} ended with an error: ${kind}`, { again: true, healthy: false });
    }
    const said = parseAnswer(answer.payload, auth.token);
    switch (said.kind) {
      case "acknowledged":
        return { ok: true, message: said.message, userId: said.userId, healthy: true };
      case "malformed":
        return failed("MALFORMED_ANSWER", `${functionArn}: ${said.why}`, { again: true, healthy: false });
      case "failed": {
        const message = said.message ?? `the connector answered ${said.responseCode}`;
        const { responseCode } = said;
        return failed("CONNECTOR_ERROR", message, { again: true, healthy: false, responseCode });
      }
      case "refused": {
        const message = said.message ?? `the connector answered ${said.responseCode}`;
        const refused = failed("CONNECTOR_REFUSED", message, { healthy: true, responseCode: said.responseCode });
        return said.responseCode === 401 ? { ...refused, refusedToken: auth.token } : refused;
      }
    }
  }

  const outcomeOf = (last: Attempt, attempts: number): ConnectorOutcome => {
    if (last.ok) return { ok: true, message: last.message, userId: last.userId };
    const { errorCode, message, responseCode, again } = last;
    return { ok: false, errorCode, message, responseCode, again, attempts };
  };

  return {
    async call(call) {
      const key = keyOf(call);
      let last: Attempt | undefined;
      let attempts = 0;
      let isRenewed = false;
      for (let number = 1; number <= ATTEMPTS; number++) {
        if (last) {
          const wait = FIRST_WAIT * 2 ** (number - 2) * (0.5 + random() / 2);
          if (call.until !== undefined && clock.now() + wait >= call.until) break;
          await pauses.wait(wait);
        }
        if (stopping.signal.aborted) throw new Stopped("the platform stops");
        if (circuits.openUntil(key, clock.now()) !== undefined) {
          last ??= failed("CIRCUIT_OPEN", "the connector failed so often that it is not called for a while", {
            again: true,
          });
          break;
        }
        circuits.began(key);
        last = await attempt(call);
        if (!last.ok && last.errorCode !== "NO_FUNCTIONS" && last.errorCode !== "AUTHORIZATION_FAILED") attempts++;
        if (last.healthy === true) circuits.succeeded(key);
        else if (last.healthy === false) circuits.failed(key, clock.now());
        else circuits.undecided(key);
        if (last.refusedToken !== undefined && !isRenewed) {
          // The vendor may have taken the token back before its time: one more try, with another one.
          isRenewed = true;
          authorizations.refused(call.association, last.refusedToken);
          last = await attempt(call);
          attempts++;
        }
        if (last.ok || !last.again) break;
      }
      return outcomeOf(
        last ?? failed("TIMED_OUT", "there was no time left to call the connector", { again: true }),
        attempts,
      );
    },

    openUntil: (link) => circuits.openUntil(keyOf(link), clock.now()),

    stop() {
      stopping.abort();
      pauses.end();
    },
  };
}
