import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { Target } from "./job.ts";
import { connectPacket, type OnPacket, packetReader, subscribePacket } from "./packets.ts";

/** A socket on which CONNACK has arrived. */
export interface LoadClient {
  socket: Socket;
  /** Sends SUBSCRIBE; resolves at SUBACK. */
  subscribe(filter: string, qos: number): Promise<void>;
}

export interface ClientOptions {
  clientId: string;
  clean?: boolean;
  /** Made once for all connections; needed with TLS. */
  context?: SecureContext;
  session?: Buffer;
  onSession?: (session: Buffer) => void;
  /** PUBLISH and PUBACK. */
  onPacket?: OnPacket;
  /** When all packets of one read were handed over. */
  onRead?: () => void;
}

const HANDSHAKE_MS = 30_000;

/** Connects and waits for CONNACK. Rejects when the broker refuses or hangs up. */
export function openClient(target: Pick<Target, "port">, options: ClientOptions): Promise<LoadClient> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(target, options);
    socket.setNoDelay(true);
    let subscribed: (() => void) | undefined;
    let connected = false;
    const fail = (why: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`${options.clientId}: ${why}`));
    };
    const timer = setTimeout(() => fail("no CONNACK in time"), HANDSHAKE_MS);
    const client: LoadClient = {
      socket,
      subscribe: (filter, qos) =>
        new Promise((done) => {
          subscribed = done;
          socket.write(subscribePacket(filter, qos));
        }),
    };
    const read = packetReader((first, data, at, end) => {
      const type = first >> 4;
      if (type === 2) {
        if (data[at + 1] !== 0) return fail(`CONNACK ${data[at + 1]}`);
        connected = true;
        clearTimeout(timer);
        resolve(client);
      } else if (type === 9) {
        if (data[end - 1] === 128) throw new Error(`${options.clientId}: subscription refused`);
        subscribed?.();
      } else options.onPacket?.(first, data, at, end);
    });
    const { onRead } = options;
    socket.on("data", (chunk: Buffer) => {
      read(chunk);
      onRead?.();
    });
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => {
      if (!connected) fail("closed before CONNACK");
    });
    socket.write(connectPacket(options.clientId, options.clean ?? true));
  });
}

function openSocket(target: Pick<Target, "port">, { context, session, onSession }: ClientOptions): Socket {
  if (context === undefined) return connectTcp({ host: "127.0.0.1", port: target.port });
  const socket: TLSSocket = connectTls({
    host: "127.0.0.1",
    port: target.port,
    secureContext: context,
    servername: "localhost",
    // The peers show certificates of another issuer than Hearth's; whom the load talks to is known.
    rejectUnauthorized: false,
    ...(session === undefined ? {} : { session }),
  });
  if (onSession) socket.on("session", onSession);
  return socket;
}
