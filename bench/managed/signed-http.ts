import { createHash, createHmac } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface Signer {
  endpoint: string;
  region: string;
  service: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface SignedConnection {
  /** One POST at a time. Rejects with the answer's text unless it succeeded. */
  post(path: string, body: string, target?: string): Promise<string>;
  close(): void;
}

/**
 * A kept-alive HTTP/1.1 connection whose requests are signed by SigV4: what an app needs and no more, so that the load
 * costs little beside the server.
 */
export function openSigned(signer: Signer): SignedConnection {
  const { hostname, port, host } = new URL(signer.endpoint);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const sign = createSigner(signer, host);
  let waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;
  let received = "";
  const settle = (): void => {
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
    if (received.length < end + 4 + length) return;
    const body = Buffer.from(received.slice(end + 4, end + 4 + length), "latin1").toString();
    const succeeded = received.startsWith("HTTP/1.1 2");
    received = "";
    const asked = waiting;
    waiting = undefined;
    if (succeeded) asked?.resolve(body);
    else asked?.reject(new Error(body));
  };
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    settle();
  });
  const ended = (error?: Error) => waiting?.reject(error ?? new Error("the server closed the connection"));
  socket.on("error", ended);
  socket.on("close", () => ended());
  return {
    post: (path, body, target) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(sign(path, body, target));
      }),
    close: () => void socket.destroy(),
  };
}

/** The whole request as text. The signing key is derived once a day, as AWS's SDKs keep it. */
function createSigner({ region, service, accessKeyId, secretAccessKey }: Signer, host: string) {
  let day = "";
  let key: Buffer = Buffer.alloc(0);
  const hmac = (secret: string | Buffer, text: string) => createHmac("sha256", secret).update(text).digest();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  return (path: string, body: string, target?: string): string => {
    const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
    if (!time.startsWith(day) || day === "") {
      day = time.slice(0, 8);
      key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
    }
    const headers = `host:${host}\nx-amz-date:${time}\n${target === undefined ? "" : `x-amz-target:${target}\n`}`;
    const names = `host;x-amz-date${target === undefined ? "" : ";x-amz-target"}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const canonical = `POST\n${path}\n\n${headers}\n${names}\n${sha256(body)}`;
    const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
    return (
      `POST ${path} HTTP/1.1\r\n${headers.replaceAll("\n", "\r\n")}content-length: ${Buffer.byteLength(body)}\r\n` +
      `authorization: AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}\r\n\r\n${body}`
    );
  };
}
