import type { Target } from "../notifications/target.ts";
import type { JetStream } from "./jetstream.ts";
import { type TargetStore, targetOf } from "./target-store.ts";
import type { createWebhook } from "./webhook.ts";

/** Deliveries to ARNs of the service `hearth`, wherever each of them leads. */
export function createNotificationTarget(deps: {
  targets: TargetStore;
  webhook: ReturnType<typeof createWebhook>;
  jetStream: JetStream | undefined;
}): Target {
  const { targets, webhook, jetStream } = deps;
  return {
    action: "hearth:PutNotification",
    async put(delivery, signal) {
      const named = targetOf(delivery.targetArn);
      const isOwn = named?.accountId === delivery.accountId && named.region === delivery.region;
      const target = named && isOwn ? await targets.get(named, named.type, named.name) : undefined;
      if (!target) throw new Error(`there is no notification target ${delivery.targetArn}`);
      if (target.type === "WEBHOOK") await webhook(target.details, delivery, signal);
      else if (jetStream) await jetStream.put(target.details, delivery);
      else throw new Error("this installation has no NATS server any more (natsUrl)");
    },
  };
}
