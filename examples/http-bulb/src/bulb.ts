import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a bulb tells of itself: `GET /bulb`. */
export interface BulbState {
  /** Its own for ever. */
  serial: string;
  model: string;
  on: boolean;
  /** 1 to 254. */
  level: number;
}

export interface Bulb {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  readonly state: Readonly<BulbState>;
  /** A hand on the bulb. */
  change(values: { on?: boolean; level?: number }): void;
  close(): Promise<void>;
}

const MODEL = "HTTP bulb";
const MOST_BYTES = 1024;

/** A bulb on the local network: `GET /bulb` says how it is, `PUT /bulb` with `on`, `level` or both changes it. */
export async function startBulb(options: { serial: string; port?: number; host?: string }): Promise<Bulb> {
  const { serial, port = 0, host = "127.0.0.1" } = options;
  if (!/^[A-Za-z0-9]{1,32}$/.test(serial)) throw new RangeError("a serial has 1 to 32 letters and digits");
  const state: BulbState = { serial, model: MODEL, on: false, level: 254 };

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.url !== "/bulb") return answer(404, { message: "There is only /bulb." });
    if (request.method === "GET") return answer(200, state);
    if (request.method !== "PUT") return answer(405, { message: "GET or PUT." });
    const values = await readValues(request);
    if (!values) return answer(400, { message: "on is true or false, level 1 to 254." });
    Object.assign(state, values);
    return answer(200, state);
  });
  server.requestTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    address: `http://${host}:${bound}`,
    state,
    change: (values) => void Object.assign(state, values),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readValues(request: IncomingMessage): Promise<{ on?: boolean; level?: number } | undefined> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_BYTES) return undefined;
  }
  try {
    const { on, level } = JSON.parse(text) as { on?: unknown; level?: unknown };
    if (on !== undefined && typeof on !== "boolean") return undefined;
    const isLevel = Number.isInteger(level) && (level as number) >= 1 && (level as number) <= 254;
    if (level !== undefined && !isLevel) return undefined;
    return { ...(on === undefined ? {} : { on }), ...(level === undefined ? {} : { level: level as number }) };
  } catch {
    return undefined;
  }
}
