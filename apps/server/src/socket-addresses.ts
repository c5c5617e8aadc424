import type { Socket } from "node:net";

/** The two ends of a connection, as policies and GetConnection name them. */
export interface SocketAddresses {
  sourceIp: string;
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
}

export function socketAddresses(socket: Socket): SocketAddresses {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return {
    sourceIp: plainAddress(remoteAddress ?? ""),
    ...(remotePort === undefined ? {} : { sourcePort: remotePort }),
    ...(localAddress === undefined ? {} : { targetIp: plainAddress(localAddress) }),
    ...(localPort === undefined ? {} : { targetPort: localPort }),
  };
}

/** A dual-stack socket writes IPv4 addresses as ::ffff:a.b.c.d, which no policy's CIDR block would match. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:/, "");
