import { lookup as resolve } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createSecureContext, rootCertificates } from "node:tls";
import { blockList, isIn, isPublic } from "./addresses.ts";

/** The address is one that customers may not make the platform call. The message says why, in one line. */
export class OutboundRefused extends Error {}

export interface OutboundRequest {
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array;
  /** Milliseconds, from the look-up of the name to the end of the answer. */
  timeoutMs: number;
  /** Bytes of the answer's body that are read; a longer one is an error. */
  maxBytes: number;
  signal?: AbortSignal;
}

export interface OutboundAnswer {
  status: number;
  /** Names in lower case; what came several times is joined by ", ". */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** Requests to addresses that customers name: the one policy against request forgery. */
export interface Outbound {
  /**
   * One request, redirects not followed. The name is looked up once; every address that it has must be allowed, and the
   * connection goes to one of those. Throws OutboundRefused, or the error of the network.
   */
  request(url: string, request: OutboundRequest): Promise<OutboundAnswer>;
  /** Throws OutboundRefused: for the call that takes a URL into the configuration. Names that do not resolve pass. */
  check(url: string): Promise<void>;
}

export type LookUp = (host: string) => Promise<readonly { address: string; family: number }[]>;

const systemLookUp: LookUp = (host) => resolve(host, { all: true, verbatim: true });

/**
 * `allow`: CIDR blocks, addresses and host names that are called although they are not public, on any port.
 * `ca`: certificates (PEM) of authorities that are trusted besides Node's.
 */
export function createOutbound({
  allow = [],
  lookUp = systemLookUp,
  ca = [],
}: {
  allow?: readonly string[];
  lookUp?: LookUp;
  ca?: readonly string[];
} = {}): Outbound {
  // Once: a context of a hundred and more roots takes milliseconds to make.
  const trusted = ca.length > 0 ? { secureContext: createSecureContext({ ca: [...rootCertificates, ...ca] }) } : {};
  const isBlock = (entry: string) => isIP(entry.split("/")[0] ?? "") !== 0;
  const allowedBlocks = blockList(allow.filter(isBlock));
  const allowedHosts = new Set(allow.filter((entry) => !isBlock(entry)).map((host) => host.toLowerCase()));

  function parse(text: string): { url: URL; host: string } {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw new OutboundRefused("It is not a URL.");
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new OutboundRefused("Only http and https URLs are called.");
    }
    if (url.username !== "" || url.password !== "") {
      throw new OutboundRefused("The URL must not carry a user name or password.");
    }
    return { url, host: url.hostname.replace(/^\[|\]$/g, "") };
  }

  /** The addresses of the host, all of them allowed. */
  async function addressesOf({ url, host }: { url: URL; host: string }) {
    const family = isIP(host);
    const addresses = family === 0 ? await lookUp(host) : [{ address: host, family }];
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    if (allowedHosts.has(host)) return addresses;
    const isAllowed = addresses.every(({ address }) => isIn(allowedBlocks, address));
    const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
    if (!isAllowed && port < 1024 && port !== 80 && port !== 443) {
      throw new OutboundRefused(`Port ${port} is not called; use 80, 443 or one from 1024.`);
    }
    const local = addresses.find(({ address }) => !isPublic(address) && !isIn(allowedBlocks, address));
    if (local) {
      throw new OutboundRefused(
        `${host} is not on the public internet (${local.address}). The operator can allow it by outboundAllow.`,
      );
    }
    return addresses;
  }

  return {
    async check(text) {
      const parsed = parse(text);
      try {
        await addressesOf(parsed);
      } catch (error) {
        if (error instanceof OutboundRefused) throw error;
      }
    },

    async request(text, { method, headers, body, timeoutMs, maxBytes, signal }) {
      const parsed = parse(text);
      const timeout = AbortSignal.timeout(timeoutMs);
      const ended = signal ? AbortSignal.any([signal, timeout]) : timeout;
      const [target] = await unlessAborted(ended, addressesOf(parsed));
      const { address, family } = target!;
      // The name is not looked up a second time: it could have another address by then.
      const pinned: LookupFunction = (_host, options, done) =>
        options.all ? done(null, [{ address, family }]) : done(null, address, family);
      const open = parsed.url.protocol === "https:" ? requestHttps : requestHttp;
      return new Promise((settle, reject) => {
        const sent = open(
          parsed.url,
          { method, headers: { ...headers }, lookup: pinned, agent: false, signal: ended, ...trusted },
          (answer) => {
            const chunks: Buffer[] = [];
            let bytes = 0;
            answer.on("data", (chunk: Buffer) => {
              bytes += chunk.length;
              if (bytes > maxBytes) answer.destroy(new Error(`the answer has more than ${maxBytes} bytes`));
              else chunks.push(chunk);
            });
            answer.on("error", reject);
            answer.on("end", () =>
              settle({
                status: answer.statusCode ?? 0,
                headers: Object.fromEntries(
                  Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
                ),
                body: Buffer.concat(chunks),
              }),
            );
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    },
  };
}

function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
