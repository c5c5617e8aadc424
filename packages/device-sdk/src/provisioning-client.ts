import { type Clock, messageOf } from "@hearth/base";
import type { MqttClient } from "mqtt";
import { type ConnectionOptions, closeConnection, openConnection } from "./connection.ts";
import { NetworkError, ProvisioningError } from "./errors.ts";
import { type JsonObject, member, parseObject, text } from "./json.ts";

/** One connection with the claim certificate. */
export interface ProvisioningClient {
  /**
   * Publishes on `topic` and returns what comes on `<topic>/accepted`. Throws ProvisioningError for what comes on
   * `<topic>/rejected` and for a topic that the claim's policy forbids, NetworkError for silence, for a lost
   * connection and when the platform is too busy.
   */
  request(topic: string, body: JsonObject | undefined): Promise<JsonObject>;
  close(): Promise<void>;
}

/**
 * Connects. One attempt: throws NetworkError, or ProvisioningError when the platform refuses the claim. A platform
 * that refuses during the TLS handshake just closes the connection, which looks like a network failure.
 */
export async function openProvisioningClient(
  connection: ConnectionOptions,
  answerTimeout: number,
  clock: Clock,
): Promise<ProvisioningClient> {
  const client = openConnection({ ...connection, sessionExpiry: 0 });
  let failure: Error | undefined;
  let reason = "the connection was closed";
  const pending = new Set<(error: Error) => void>();
  const answers = new Map<string, (body: JsonObject | undefined) => void>();

  const fail = (error: Error) => {
    failure ??= error;
    for (const reject of pending) reject(failure);
  };
  client.on("error", (error) => {
    reason = messageOf(error);
    const code = refusal(error);
    if (code !== undefined) fail(new ProvisioningError(code, "ConnectionRefused", reason));
  });
  client.on("close", () => fail(new NetworkError(reason)));
  client.on("message", (topic, payload) => answers.get(topic)?.(parseObject(payload)));

  /** Whatever `start` resolves to, unless the connection ends or the time runs out before. */
  function bounded<T>(
    what: string,
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
    timeout = answerTimeout,
  ) {
    return new Promise<T>((resolve, reject) => {
      if (failure) return reject(failure);
      const cancel = clock.after(timeout, () => end(() => reject(new NetworkError(`no answer to ${what}`))));
      const end = (finish: () => void) => {
        cancel();
        pending.delete(rejectPending);
        finish();
      };
      const rejectPending = (error: Error) => end(() => reject(error));
      pending.add(rejectPending);
      start((value) => end(() => resolve(value)), rejectPending);
    });
  }

  const close = () => closeConnection(client, client.connected, clock);
  try {
    const wait = connection.connectTimeout ?? 30_000;
    await bounded<void>("CONNECT", (resolve) => client.once("connect", () => resolve()), wait);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    async request(topic, body) {
      const accepted = `${topic}/accepted`;
      const rejected = `${topic}/rejected`;
      // Device SDKs subscribe before they publish (reference 2).
      await bounded<void>(`SUBSCRIBE ${topic}`, (resolve, reject) =>
        subscribe(client, [accepted, rejected], (error) => (error ? reject(error) : resolve())),
      );
      try {
        return await bounded<JsonObject>(topic, (resolve, reject) => {
          answers.set(accepted, (answer) =>
            answer ? resolve(answer) : reject(new ProvisioningError(500, "InvalidAnswer", "the answer is not JSON")),
          );
          answers.set(rejected, (answer) => reject(rejection(answer)));
          client.publish(topic, body === undefined ? "" : JSON.stringify(body), { qos: 1 }, (error) => {
            const code = error ? refusal(error) : undefined;
            if (code !== undefined)
              reject(new ProvisioningError(code, "PublishRefused", `${topic}: ${error?.message}`));
          });
        });
      } finally {
        answers.delete(accepted);
        answers.delete(rejected);
      }
    },
    close,
  };
}

function subscribe(client: MqttClient, filters: string[], done: (error?: Error) => void): void {
  client.subscribe(filters, { qos: 1 }, (_error, _grants, packet) => {
    if (packet?.granted.some((code) => Number(code) >= 0x80)) {
      done(new ProvisioningError(403, "SubscriptionRefused", `the claim may not subscribe to ${filters.join(", ")}`));
    } else if (packet) done();
  });
}

/** `{ statusCode, errorCode, errorMessage }` of reference 6. */
function rejection(answer: JsonObject | undefined): ProvisioningError | NetworkError {
  const statusCode = answer && member(answer, "statusCode");
  const message = (answer && text(answer, "errorMessage")) ?? "the platform gave no reason";
  // Throttled, or unavailable: nothing has been decided about this device.
  if (statusCode === 429 || statusCode === 503) return new NetworkError(message);
  return new ProvisioningError(
    typeof statusCode === "number" ? statusCode : 500,
    (answer && text(answer, "errorCode")) ?? "Unknown",
    message,
  );
}

/**
 * The HTTP-like status for a refusal with an MQTT reason code; undefined when repeating the attempt may help, which
 * is so for "server unavailable", "server busy" and everything that has no reason code.
 */
function refusal(error: Error): number | undefined {
  const code = "code" in error ? error.code : undefined;
  if (typeof code !== "number") return undefined;
  const transient = [3, 0x88, 0x89, 0x8b, 0x96, 0x97, 0x9f];
  return transient.includes(code) ? undefined : 403;
}
