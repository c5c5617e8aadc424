import { createHmac } from "node:crypto";
import { BoundedMap } from "@hearth/base";
import type { CredentialScope } from "./authorization.ts";

/** The signing keys of one secret: deriving one takes four HMACs, so those in use are kept. */
export interface SigningKeys {
  /** The secret itself, which the older presigned URLs are signed with. */
  secret: string;
  derive(scope: CredentialScope): Buffer;
  /** Call once a signature proved to be right: what strangers send must not fill the cache. */
  keep(scope: CredentialScope, key: Buffer): void;
}

/** Services × regions × yesterday and today. */
const MOST_KEPT = 64;

export function createSigningKeys(secret: string): SigningKeys {
  const kept = new BoundedMap<string, Buffer>(MOST_KEPT);
  const nameOf = ({ date, region, service }: CredentialScope): string => `${date}/${region}/${service}`;
  return {
    secret,
    derive(scope) {
      const known = kept.get(nameOf(scope));
      if (known) return known;
      const parts = [scope.date, scope.region, scope.service, "aws4_request"];
      return parts.reduce((key, part) => createHmac("sha256", key).update(part).digest(), Buffer.from(`AWS4${secret}`));
    },
    keep(scope, key) {
      const name = nameOf(scope);
      if (!kept.has(name)) kept.set(name, key);
    },
  };
}
