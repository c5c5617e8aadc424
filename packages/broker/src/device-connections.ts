import type { ConnectionDescription, DeviceConnections, DisconnectReason } from "@hearth/iot";
import { Reason } from "@hearth/mqtt";
import type { Connection } from "./connection.ts";
import { wordsForEnd } from "./connection-words.ts";
import type { BrokerContext } from "./context.ts";
import { createDirectMessages } from "./direct-messages.ts";
import type { Session } from "./session.ts";

/**
 * Bytes of the longest filter that is listed, twice what the reference allows: a page may end with any of them, and the
 * token that says so has to fit into a request.
 */
const LONGEST_LISTED = 512;

/** The connections and sessions of the broker, for the operations of the API (reference 1.4). */
export function createDeviceConnections(context: BrokerContext): DeviceConnections {
  const { connections, sessions, store, past, clock } = context;

  /** The client's session; one whose time is over does not count any more. */
  function sessionOf(accountId: string, clientId: string): Session | undefined {
    const session = sessions.find(accountId)?.sessions.get(clientId);
    return session?.expiresAt !== undefined && session.expiresAt <= clock.now() ? undefined : session;
  }

  async function disconnect(session: Session, cleanSession: boolean): Promise<void> {
    // What the end of the connection has caused is under way: its will, the session's new state.
    const kept = cleanSession ? sessions.remove(session) : sessions.save(session);
    await Promise.all([kept, store.underWay()]);
  }

  return {
    describe(accountId, clientId) {
      const connection = connections.client(accountId, clientId);
      if (connection !== undefined) return describeConnection(connection);
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

    // In turn: a CONNECT of the same client comes before it or after it.
    disconnect: (accountId, clientId, { cleanSession, preventWillMessage }) =>
      connections.inTurn(accountId, clientId, async () => {
        const connection = connections.client(accountId, clientId);
        const session = connection?.session ?? sessionOf(accountId, clientId);
        if (session === undefined) return false;
        const reason = "API_INITIATED_DISCONNECT";
        connection?.note({
          eventType: "DeleteConnection",
          status: "Success",
          cause: reason,
          reason: wordsForEnd(reason),
        });
        connection?.close({
          reason,
          code: Reason.AdministrativeAction,
          withoutWill: preventWillMessage,
        });
        if (preventWillMessage) sessions.dropWill(session);
        await disconnect(session, cleanSession);
        return true;
      }),

    sendDirect: createDirectMessages(context, sessionOf),
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
