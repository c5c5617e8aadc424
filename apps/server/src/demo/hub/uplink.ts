import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A stretch of network between a hub and the cloud. Passes on bytes, knows nothing of them. */
export interface Uplink {
  /** On the loopback interface. */
  readonly port: number;
  /** Resets every connection, and takes none until `restore`. */
  cut(): void;
  /** What the hub says does not arrive; what it is told does. */
  mute(): void;
  restore(): void;
  close(): Promise<void>;
}

/** An uplink to `port` of this machine. */
export async function openUplink(port: number): Promise<Uplink> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isMuted = false;
  const server = createServer((near) => {
    near.on("error", () => {});
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(port, "localhost");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on("data", (chunk: Buffer) => {
      if (!isMuted && !far.write(chunk)) near.pause();
    });
    far.on("drain", () => near.resume());
    far.pipe(near);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mute() {
      isMuted = true;
    },
    restore() {
      isCut = false;
      isMuted = false;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
