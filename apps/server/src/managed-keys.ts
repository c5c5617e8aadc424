import type { Auth } from "@hearth/auth";
import { InternalError } from "@hearth/base";
import type { KeyService, KeyUse } from "@hearth/managed";
import type { KeyCall, Keys } from "@hearth/stand-ins";

const SERVICE = "iotmanagedintegrations.amazonaws.com";

/** Every ciphertext is bound to the account (reference 13.1). */
const contextOf = ({ accountId }: KeyUse) => ({ "aws-crypto-ec:iotmanagedintegrations": accountId });

/** What managed integrations asks of the key management service: by itself, or for whoever sent a request. */
export function managedKeys(keys: Keys, rightsOf: Auth["rightsOf"]): KeyService {
  const asService = (use: KeyUse): KeyCall => ({
    keyArn: use.keyArn,
    encryptionContext: contextOf(use),
    caller: {
      kind: "service",
      service: SERVICE,
      sourceAccount: use.accountId,
      sourceArn: `arn:aws:iotmanagedintegrations:${use.region}:${use.accountId}:managed-thing/*`,
    },
  });
  return {
    generateDataKey: (use) => keys.generateDataKeyWithoutPlaintext(asService(use)),
    decrypt: (use, ciphertext) => keys.decrypt({ ...asService(use), ciphertext }),
    async describe(use, principal) {
      if (principal.type === "Certificate") throw new InternalError("a device does not choose its account's key");
      const { state } = await keys.describe({
        keyArn: use.keyArn,
        encryptionContext: contextOf(use),
        caller: { kind: "forwarded", principal, rights: await rightsOf(principal), viaService: SERVICE },
      });
      return { enabled: state === "Enabled" };
    },
    onChange: keys.onChange,
  };
}
