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
const WAITING = 200;

const generate = promisify(generateKeyPair);

export function createKeyPairs(): () => Promise<KeyPairPem> {
  let running = 0;
  const waiting: (() => void)[] = [];

  /** RSA 2048. Throws `ThrottlingException` when too many are waiting. */
  return async () => {
    if (running >= AT_A_TIME) {
      if (waiting.length >= WAITING) throw new ServiceError("ThrottlingException", "Too many keys are being created");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await generate("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
      });
    } finally {
      // The place passes to the next in line.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
