import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { ServiceError } from "@hearth/contract";

export interface KeyPairPem {
  publicKey: string;
  /** PKCS #1, as AWS gives it. */
  privateKey: string;
}

/**
 * RSA keys take some 100 ms of processor time each. They are made off the event loop, and only a few at a time, so that
 * a crowd of devices being provisioned leaves room for everything else that uses the same threads.
 */
const AT_A_TIME = 2;
const WAITING = { all: 1000, one: 100 };

const generate = promisify(generateKeyPair);
const rsa2048 = (): Promise<KeyPairPem> =>
  generate("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });

/** RSA 2048 for `who` (a client, an account). Throws `ThrottlingException` when too many are waiting. */
export type CreateKeyPair = (who: string) => Promise<KeyPairPem>;

export function createKeyPairs(limits: { all: number; one: number } = WAITING, make = rsa2048): CreateKeyPair {
  let running = 0;
  let waiting = 0;
  /** Those in line, by who asked. Places are given to each in turn: a crowd of one cannot shut the others out. */
  const lines = new Map<string, (() => void)[]>();

  async function wait(who: string): Promise<void> {
    const line = lines.get(who) ?? [];
    if (waiting >= limits.all || line.length >= limits.one) {
      throw new ServiceError("ThrottlingException", "Too many keys are being created");
    }
    lines.set(who, line);
    waiting++;
    await new Promise<void>((resolve) => line.push(resolve));
  }

  /** The place passes to the one who has waited longest for a turn. */
  function pass(): void {
    const [next] = lines;
    if (!next) {
      running--;
      return;
    }
    const [who, line] = next;
    const go = line.shift();
    lines.delete(who);
    if (line.length > 0) lines.set(who, line);
    waiting--;
    go?.();
  }

  return async (who) => {
    if (running >= AT_A_TIME) await wait(who);
    else running++;
    try {
      return await make();
    } finally {
      pass();
    }
  };
}
