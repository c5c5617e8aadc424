import { createSocket } from "node:dgram";

/** Why devices cannot find one another by mDNS on this machine; undefined when they can. */
export function multicastMissing(): Promise<string | undefined> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  return new Promise<string | undefined>((resolve) => {
    socket.once("error", ({ message }) => resolve(message));
    socket.bind(0, () => {
      try {
        socket.addMembership("224.0.0.251");
        resolve(undefined);
      } catch (error) {
        resolve(`no interface takes part in multicast: ${error instanceof Error ? error.message : error}`);
      }
    });
  }).finally(() => socket.close());
}
