import { topicMatches } from "@hearth/base";
import type { ConnectionDescription, DeviceConnections, DisconnectReason } from "@hearth/iot";
import type { Connection } from "./connection.ts";
import type { BrokerContext } from "./context.ts";
import { type Session, sessionKey } from "./session.ts";

/**
 * Bytes of the longest filter that is listed, twice what the reference allows: a page may end with any of them, and the
 * token that says so has to fit into a request.
 */
const LONGEST_LISTED = 512;

/** The connections and sessions of the broker, for the operations of the API (reference 1.4). */
export function createDeviceConnections(context: BrokerContext): DeviceConnections {
  const { ownership, sessions, store, past, clock } = context;

  /** The client's session; one whose time is over does not count any more. */
  function sessionOf(accountId: string, clientId: string): Session | undefined {
    const session = sessions.find(accountId)?.sessions.get(clientId);
    return session?.expiresAt !== undefined && session.expiresAt <= clock.now() ? undefined : session;
  }

  return {
    async describe(accountId, clientId) {
      const answer = await ownership.ask(sessionKey(accountId, clientId), { ask: "describe" });
      if (answer?.description !== undefined) return answer.description;
      const remembered = past.find(accountId, clientId);
      if (remembered !== undefined) return remembered;
      const session = sessionOf(accountId, clientId);
      return session && { connected: false, cleanSession: false, sessionExpiry: session.expiryInterval };
    },

    subscriptions(accountId, clientId, after, limit) {
      const session = sessionOf(accountId, clientId);
      if (session === undefined) return undefined;
      return [...session.subscriptions.values()]
        .filter(({ filter }) => (after === undefined || filter > after) && Buffer.byteLength(filter) <= LONGEST_LISTED)
        .sort((a, b) => (a.filter < b.filter ? -1 : 1))
        .slice(0, limit)
        .map(({ filter, qos }) => ({ topicFilter: filter, qos: Math.min(qos, 1) }));
    },

    reach(accountId, clientId, topic) {
      const session = sessionOf(accountId, clientId);
      let qos = -1;
      for (const subscription of session?.subscriptions.values() ?? []) {
        if (topicMatches(subscription.filter, topic)) qos = Math.max(qos, subscription.qos);
      }
      if (session === undefined || qos < 0) return "nobody";
      if (session.durable && qos > 0) return "kept";
      return session.online ? "live" : "nobody";
    },

    async disconnect(accountId, clientId, { cleanSession, preventWillMessage }) {
      const before = sessionOf(accountId, clientId);
      // A CONNECT of the same client comes before it or after it.
      const owned = await ownership.claim(sessionKey(accountId, clientId), {
        claimant: { by: "operation", withoutWill: preventWillMessage },
        yieldTo: () => {},
        answer: async () => undefined,
      });
      try {
        const session = sessionOf(accountId, clientId) ?? before;
        if (session === undefined) return owned.before !== undefined;
        if (preventWillMessage) sessions.dropWill(session);
        const kept = cleanSession ? sessions.remove(session) : sessions.save(session);
        // What the end of the connection has caused is under way, such as its will.
        await Promise.all([kept, store.underWay()]);
        return true;
      } finally {
        owned.release();
      }
    },

    async sendDirect(clientId, message, timeout) {
      const { accountId } = message;
      const answer = await ownership.ask(sessionKey(accountId, clientId), { ask: "direct", message, timeout });
      if (answer?.outcome !== undefined) return answer.outcome;
      return sessionOf(accountId, clientId) === undefined ? "not-connected" : "offline";
    },
  };
}

/** What is told of a connection while it lives, or of one that has just ended for `reason`. */
export function describeConnection(connection: Connection, reason?: DisconnectReason): ConnectionDescription {
  const { identity, presented, session, keepAliveAsked, connectedAt, context } = connection;
  const sessionExpiry = session?.expiryInterval ?? 0;
  return {
    connected: reason === undefined,
    thingName: presented?.thingName,
    cleanSession: sessionExpiry === 0,
    sessionExpiry,
    keepAlive: keepAliveAsked,
    sourceIp: identity.sourceIp,
    sourcePort: identity.sourcePort,
    targetIp: identity.targetIp,
    targetPort: identity.targetPort,
    ...(reason === undefined
      ? { connectedSince: connectedAt }
      : { disconnectedSince: context.clock.now(), disconnectReason: reason }),
  };
}
