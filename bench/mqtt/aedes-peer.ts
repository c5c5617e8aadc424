import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";

/** aedes as a process: the settings are a file that the first argument names. */
const { tcpPort, tlsPort, ca, cert, key } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
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
