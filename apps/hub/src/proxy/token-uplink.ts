import { readFile } from "node:fs/promises";
import { type Clock, type Logger, messageOf, topicMatches } from "@hearth/base";
import { type AgentEvent, AgentStoppedError, type MessageHandler, RefusedError } from "@hearth/device-sdk";
import type { io as Io, mqtt5 as Mqtt5 } from "aws-crt";
import type { Pkcs11Location } from "../certificates/certificate-handler.ts";
import type { Uplink } from "./proxy-service.ts";

export interface TokenUplinkOptions {
  host: string;
  port: number;
  ca?: string;
  certificate: string;
  key: Pkcs11Location & { keyLabel: string };
  clientId: string;
  backOff?: { minimum: number; maximum: number };
  clock: Clock;
  log: Logger;
}

const KEEP_ALIVE = 60;
const SESSION_EXPIRY = 3600;
const AT_LEAST_ONCE = 1;
const AT_MOST_ONCE = 0;
const REFUSED = 0x80;
/** Milliseconds before a message is said again that failed without the broker's word. */
const AGAIN = 1000;

/**
 * An uplink whose TLS key stays in its PKCS #11 token: Node's own TLS cannot use one, the AWS common runtime can. It
 * reconnects by itself and says again what was not acknowledged.
 */
export async function createTokenUplink(options: TokenUplinkOptions): Promise<Uplink> {
  const { clock, log } = options;
  const { io, mqtt5 } = await import("aws-crt").catch(() => {
    throw new Error("the package aws-crt is not installed, which a key in a token needs: npm install aws-crt");
  });
  const client = new mqtt5.Mqtt5Client(await configurationOf(io, mqtt5, options));
  const listeners = new Set<(event: AgentEvent) => void>();
  const handlers = new Map<string, MessageHandler>();
  let waiting: { resolve(): void; reject(error: Error): void }[] = [];
  let state: "new" | "running" | "stopped" = "new";
  let ready = false;
  let pending = 0;

  const emit = (event: AgentEvent) => {
    for (const listener of listeners) listener(event);
  };
  const subscribe = async (filters: string[]): Promise<void> => {
    if (filters.length === 0) return;
    const subscriptions = filters.map((topicFilter) => ({ topicFilter, qos: AT_LEAST_ONCE }));
    const { reasonCodes } = await client.subscribe({ subscriptions });
    const refused = reasonCodes.find((code) => code >= REFUSED);
    if (refused !== undefined) throw new RefusedError(`the broker refused one of ${filters.join(", ")}`, refused);
  };
  const lost = (reason: string, reasonCode: number | undefined) => {
    ready = false;
    if (state !== "running") return;
    log.info({ reason, reasonCode }, "disconnected");
    emit({ state: "disconnected", reason, ...(reasonCode === undefined ? {} : { reasonCode }) });
  };

  client.on("connectionSuccess", ({ connack }) => {
    subscribe([...handlers.keys()])
      .catch((error) => log.warn({ error: messageOf(error) }, "a subscription was refused"))
      .then(() => {
        if (state !== "running") return;
        ready = true;
        emit({ state: "connected", sessionPresent: connack.sessionPresent });
        for (const { resolve } of waiting) resolve();
        waiting = [];
      });
  });
  client.on("connectionFailure", ({ error, connack }) => lost(messageOf(error), connack?.reasonCode));
  client.on("disconnection", ({ error, disconnect }) => lost(messageOf(error), disconnect?.reasonCode));
  client.on("error", (error) => log.error({ error: messageOf(error) }, "the connection's runtime"));
  client.on("messageReceived", ({ message }) => {
    const payload = Buffer.from(message.payload as ArrayBuffer);
    for (const [filter, handler] of handlers) {
      if (topicMatches(filter, message.topicName)) handler(message.topicName, payload);
    }
  });

  async function publishOnce(topicName: string, payload: string | Buffer, qos: 0 | 1): Promise<void> {
    const result = await client.publish({ topicName, payload, qos: qos === 1 ? AT_LEAST_ONCE : AT_MOST_ONCE });
    const code = result?.reasonCode ?? 0;
    if (code >= REFUSED) throw new RefusedError(`the broker refused the message`, code);
  }

  return {
    start() {
      if (state !== "new") return;
      state = "running";
      client.start();
    },
    whenConnected() {
      if (state === "stopped") return Promise.reject(new AgentStoppedError());
      return ready ? Promise.resolve() : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async publish(topic, payload, { qos = 1 } = {}) {
      pending++;
      try {
        for (;;) {
          if (state === "stopped") throw new AgentStoppedError();
          try {
            return await publishOnce(topic, payload, qos);
          } catch (error) {
            if (error instanceof RefusedError || qos === 0) throw error;
            log.debug({ error: messageOf(error) }, "a message is said again");
          }
          await new Promise<void>((resolve) => void clock.after(AGAIN, resolve));
        }
      } finally {
        pending--;
      }
    },
    async subscribe(filter, handler) {
      handlers.set(filter, handler);
      if (ready) await subscribe([filter]);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get pending() {
      return pending;
    },
    async stop({ timeout = 5000 } = {}) {
      if (state === "stopped") return;
      const end = clock.monotonic() + timeout;
      while (state === "running" && ready && pending > 0 && clock.monotonic() < end) {
        await new Promise<void>((resolve) => void clock.after(20, resolve));
      }
      const running = state === "running";
      state = "stopped";
      for (const { reject } of waiting) reject(new AgentStoppedError());
      if (running) {
        const stopped = new Promise<void>((resolve) => client.once("stopped", () => resolve()));
        client.stop({ reasonCode: 0 });
        await stopped;
      }
      client.close();
      emit({ state: "stopped" });
    },
  };
}

async function configurationOf(
  io: typeof Io,
  mqtt5: typeof Mqtt5,
  { host, port, ca, certificate, key, clientId, backOff }: TokenUplinkOptions,
): Promise<Mqtt5.Mqtt5ClientConfig> {
  const tls = io.TlsContextOptions.create_client_with_mtls_pkcs11({
    pkcs11_lib: new io.Pkcs11Lib(key.library),
    user_pin: (await readFile(key.pinFile, "utf8")).trim(),
    ...(key.slot === undefined ? {} : { slot_id: key.slot }),
    ...(key.tokenLabel === undefined ? {} : { token_label: key.tokenLabel }),
    private_key_object_label: key.keyLabel,
    cert_file_contents: certificate,
  });
  if (ca !== undefined) tls.override_default_trust_store(ca);
  // As the device SDK does on this port (reference 1.1).
  if (port === 443) tls.alpn_list = ["x-amzn-mqtt-ca"];
  return {
    hostName: host,
    port,
    tlsCtx: new io.ClientTlsContext(tls),
    connectProperties: {
      clientId,
      keepAliveIntervalSeconds: KEEP_ALIVE,
      sessionExpiryIntervalSeconds: SESSION_EXPIRY,
    },
    sessionBehavior: mqtt5.ClientSessionBehavior.RejoinPostSuccess,
    retryJitterMode: mqtt5.RetryJitterType.Full,
    minReconnectDelayMs: backOff?.minimum ?? 500,
    maxReconnectDelayMs: backOff?.maximum ?? 60_000,
  };
}
