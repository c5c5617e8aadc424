import { createHmac } from "node:crypto";
import type { Outbound } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { DELIVERY_MS } from "../notifications/notifier.ts";
import type { Delivery } from "../notifications/target.ts";
import type { TargetDetails } from "./target-store.ts";

/** Of an answer, whose words nobody reads. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * `t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>` under each secret in force, one `v1` for each. The receiver
 * compares one of them in constant time and refuses old times, which keeps a recorded request from being sent again.
 */
export function signatureOf(body: Uint8Array, secrets: readonly string[], seconds: number): string {
  const signed = secrets.map((secret) => {
    const mac = createHmac("sha256", secret).update(`${seconds}.`).update(body).digest("hex");
    return `v1=${mac}`;
  });
  return [`t=${seconds}`, ...signed].join(",");
}

/** Posts a record to a URL. Any answer but 2xx is a failure and tried again; redirects are not followed. */
export function createWebhook({ outbound, clock }: { outbound: Outbound; clock: Clock }) {
  return async (details: TargetDetails, delivery: Delivery, signal: AbortSignal): Promise<void> => {
    const { url = "", secret = "", previousSecret, previousUntil = 0 } = details;
    const now = clock.now();
    const secrets = previousSecret !== undefined && now < previousUntil ? [secret, previousSecret] : [secret];
    const { status } = await outbound.request(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": String(delivery.data.byteLength),
        "hearth-message-id": delivery.messageId,
        "hearth-signature": signatureOf(delivery.data, secrets, Math.floor(now / 1000)),
        "user-agent": "Hearth",
      },
      body: delivery.data,
      timeoutMs: DELIVERY_MS,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    if (status < 200 || status > 299) throw new Error(`the webhook answered ${status}`);
  };
}
