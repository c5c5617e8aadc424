import { createHash, X509Certificate } from "node:crypto";
import type { JsonObject } from "@hearth/device-sdk";
import type { CertificateHandler, CreateCertificateHandler, Pkcs11Location } from "../certificate-handler.ts";
import { createFileCertificateHandler } from "../file-handler.ts";
import { certificateRequest, P256 } from "./certificate-request.ts";
import { type TokenSession, withToken } from "./token.ts";

/** The labels of reference 11.2. */
const PERMANENT = "Device Cert";

/**
 * The permanent key in a PKCS #11 token (reference 10.7): made there, signing there, never anywhere else. The claim, the
 * same for all of a maker's hubs, stays in files.
 */
export const createCertificateHandler: CreateCertificateHandler = async ({ configuration }) => {
  const { location, claim } = settingsOf(configuration);
  const claims = createFileCertificateHandler({ ...claim, certificatePath: "", keyPath: "" });
  const handler: CertificateHandler = {
    async read(type) {
      if (type === "CLAIM") return claims.read("CLAIM");
      if (type !== "PERMANENT") return undefined;
      const der = await withToken(location, (token) => {
        const [certificate] = token.find(token.api.CKO_CERTIFICATE, PERMANENT);
        const [key] = token.find(token.api.CKO_PRIVATE_KEY, PERMANENT);
        return certificate && key && token.attribute(certificate, token.api.CKA_VALUE);
      });
      if (!der) return undefined;
      return {
        certificate: new X509Certificate(der).toString(),
        key: { pkcs11: { ...location, keyLabel: PERMANENT } },
      };
    },

    csr: (commonName) =>
      withToken(location, (token) => {
        const key = privateKey(token) ?? makeKey(token);
        return certificateRequest(commonName, publicPoint(token), (message) => sign(token, key, message));
      }),

    async writePermanent(certificate, key) {
      if (key !== undefined) throw new TypeError("the token makes the key itself");
      const { raw } = new X509Certificate(certificate);
      await withToken(location, (token) => {
        const { api, module, session } = token;
        const before = token.find(api.CKO_CERTIFICATE, PERMANENT);
        module.C_CreateObject(session, [
          { type: api.CKA_CLASS, value: api.CKO_CERTIFICATE },
          { type: api.CKA_CERTIFICATE_TYPE, value: api.CKC_X_509 },
          { type: api.CKA_TOKEN, value: true },
          { type: api.CKA_PRIVATE, value: false },
          { type: api.CKA_LABEL, value: PERMANENT },
          { type: api.CKA_ID, value: Buffer.from(PERMANENT) },
          { type: api.CKA_SUBJECT, value: Buffer.from([0x30, 0x00]) },
          { type: api.CKA_VALUE, value: raw },
        ]);
        for (const object of before) module.C_DestroyObject(session, object);
      });
    },

    erasePermanent: () =>
      withToken(location, (token) => {
        const { api, module, session } = token;
        for (const objectClass of [api.CKO_PRIVATE_KEY, api.CKO_PUBLIC_KEY, api.CKO_CERTIFICATE]) {
          for (const object of token.find(objectClass, PERMANENT)) module.C_DestroyObject(session, object);
        }
      }),
  };
  return handler;
};

const privateKey = (token: TokenSession): Buffer | undefined => token.find(token.api.CKO_PRIVATE_KEY, PERMANENT)[0];

function makeKey({ api, module, session }: TokenSession): Buffer {
  const named = [
    { type: api.CKA_TOKEN, value: true },
    { type: api.CKA_LABEL, value: PERMANENT },
    { type: api.CKA_ID, value: Buffer.from(PERMANENT) },
  ];
  const { privateKey: made } = module.C_GenerateKeyPair(
    session,
    { mechanism: api.CKM_EC_KEY_PAIR_GEN },
    [...named, { type: api.CKA_VERIFY, value: true }, { type: api.CKA_EC_PARAMS, value: P256 }],
    [
      ...named,
      { type: api.CKA_PRIVATE, value: true },
      { type: api.CKA_SENSITIVE, value: true },
      { type: api.CKA_EXTRACTABLE, value: false },
      { type: api.CKA_SIGN, value: true },
    ],
  );
  return made;
}

/** CKA_EC_POINT is an OCTET STRING around the point. */
function publicPoint(token: TokenSession): Buffer {
  const [key] = token.find(token.api.CKO_PUBLIC_KEY, PERMANENT);
  if (!key) throw new Error("the token has lost the public key of the permanent pair: erase its private key");
  return token.attribute(key, token.api.CKA_EC_POINT).subarray(-65);
}

function sign({ api, module, session }: TokenSession, key: Buffer, message: Buffer): Buffer {
  module.C_SignInit(session, { mechanism: api.CKM_ECDSA }, key);
  return module.C_Sign(session, createHash("sha256").update(message).digest(), Buffer.alloc(64));
}

function settingsOf({ ro }: JsonObject): {
  location: Pkcs11Location;
  claim: { claimCertificatePath: string; claimKeyPath: string };
} {
  const section = (ro as JsonObject | undefined)?.["pkcs11"];
  const value = (name: string) => (section as JsonObject | undefined)?.[name];
  const text = (name: string): string => {
    const found = value(name);
    if (typeof found !== "string" || found === "") throw new Error(`ro.pkcs11.${name} is missing`);
    return found;
  };
  const slot = value("slot");
  const tokenLabel = value("token_label");
  return {
    location: {
      library: text("library"),
      pinFile: text("pin_file"),
      ...(typeof slot === "number" ? { slot } : {}),
      ...(typeof tokenLabel === "string" ? { tokenLabel } : {}),
    },
    claim: { claimCertificatePath: text("claim_cert_path"), claimKeyPath: text("claim_pk_path") },
  };
}
