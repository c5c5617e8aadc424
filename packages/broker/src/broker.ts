import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Bus, createOwnership, type Database, type Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import {
  type Delivery,
  type DeviceConnections,
  disconnectRequested,
  permissionsChanged,
  type RetainedMessages,
  type Router,
} from "@hearth/iot";
import { Reason } from "@hearth/mqtt";
import { Rates } from "./account-rates.ts";
import { Connection } from "./connection.ts";
import type { ConnectionCause } from "./connection-causes.ts";
import { ConnectionLog, type ConnectionParty } from "./connection-log.ts";
import { createNoteDrop } from "./connection-words.ts";
import { Connections } from "./connections.ts";
import type { BrokerContext } from "./context.ts";
import { createDelivery } from "./deliver.ts";
import { createDeviceConnections } from "./device-connections.ts";
import { createDirectMessages } from "./direct-messages.ts";
import { type IdentifyByConnect, identifyByConnect } from "./identify-by-connect.ts";
import type { ConnectionIdentity } from "./identity.ts";
import { createLimitReports } from "./limit-reports.ts";
import { type BrokerLimits, standardLimits } from "./limits.ts";
import { type BrokerMetrics, createMetrics } from "./metrics.ts";
import { PastConnections } from "./past-connections.ts";
import { Presence } from "./presence.ts";
import { Retained } from "./retained.ts";
import type { SessionOwnership } from "./session-owner.ts";
import { SessionStore } from "./session-store.ts";
import { Sessions } from "./sessions.ts";
import { Flusher } from "./write-queue.ts";

export interface BrokerDeps {
  /** Holds the tables of this room's `migrations`. */
  database: Database;
  /** Seals queued and retained messages. */
  sealer: Sealer;
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** Where publications go. The broker has to be attached to it: `router.attach(broker)`. */
  router: Router;
  /**
   * Whether a certificate is still active: the will of one that is not is not published. Absent: all of them are.
   */
  isCertificateActive?(accountId: string, certificateId: string): Promise<boolean>;
  /** Absent: `standardLimits`. */
  limits?: BrokerLimits;
}

export interface Broker extends Delivery {
  readonly metrics: BrokerMetrics;
  /** What happened to each client, and why. */
  readonly connectionLog: Pick<ConnectionLog, "list">;
  /** For the operations of the API. */
  readonly connections: DeviceConnections;
  readonly retained: RetainedMessages;
  /** Reads sessions and retained messages from the store. Sockets that are accepted before are served after. */
  start(): Promise<void>;
  /** Takes a socket, or a WebSocket's stream, whose peer has been authenticated. */
  accept(socket: Duplex, identity: ConnectionIdentity): void;
  /** Takes the stream of a client that only its CONNECT can identify; `peer` is what is known of it before. */
  acceptByConnect(socket: Duplex, identify: IdentifyByConnect, peer: Pick<ConnectionParty, "sourceIp">): void;
  /** Writes into the connection log that a device did not come as far as `accept`, and why. */
  refused(party: ConnectionParty, cause: ConnectionCause, reason: string): void;
  /** Closes all connections (DISCONNECT 0x8B) and resolves when what they caused is stored and their sockets are gone. */
  drain(): Promise<void>;
}

/** The device door: MQTT over sockets that somebody else listens on. */
export function createBroker(deps: BrokerDeps): Broker {
  const {
    database,
    sealer,
    bus,
    clock,
    log,
    router,
    limits = standardLimits,
    isCertificateActive = async () => true,
  } = deps;
  const metrics = createMetrics();
  const limitReached = createLimitReports({ clock, log, metrics });
  const store = new SessionStore(database, sealer, log);
  const retained = new Retained({ database, sealer, store, clock, limits, limitReached, metrics });
  const connectionLog = new ConnectionLog({ clock, log, limits });
  const rates = new Rates(clock, limits);
  const noteDrop = createNoteDrop(connectionLog, limits);
  const sessions = new Sessions({
    store,
    limits,
    metrics,
    clock,
    log,
    router,
    connectionLog,
    noteDrop,
    limitReached,
    rates,
    isCertificateActive,
  });
  const presence = new Presence({ bus, router, clock, log });
  const connections = new Connections();
  const ownership: SessionOwnership = createOwnership();
  const flusher = new Flusher();
  const context: BrokerContext = {
    bus,
    clock,
    log,
    router,
    limits,
    limitReached,
    rates,
    metrics,
    store,
    sessions,
    retained,
    presence,
    connectionLog,
    noteDrop,
    connections,
    ownership,
    sendDirect: createDirectMessages({ limits, limitReached, noteDrop, metrics, clock }),
    past: new PastConnections(clock),
    flusher,
  };
  const delivery = createDelivery({ sessions, retained, store, clock });
  let loading: Promise<void> | undefined;
  let loaded = false;
  let draining = false;

  const start = (): Promise<void> => {
    loading ??= Promise.all([sessions.load(), retained.load()]).then(() => {
      loaded = true;
    });
    return loading;
  };

  const unsubscribe = [
    bus.subscribe(disconnectRequested, ({ accountId, certificateId, reason }) => {
      for (const connection of connections.of(accountId, [certificateId])) {
        connection.close({ reason, code: Reason.AdministrativeAction });
      }
    }),
    bus.subscribe(permissionsChanged, ({ accountId, certificateIds }) => {
      for (const connection of connections.of(accountId, certificateIds)) connection.refresh();
    }),
  ];

  const accept: Broker["accept"] = (socket, identity) => {
    if (draining) {
      socket.destroy();
      return;
    }
    // Writes are gathered here already; the kernel must not hold them back for more.
    if (socket instanceof Socket) socket.setNoDelay(true);
    if (!loaded) socket.pause();
    const take = () => {
      if (draining || socket.destroyed) socket.destroy();
      else {
        const connection = new Connection(context, socket, identity);
        connections.add(connection);
        if (identity.protocol === "WebSocket") endInTime(connection, socket, context);
        // Whoever looked into the stream before has paused it, and it does not start again because somebody listens.
        socket.resume();
      }
    };
    if (loaded) take();
    else start().then(take, () => socket.destroy());
  };

  return {
    metrics,
    connectionLog,
    refused(party, cause, reason) {
      metrics.socketsRefused += 1;
      connectionLog.note(party, { eventType: "Connect", status: "Failure", cause, reason });
    },
    connections: createDeviceConnections(context),
    retained,
    start,
    accept,
    acceptByConnect(socket, identify, peer) {
      const take = () => {
        if (draining || socket.destroyed) socket.destroy();
        else identifyByConnect(socket, identify, peer, context, (identity) => accept(socket, identity));
      };
      if (loaded) take();
      else start().then(take, () => socket.destroy());
    },
    deliver(message, publisher, alongside) {
      // Before the sessions are known nobody could be found.
      if (!loaded) return start().then(() => delivery.deliver(message, publisher, alongside));
      return delivery.deliver(message, publisher, alongside);
    },
    async deliverTogether(messages, publisher, writes) {
      if (!loaded) await start();
      return delivery.deliverTogether(messages, publisher, writes);
    },
    reply: delivery.reply,
    store: delivery.store,
    async drain() {
      draining = true;
      for (const stop of unsubscribe) stop();
      await Promise.all(connections.all.map((connection) => connection.shutDown()));
      store.flush();
      await store.settled();
    },
  };
}

/** Ends a connection over WebSocket when it has lasted as long as one may (reference 1.1). */
function endInTime(connection: Connection, socket: Duplex, { limits, clock, limitReached }: BrokerContext): void {
  if (limits.webSocketDuration === Number.POSITIVE_INFINITY) return;
  const cancel = clock.after(limits.webSocketDuration * 1000, () => {
    limitReached(connection.clientId || undefined, "webSocketDuration", "a WebSocket connection was closed");
    connection.close({ reason: "WEBSOCKET_TTL_EXPIRATION", code: Reason.MaximumConnectTime });
  });
  socket.once("close", cancel);
}
