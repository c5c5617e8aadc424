import type { FanOut } from "./fan-out.ts";
import type { Pending } from "./pending.ts";
import type { Session } from "./session.ts";
import type { Grant, Subscription } from "./subscriptions.ts";

let turn = 0;

/**
 * One member of a shared subscription gets the message (section 4.8.2): in turn, one that can send it at once, else one
 * that is connected, else, at QoS 1, one whose session waits for its client.
 */
export function offerToOne(
  members: readonly (readonly [Session, Subscription])[],
  fan: FanOut,
  pending: Pending,
): void {
  turn = (turn + 1) % 0x7fffffff;
  const { length } = members;
  const { topic, qos: published, retain } = fan.message;
  let chosen: readonly [Session, Subscription] | undefined;
  let best = 0;
  for (let i = 0; i < length && best < 3; i++) {
    const member = members[(turn + i) % length]!;
    const [session, { qos }] = member;
    const waits = session.durable && qos > 0 && published > 0;
    const rank = session.idle ? 3 : session.online ? 2 : waits ? 1 : 0;
    // Who may not receive it would swallow it.
    if (rank > best && !session.refuses(topic)) {
      best = rank;
      chosen = member;
    }
  }
  if (chosen === undefined) return;
  const [session, { filter, qos, retainAsPublished, identifier }] = chosen;
  const identifiers = identifier === undefined ? undefined : [identifier];
  const grant: Grant = { qos, retainAsPublished, identifiers, share: filter };
  session.offer(fan, grant, retain && retainAsPublished, pending);
}
