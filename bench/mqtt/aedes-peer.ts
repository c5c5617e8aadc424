import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** All of aedes that is used here: named as a value, so that only this process needs it to be installed. */
interface AedesModule {
  Aedes: { createBroker(): Promise<{ handle(socket: Socket): void }> };
}

const PACKAGE: string = "aedes";

/** aedes as a process: the settings are a file that the first argument names. */
const { tcpPort, tlsPort, ca, cert, key } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const { Aedes } = (await import(PACKAGE)) as AedesModule;
const aedes = await Aedes.createBroker();
const accept = (socket: Socket) => {
  socket.setNoDelay(true);
  aedes.handle(socket);
};
createServer(accept).listen({ port: tcpPort, host: "127.0.0.1", backlog: 4096 });
createTlsServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, accept).listen({
  port: tlsPort,
  host: "127.0.0.1",
  backlog: 4096,
});
