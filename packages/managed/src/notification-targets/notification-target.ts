import { ServiceError } from "@hearth/contract";
import type { Target } from "../notifications/target.ts";
import type { Place } from "../place.ts";
import { type EventRings, MAX_FOLLOWERS } from "./event-rings.ts";
import type { JetStream } from "./jetstream.ts";
import { type TargetStore, targetArn, targetOf } from "./target-store.ts";
import type { createWebhook } from "./webhook.ts";

/** Deliveries to ARNs of the service `hearth`, wherever each of them leads. */
export function createNotificationTarget(deps: {
  targets: TargetStore;
  webhook: ReturnType<typeof createWebhook>;
  jetStream: JetStream | undefined;
  events: Pick<EventRings, "put">;
}): Target {
  const { targets, webhook, jetStream, events } = deps;
  return {
    action: "hearth:PutNotification",
    async put(delivery, signal) {
      const named = targetOf(delivery.targetArn);
      const isOwn = named?.accountId === delivery.accountId && named.region === delivery.region;
      const target = named && isOwn ? await targets.get(named, named.type, named.name) : undefined;
      if (!target) throw new Error(`there is no notification target ${delivery.targetArn}`);
      if (target.type === "WEBHOOK") await webhook(target.details, delivery, signal);
      else if (target.type === "SSE") events.put(delivery);
      else if (jetStream) await jetStream.put(target.details, delivery);
      else throw new Error("this installation has no NATS server any more (natsUrl)");
    },
  };
}

/** Gives a target's records to who follows it. Throws ResourceNotFoundException and ThrottlingException. */
export function createNotificationFollowing(deps: { targets: TargetStore; events: EventRings }) {
  const { targets, events } = deps;
  return async (place: Place, name: string, after: string | undefined, signal: AbortSignal) => {
    const target = await targets.get(place, "SSE", name);
    if (!target)
      throw new ServiceError("ResourceNotFoundException", `There is no SSE notification target named ${name}.`);
    const followed = events.follow(targetArn(target), after, signal);
    if (!followed) throw new ServiceError("ThrottlingException", `${MAX_FOLLOWERS} follow this target already.`);
    return followed;
  };
}
