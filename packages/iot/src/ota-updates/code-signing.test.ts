import { createSign } from "node:crypto";
import type { Iot } from "@hearth/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { makeCa, type Signed } from "../../../../tests/kit/certificate-authority.ts";
import { readSignature, verifySignature } from "./code-signing.ts";

const FILE = [Buffer.from("first half, "), Buffer.from("second half")];

let maker: Signed;
let other: Signed;
beforeAll(async () => {
  const ca = await makeCa("CN=maker");
  [maker, other] = await Promise.all([ca.sign("CN=code"), ca.sign("CN=other")]);
});

const sign = (hash: string, by = maker) => createSign(hash).update(Buffer.concat(FILE)).sign(by.privateKey);
const signing = (more: Partial<Iot.CustomCodeSigning> = {}): Iot.CustomCodeSigning => ({
  signature: { inlineDocument: sign("sha256") },
  certificateChain: { certificateName: "/certs/maker.pem", inlineDocument: maker.certificate },
  hashAlgorithm: "SHA256",
  signatureAlgorithm: "ECDSA",
  ...more,
});
async function* file(chunks: readonly Buffer[] = FILE) {
  yield* chunks;
}
const verify = (more?: Partial<Iot.CustomCodeSigning>, chunks?: readonly Buffer[]) =>
  verifySignature(readSignature(signing(more)), file(chunks));

test.each(["SHA1", "SHA-256", "sha384", "SHA512"])("a signature of the file by %s is good", async (hashAlgorithm) => {
  const hash = hashAlgorithm.toLowerCase().replace("-", "");
  await verify({ hashAlgorithm, signature: { inlineDocument: sign(hash) } });
});

describe("a signature is bad", () => {
  test("of another file, by another key, by another hash, or of noise", async () => {
    const bad = "the signature is not that of the file";
    await expect(verify({}, [Buffer.from("another file")])).rejects.toThrow(bad);
    await expect(verify({ signature: { inlineDocument: sign("sha256", other) } })).rejects.toThrow(bad);
    await expect(verify({ signature: { inlineDocument: sign("sha512") } })).rejects.toThrow(bad);
    await expect(verify({ signature: { inlineDocument: Buffer.from("noise") } })).rejects.toThrow(bad);
  });

  test.each([
    ["no signature", { signature: {} }, "needs signature"],
    ["an unknown hash", { hashAlgorithm: "MD5" }, "hashAlgorithm"],
    ["an unknown algorithm", { signatureAlgorithm: "DSA" }, "signatureAlgorithm"],
    ["no certificate", { certificateChain: { inlineDocument: "text" } }, "no certificate in PEM"],
    ["a key of another kind", { signatureAlgorithm: "RSA" }, "not one for RSA"],
  ] as const)("%s", async (_, more, why) => {
    await expect((async () => verify(more))()).rejects.toThrow(why);
  });
});

test("without its certificate there is nothing to verify it by: the device does", async () => {
  await verify({ certificateChain: { certificateName: "/certs/maker.pem" } }, [Buffer.from("anything")]);
});
