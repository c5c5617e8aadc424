import { createPrivateKey, X509Certificate } from "node:crypto";
import { InternalError } from "@hearth/base";
import type { CredentialLabel, CredentialStore, StoredRecords } from "@hearth/device-sdk";
import type { CertificateHandler } from "../certificates/certificate-handler.ts";
import type { PermanentPaths } from "../certificates/open-handler.ts";
import { type Configuration, ConfigurationError } from "../configuration/configuration.ts";
import type { JsonFile } from "../state/state.ts";

/** A certificate that was issued and not yet tied to the hub's thing; the pair itself is with the handler already. */
export interface Pending {
  certificateId: string;
  certificateOwnershipToken: string;
  createdAt: number;
}

/** The file's value: nothing pending, or one. Throws for anything else. */
export function parsePending(json: unknown): Pending | null {
  if (json === null) return null;
  const { certificateId, certificateOwnershipToken, createdAt } = json as Partial<Pending>;
  if (
    typeof certificateId !== "string" ||
    typeof certificateOwnershipToken !== "string" ||
    typeof createdAt !== "number"
  ) {
    throw new Error("not a pending certificate");
  }
  return { certificateId, certificateOwnershipToken, createdAt };
}

/**
 * What the device SDK's `provision` keeps, for a hub. The key goes to the certificate handler at once and is nowhere
 * else; who the hub is stands in `iotmi_config.json`, whose PROVISIONED makes the pair count. So each step is one
 * durable write, and a kill between any two leaves what the next run goes on with.
 */
export function createOnboardingStore(deps: {
  configuration: Configuration;
  handler: CertificateHandler;
  pending: JsonFile<Pending | null>;
  paths: PermanentPaths;
}): CredentialStore {
  const { configuration, handler, pending, paths } = deps;

  async function permanent() {
    const pair = await handler.read("PERMANENT");
    if (!pair) return undefined;
    const { certificate, key } = pair;
    const { fingerprint256 } = new X509Certificate(certificate);
    const certificateId = fingerprint256.replaceAll(":", "").toLowerCase();
    return { certificate, certificateId, privateKey: "pem" in key ? key.pem : "" };
  }

  async function device(): Promise<StoredRecords["Device Cert"] | undefined> {
    const { identity } = configuration;
    if (!identity) return undefined;
    const pair = await permanent();
    if (!pair) {
      throw new ConfigurationError(
        `${configuration.path} says PROVISIONED, but the permanent certificate or key is missing (${paths.certificatePath}, ` +
          `${paths.keyPath}): restore them, or delete the hub's managed thing by force and set ` +
          `rw.iot_provisioning_state to NOT_PROVISIONED`,
      );
    }
    const { managedThingId, clientId } = identity;
    return { ...pair, managedThingId, clientId, thingName: managedThingId };
  }

  async function issued(): Promise<StoredRecords["Pending Cert"] | undefined> {
    const pair = pending.value && (await permanent());
    return pending.value && pair?.certificateId === pending.value.certificateId
      ? { ...pair, ...pending.value }
      : undefined;
  }

  return {
    // The overloads by label are not for one implementation to prove.
    load: (async (label: CredentialLabel) =>
      label === "Device Cert" ? device() : label === "Pending Cert" ? issued() : undefined) as CredentialStore["load"],

    async save(label, record) {
      if (label === "Pending Cert") {
        const { certificate, privateKey, certificateId, certificateOwnershipToken, createdAt } =
          record as StoredRecords["Pending Cert"];
        await handler.writePermanent(certificate, privateKey === "" ? undefined : pkcs8(privateKey));
        await pending.replace({ certificateId, certificateOwnershipToken, createdAt });
      } else if (label === "Device Cert") {
        const { managedThingId, clientId } = record as StoredRecords["Device Cert"];
        await configuration.provisioned({ managedThingId, clientId }, paths);
      } else throw new InternalError(`onboarding does not keep ${label}`);
    },

    async erase(label) {
      if (label !== "Pending Cert") throw new InternalError(`onboarding does not erase ${label}`);
      if (pending.value !== null) await pending.replace(null);
    },
  };
}

/** One form for all stores, whichever the platform has chosen. */
const pkcs8 = (pem: string): string => createPrivateKey(pem).export({ type: "pkcs8", format: "pem" }).toString();
