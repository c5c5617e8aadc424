import { createHmac, randomUUID } from "node:crypto";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { FaultSwitches } from "../faults.ts";
import { type JsonObject, Refusal } from "../http.ts";
import type { EventLog, VendorEvent } from "./events.ts";

const MAX_PER_USER_AND_CLIENT = 3;
/** Beyond, the oldest that still waits is dropped. */
const MAX_WAITING = 1_000;
const ATTEMPTS = 6;
const TIMEOUT_MILLISECONDS = 5_000;

interface WebhookDeps {
  log: EventLog;
  isLinked: (clientId: string, userId: string) => boolean;
  /** The origins that the client may be pushed to. */
  originsOf: (clientId: string) => readonly string[];
  faults: Pick<FaultSwitches, "get">;
  ca?: string;
  retryMilliseconds: number;
}

interface Subscription {
  id: string;
  userId: string;
  clientId: string;
  url: URL;
  secret: string;
  waiting: VendorEvent[];
  busy: boolean;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/**
 * `Vendor-Signature: t=<seconds since the epoch>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the subscription's secret.
 * Who receives it compares in constant time and refuses a `t` that is more than five minutes off.
 */
export function signatureOf(secret: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

/** Subscriptions of partners to one user's events each; every event is pushed in order, and again until it is taken. */
export function createWebhooks(deps: WebhookDeps) {
  const { log, isLinked, originsOf, faults, ca, retryMilliseconds } = deps;
  const byUser = new Map<string, Map<string, Subscription>>();
  const stopping = new AbortController();

  const remove = ({ userId, id, waiting }: Subscription): void => {
    const own = byUser.get(userId);
    if (own?.delete(id) && own.size === 0) byUser.delete(userId);
    waiting.length = 0;
  };

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        stopping.signal.removeEventListener("abort", done);
        resolve();
      }
      stopping.signal.addEventListener("abort", done);
    });

  const post = ({ url, secret }: Subscription, event: VendorEvent): Promise<boolean> =>
    new Promise((resolve) => {
      const body = JSON.stringify(event);
      const send = url.protocol === "https:" ? tlsRequest : plainRequest;
      const sent = send(url, {
        method: "POST",
        agent: false,
        ...(ca ? { ca } : {}),
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "vendor-event-id": event.id,
          "vendor-signature": signatureOf(secret, body, Math.floor(Date.now() / 1_000)),
        },
      });
      // The status alone counts, a redirect is a refusal, and whatever else comes is not read.
      sent.on("response", (answer) => {
        const status = answer.statusCode ?? 500;
        answer.destroy();
        resolve(status >= 200 && status < 300);
      });
      sent.on("error", () => resolve(false));
      sent.end(body);
    });

  const deliver = async (subscription: Subscription, event: VendorEvent): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS && !stopping.signal.aborted; attempt++) {
      if (attempt > 0) await pause(retryMilliseconds * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      if (await post(subscription, event)) return;
    }
  };

  const drain = async (subscription: Subscription): Promise<void> => {
    if (subscription.busy) return;
    subscription.busy = true;
    for (let event = subscription.waiting.shift(); event; event = subscription.waiting.shift()) {
      // Taken back meanwhile: nothing more of this user goes out.
      if (!isLinked(subscription.clientId, subscription.userId)) {
        remove(subscription);
        break;
      }
      await deliver(subscription, event);
      if (faults.get().duplicatePushes) await deliver(subscription, event);
    }
    subscription.busy = false;
  };

  const stopListening = log.listen((event) => {
    for (const subscription of byUser.get(event.userId)?.values() ?? []) {
      if (subscription.waiting.length >= MAX_WAITING) subscription.waiting.shift();
      subscription.waiting.push(event);
      void drain(subscription);
    }
  });

  const ownOf = (clientId: string, userId: string): Subscription[] =>
    [...(byUser.get(userId)?.values() ?? [])].filter((subscription) => subscription.clientId === clientId);

  const view = ({ id, url }: Subscription) => ({ id, url: url.href });

  return {
    list: (clientId: string, userId: string) => ownOf(clientId, userId).map(view),
    add(clientId: string, userId: string, { url, secret }: JsonObject) {
      if (typeof url !== "string" || url.length > 2_048 || !URL.canParse(url))
        throw new Refusal(400, "bad_url", "url is a URL of at most 2048 characters");
      const parsed = new URL(url);
      // The operator says where pushes may go; else a partner could have this server call its neighbours.
      if (!originsOf(clientId).includes(parsed.origin) || parsed.username || parsed.password)
        throw new Refusal(403, "origin_not_registered", "the origin of url is not among the client's webhookOrigins");
      if (typeof secret !== "string" || !/^[\x21-\x7e]{16,256}$/.test(secret))
        throw new Refusal(400, "bad_secret", "secret has 16 to 256 visible ASCII characters");
      const own = ownOf(clientId, userId);
      const same = own.find((subscription) => subscription.url.href === parsed.href);
      if (same) {
        same.secret = secret;
        return view(same);
      }
      if (own.length >= MAX_PER_USER_AND_CLIENT)
        throw new Refusal(409, "too_many", `a client has ${MAX_PER_USER_AND_CLIENT} subscriptions a user at most`);
      const subscription: Subscription = {
        id: randomUUID(),
        userId,
        clientId,
        url: parsed,
        secret,
        waiting: [],
        busy: false,
      };
      const ofUser = byUser.get(userId) ?? new Map<string, Subscription>();
      byUser.set(userId, ofUser.set(subscription.id, subscription));
      return view(subscription);
    },
    remove(clientId: string, userId: string, id: string): void {
      const own = ownOf(clientId, userId).find((subscription) => subscription.id === id);
      if (!own) throw new Refusal(404, "unknown_subscription", "you have no subscription of that id");
      remove(own);
    },
    stop(): void {
      stopListening();
      stopping.abort();
    },
  };
}
