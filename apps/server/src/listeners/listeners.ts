import { createServer as createTcpServer, isIP, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, DEFAULT_CIPHERS, type TLSSocket, type TlsOptions } from "node:tls";
import type { Logger } from "@hearth/base";
import type { Configuration } from "../configuration.ts";
import type { ServerCertificate } from "../server-certificate.ts";
import { type Doors, HttpServers, peek } from "./demultiplex.ts";
import { FIPS_TLS } from "./fips.ts";
import { HTTP_BOUNDS, type HttpBounds } from "./http-bounds.ts";
import type { NamedListener } from "./named-listener.ts";
import { readIntoOneBuffer } from "./one-buffer.ts";
import { createResumedNames, type NamedSocket } from "./resumed-names.ts";

export interface Ports {
  api: number;
  https: number;
  mqtts: number;
  tls: number;
  /** Undefined: there is no callback port. */
  callback: number | undefined;
  /** Undefined: there is no open MQTT port. */
  openMqtt: number | undefined;
  /** Of the further HTTPS listeners, by name. */
  named: Readonly<Record<string, number>>;
}

export interface Listeners {
  ports: Ports;
  /** Set when 443 was wanted and could not be had. */
  tlsPortNote?: string;
  /** Stops accepting; connections that are open go on. */
  stopAccepting(): void;
  /** Shows another certificate from the next handshake on; sessions from before are not resumed. */
  show(certificate: ServerCertificate): void;
  /** Closes idle HTTP connections, and the busy ones after their answer. */
  drain(): void;
  /** Ends whatever is left. */
  close(): Promise<void>;
}

/** A port that cannot be bound; the message says which, why and what to do. */
export class ListenError extends Error {}

/** Where ports without TLS listen: no setting leads elsewhere. */
const LOOPBACK = "127.0.0.1";

/** The ALPN names of reference 1.1, and those of HTTP. The first is X.509's, the second the custom authorizer's. */
const MQTT_WITH_CERTIFICATE = "x-amzn-mqtt-ca";
export const MQTT_WITH_AUTHORIZER = "mqtt";
const HTTP_PROTOCOLS = ["h2", "http/1.1", "x-amzn-http-ca"];

/** `handshake`: milliseconds that a client has for the TLS handshake. */
const BOUNDS = { ...HTTP_BOUNDS, handshake: 15_000 };

/**
 * Node's, but of TLS 1.3's suites the one first that AWS prefers too: its key schedule is made of SHA-256, which
 * processors and small devices have in hardware, and not of SHA-384. A list that leaves it out stays as it is.
 */
const PREFERRED = "TLS_AES_128_GCM_SHA256";
const CIPHERS = DEFAULT_CIPHERS.split(":")
  .sort((a, b) => Number(b === PREFERRED) - Number(a === PREFERRED))
  .join(":");

/** Opens the ports and hands each connection to its door. */
export async function openListeners(
  configuration: Pick<Configuration, "apiPort" | "httpsPort" | "mqttsPort" | "tlsPort" | "openMqttPort" | "bind"> & {
    callbackPort?: number;
    listeners?: readonly NamedListener[];
  },
  certificate: ServerCertificate,
  doors: Doors,
  log: Logger,
  bounds: HttpBounds & { handshake: number } = BOUNDS,
): Promise<Listeners> {
  const http = new HttpServers(doors, bounds);
  const allHttp = [http];
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const shown: ((certificate: ServerCertificate) => void)[] = [];
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  const failed = (error: Error) => log.debug({ error: error.message }, "socket error");
  const track = <S extends Socket>(socket: S): S => {
    sockets.add(socket);
    socket.on("close", forget);
    socket.on("error", failed);
    socket.setNoDelay(true);
    return socket;
  };

  const byFirstByte = (socket: Socket, mqtt?: () => void) => {
    peek(socket, (kind) => {
      if (kind === "http2") http.http2(socket);
      else if (kind === "http1") http.http1(socket);
      else if (mqtt) mqtt();
      else socket.destroy();
    });
  };
  const acceptMqtt = (socket: TLSSocket) => {
    const { alpnProtocol, servername } = socket as NamedSocket;
    doors.mqtt(socket, {
      ...(alpnProtocol ? { alpn: alpnProtocol } : {}),
      ...(servername ? { serverName: servername } : {}),
    });
  };

  const tlsServer = (
    protocols: readonly string[],
    accept: (socket: TLSSocket) => void,
    options: TlsOptions = {},
  ): Server => {
    const nameResumed = createResumedNames();
    const secured = ({ privateKey, chain }: ServerCertificate): TlsOptions => ({
      key: privateKey,
      cert: chain,
      minVersion: "TLSv1.2",
      ciphers: CIPHERS,
      ...options,
    });
    const server = createTlsServer(
      {
        // Any certificate may be shown; whether it is registered and active is decided by `auth`, not by a chain.
        // `ca` stays unset: clients that match issuers would withhold their certificate.
        requestCert: true,
        rejectUnauthorized: false,
        ...secured(certificate),
        handshakeTimeout: bounds.handshake,
        // Clients that offer only names we do not know are refused (RFC 7301, 3.2), those that offer none are not.
        ALPNCallback: ({ protocols: offered }) => protocols.find((name) => offered.includes(name)),
      },
      (socket) => {
        if (nameResumed(socket)) return accept(track(socket));
        const error = new Error("the resumed session's server name is not known any more; a new session is needed");
        doors.handshakeFailed?.(error, socket.remoteAddress);
        socket.destroy();
      },
    );
    server.on("tlsClientError", (error, socket) => {
      doors.handshakeFailed?.(error, socket.remoteAddress);
      // Node reports a handshake that takes too long, and leaves the socket open.
      socket.destroy();
    });
    shown.push((renewed) => server.setSecureContext(secured(renewed)));
    return server;
  };

  const api = createTcpServer((socket) => byFirstByte(track(socket)));
  const mqttOnly = tlsServer([MQTT_WITH_CERTIFICATE], acceptMqtt);
  const httpsTo = (servers: HttpServers) => (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") servers.http2(socket);
    else servers.http1(socket);
  };
  const acceptHttps = httpsTo(http);
  const https = tlsServer(HTTP_PROTOCOLS, acceptHttps);
  /** The API alone: neither MQTT nor WebSocket comes this way (managed-integrations reference 13.4). */
  const namedServer = ({ name, fips }: NamedListener): Server => {
    const servers = new HttpServers(
      {
        request: (request, response) => doors.request(request, response, name),
        upgrade: (_request, socket) => socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n"),
      },
      bounds,
    );
    allHttp.push(servers);
    return tlsServer(HTTP_PROTOCOLS, httpsTo(servers), fips ? FIPS_TLS : {});
  };
  /** Browsers of end users: asked for a client certificate, many of them would bother a person with the question. */
  const callbackServer = (): Server => {
    const servers = new HttpServers(
      {
        request: (request, response) => doors.callback?.(request, response),
        upgrade: (_request, socket) => socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n"),
      },
      bounds,
    );
    allHttp.push(servers);
    return tlsServer(HTTP_PROTOCOLS, httpsTo(servers), { requestCert: false });
  };
  const mqttNames = [MQTT_WITH_CERTIFICATE, MQTT_WITH_AUTHORIZER];
  const any = tlsServer([...mqttNames, ...HTTP_PROTOCOLS], (socket) => {
    if (socket.alpnProtocol && mqttNames.includes(socket.alpnProtocol)) acceptMqtt(socket);
    else if (socket.alpnProtocol) acceptHttps(socket);
    else byFirstByte(socket, () => acceptMqtt(socket));
  });

  const listen = async (server: Server, port: number, host: string, setting: string): Promise<number> => {
    servers.push(server);
    try {
      return await bind(server, port, host);
    } catch (error) {
      throw new ListenError(explain(error as NodeJS.ErrnoException, port, host, setting));
    }
  };

  try {
    const ports: Ports = {
      api: await listen(api, configuration.apiPort, LOOPBACK, "HEARTH_API_PORT"),
      https: await listen(https, configuration.httpsPort, configuration.bind, "HEARTH_HTTPS_PORT"),
      mqtts: await listen(mqttOnly, configuration.mqttsPort, configuration.bind, "HEARTH_MQTTS_PORT"),
      tls: 0,
      callback: undefined,
      openMqtt: undefined,
      named: {},
    };
    if (configuration.callbackPort !== undefined) {
      const { callbackPort, bind: host } = configuration;
      ports.callback = await listen(callbackServer(), callbackPort, host, "HEARTH_CALLBACK_PORT");
    }
    const named: Record<string, number> = {};
    for (const listener of configuration.listeners ?? []) {
      const setting = `the listener ${listener.name} in HEARTH_LISTENERS`;
      named[listener.name] = await listen(
        namedServer(listener),
        listener.port,
        listener.bind ?? configuration.bind,
        setting,
      );
    }
    ports.named = named;
    if (configuration.openMqttPort !== undefined) {
      const open = createTcpServer((socket) => doors.openMqtt(track(readIntoOneBuffer(socket))));
      ports.openMqtt = await listen(open, configuration.openMqttPort, LOOPBACK, "HEARTH_OPEN_MQTT_PORT");
    }
    let tlsPortNote: string | undefined;
    if (configuration.tlsPort !== undefined) {
      ports.tls = await listen(any, configuration.tlsPort, configuration.bind, "HEARTH_TLS_PORT");
    } else {
      servers.push(any);
      try {
        ports.tls = await bind(any, 443, configuration.bind);
      } catch (error) {
        ports.tls = await bind(any, 0, configuration.bind);
        const why = (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? "is taken" : "may not be bound";
        tlsPortNote = `port 443 ${why}, so ${ports.tls} stands in for it (HEARTH_TLS_PORT chooses)`;
      }
    }
    return {
      ports,
      ...(tlsPortNote ? { tlsPortNote } : {}),
      stopAccepting() {
        for (const server of servers) server.close();
      },
      show(renewed) {
        for (const show of shown) show(renewed);
      },
      drain() {
        for (const servers of allHttp) servers.drain();
      },
      async close() {
        for (const servers of allHttp) servers.close();
        for (const socket of sockets) socket.destroy();
        await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))));
      },
    };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: 4096 }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string, setting: string): string {
  const where = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (error.code === "EADDRINUSE") {
    return `${where} is taken by another program. Stop it, or choose another port with ${setting} (0: any free one).`;
  }
  if (error.code === "EACCES") {
    return `${where} may not be bound by this user. Choose a port above 1023 with ${setting}.`;
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return `${host} is not an address of this machine. Set HEARTH_BIND to one that is.`;
  }
  return `${where} cannot be bound: ${error.message} (${setting})`;
}
