import type { Write } from "@hearth/backplane";

/** What a pre-provisioning hook is asked (reference 6): may this device have a permanent identity. */
export interface ProvisioningHookInput {
  accountId: string;
  region: string;
  templateName: string;
  /** The claim certificate, or the CA that has signed the device's own. */
  claimCertificateId: string;
  /** The parameters come from a certificate that the CA has signed, not from the device. */
  signed: boolean;
  /** Of the new certificate, which is not active yet. */
  certificateId: string;
  certificatePem: string;
  clientId: string;
  /** What the device sent. */
  parameters: Readonly<Record<string, string>>;
}

export interface ProvisioningHookOutput {
  allowProvisioning: boolean;
  /** Replace and add to the device's parameters. */
  parameterOverrides?: Readonly<Record<string, string>>;
  /** Committed in the batch that provisions the device; a `WriteConflict` asks the hook again. */
  writes?: readonly Write[];
  /** An earlier certificate of this device: deactivated and detached in the same batch. */
  replacesCertificateId?: string;
}

/** May reject or take too long: then the device is refused. */
export type ProvisioningHook = (input: ProvisioningHookInput) => Promise<ProvisioningHookOutput>;
