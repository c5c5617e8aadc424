import { createPublicKey, createVerify, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";

/** The key that firmware must be signed by, which leaves the factory with the device. Throws unless it is of P-256. */
export function signingKey(pem: string): KeyObject {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new Error("the signing key is not an ECDSA key on P-256");
  }
  return key;
}

/** Whether `signature` (base64 of DER, ECDSA over SHA-256) is `key`'s for the file. */
export async function isSigned(path: string, signature: string, key: KeyObject): Promise<boolean> {
  const verify = createVerify("sha256");
  for await (const chunk of createReadStream(path)) verify.update(chunk);
  return verify.verify(key, signature, "base64");
}
