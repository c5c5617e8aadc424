import { createVerify, type KeyObject, X509Certificate } from "node:crypto";
import type { Iot } from "@hearth/contract";

/** A file's signature, as its maker gives it (CreateOTAUpdate, customCodeSigning). */
export interface Signature {
  hash: "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
  algorithm: "rsa" | "ecdsa";
  bytes: Uint8Array;
  /** By which it is verified; without one there is nothing to verify it by, and the device alone does. */
  certificatePem?: string;
  /** Where the device keeps the certificate. */
  certificateName?: string;
}

/** A signature that is none, or not this file's. */
export class CodeSigningError extends Error {
  override readonly name = "CodeSigningError";
}

const HASHES: readonly string[] = ["sha1", "sha224", "sha256", "sha384", "sha512"];

/** Reads what CreateOTAUpdate says of a file's signature. Throws CodeSigningError that says what is wrong. */
export function readSignature(signing: Iot.CustomCodeSigning): Signature {
  const { signature, certificateChain, hashAlgorithm = "", signatureAlgorithm = "" } = signing;
  const bytes = signature?.inlineDocument;
  if (bytes === undefined || bytes.length === 0)
    throw new CodeSigningError("customCodeSigning needs signature.inlineDocument");
  const hash = hashAlgorithm.toLowerCase().replace("-", "");
  if (!HASHES.includes(hash)) throw new CodeSigningError(`hashAlgorithm takes SHA1, SHA224, SHA256, SHA384 or SHA512`);
  const algorithm = signatureAlgorithm.toLowerCase();
  if (algorithm !== "rsa" && algorithm !== "ecdsa") throw new CodeSigningError("signatureAlgorithm takes RSA or ECDSA");
  const { inlineDocument: certificatePem, certificateName } = certificateChain ?? {};
  return {
    hash: hash as Signature["hash"],
    algorithm,
    bytes,
    ...(certificatePem === undefined ? {} : { certificatePem }),
    ...(certificateName === undefined ? {} : { certificateName }),
  };
}

/** The key of the chain's first certificate. Throws CodeSigningError. */
export function keyOf({ certificatePem, algorithm }: Signature): KeyObject | undefined {
  if (certificatePem === undefined) return undefined;
  let key: KeyObject;
  try {
    key = new X509Certificate(certificatePem).publicKey;
  } catch {
    throw new CodeSigningError("certificateChain.inlineDocument is no certificate in PEM");
  }
  const type = key.asymmetricKeyType;
  if (type !== (algorithm === "rsa" ? "rsa" : "ec")) {
    throw new CodeSigningError(`the certificate's key is of type ${type}, not one for ${algorithm.toUpperCase()}`);
  }
  return key;
}

/** Whether the signature is of these bytes: RSA by PKCS #1 v1.5, ECDSA in DER. Throws CodeSigningError. */
export async function verifySignature(signature: Signature, file: AsyncIterable<Uint8Array>): Promise<void> {
  const key = keyOf(signature);
  if (key === undefined) return;
  const verify = createVerify(signature.hash);
  for await (const chunk of file) verify.update(chunk);
  if (!verify.verify(key, signature.bytes)) {
    throw new CodeSigningError("the signature is not that of the file by the certificate's key");
  }
}
