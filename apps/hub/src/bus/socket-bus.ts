import { chmod, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, type Logger, messageOf, silentLogger, systemClock } from "@hearth/base";
import { FrameReader } from "@hearth/hub-ipc";
import type { Bus } from "./bus.ts";
import { attachPeer } from "./memory-bus.ts";
import { type BusMessage, MAX_FORWARDED, MAX_MESSAGE, parseBusMessage } from "./messages.ts";
import { createOutbound, type Outbound } from "./outbound.ts";
import { BusPeer } from "./peer.ts";
import { createRouter } from "./router.ts";

const MAX_CONNECTIONS = 64;
const RECONNECT = { first: 50, longest: 1_000 };

export interface SocketBusOptions {
  clock?: Clock;
  log?: Logger;
}

export type ClosableBus = Bus & { close(): Promise<void> };

/**
 * The router, on a UNIX socket (mode 0600) for other processes; the answer is the bus for the parts of this process.
 * Rejects when another process listens there; takes the place of a socket that nobody listens on any more.
 */
export async function listenBus(path: string, options: SocketBusOptions = {}): Promise<ClosableBus> {
  const { log = silentLogger } = options;
  const router = createRouter();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (sockets.size >= MAX_CONNECTIONS) {
      log.warn({ limit: MAX_CONNECTIONS }, "too many connections to the bus: one is turned away");
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveSocket(socket, router, log);
  });
  await listen(server, path);
  const bus = attachPeer(router, options);
  return Object.assign(bus, {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function serveSocket(socket: Socket, router: ReturnType<typeof createRouter>, log: Logger): void {
  const outbound = createOutbound(socket, () => {
    log.warn("a process does not read what it asked for: its connection to the bus is closed");
    socket.destroy();
  });
  const seat = router.attach({ send: (message) => outbound.send(message, MAX_FORWARDED) });
  readMessages(socket, log, (message) => seat.receive(message));
  socket.on("close", () => {
    seat.detach();
    if (outbound.dropped > 0) log.warn({ dropped: outbound.dropped }, "a process was too slow for the bus");
  });
}

/** Closes the socket at the first thing that is no message. */
function readMessages(socket: Socket, log: Logger, take: (message: BusMessage) => void): void {
  const reader = new FrameReader(MAX_FORWARDED);
  socket.on("data", (chunk) => {
    try {
      for (const json of reader.push(chunk)) take(parseBusMessage(json));
    } catch (error) {
      log.warn({ error: messageOf(error) }, "what came over the bus is no message of it: the connection is closed");
      socket.destroy();
    }
  });
  socket.on("error", (error) => log.debug({ error: error.message }, "a connection of the bus broke"));
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    await bind(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (await answers(path))
      throw new Error(`another hub listens on ${path}: stop it, or give this one its own run directory`);
    await rm(path);
    await bind(server, path);
  }
  await chmod(path, 0o600);
}

const bind = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    // Nobody gets in between the making of the socket and the setting of its mode.
    const umask = process.umask(0o177);
    server.listen(path, () => {
      server.removeListener("error", reject);
      resolve();
    });
    process.umask(umask);
  });

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

/**
 * The bus of another process. It connects by itself, again and again; what is served and subscribed to is so again after
 * each connection. Until then requests find no service, and publications reach nobody.
 */
export function connectBus(path: string, options: SocketBusOptions = {}): ClosableBus {
  const { clock = systemClock, log = silentLogger } = options;
  let outbound: Outbound | undefined;
  let socket: Socket | undefined;
  let stopTimer = () => {};
  let closed = false;
  let delay = RECONNECT.first;
  const peer = new BusPeer({
    ...options,
    send(message) {
      outbound?.send(message, MAX_MESSAGE);
      return outbound !== undefined;
    },
  });

  const open = (): void => {
    const fresh = connect(path, () => {
      delay = RECONNECT.first;
      outbound = createOutbound(fresh, () => fresh.destroy());
      log.info("connected to the bus");
      peer.connected();
    });
    socket = fresh;
    readMessages(fresh, log, (message) => peer.receive(message));
    fresh.on("close", () => {
      if (outbound) {
        outbound = undefined;
        if (!closed) log.warn("the connection to the bus is lost");
        peer.disconnected();
      }
      if (closed) return;
      stopTimer = clock.after(delay, open);
      delay = Math.min(delay * 2, RECONNECT.longest);
    });
  };
  open();

  return Object.assign(peer, {
    async close() {
      closed = true;
      stopTimer();
      if (!socket || socket.destroyed) return;
      const gone = new Promise((resolve) => socket?.once("close", resolve));
      socket.destroySoon();
      await gone;
    },
  });
}
