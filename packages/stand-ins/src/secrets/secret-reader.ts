/** Who reads a secret on behalf of a resource: a service of the platform, as the secret's and the key's policies see it. */
export interface SecretCaller {
  /** `iotmanagedintegrations.amazonaws.com` */
  service: string;
  /** `aws:SourceAccount` */
  sourceAccount: string;
  /** `aws:SourceArn`, where the read is on behalf of one resource. */
  sourceArn?: string;
}

export interface SecretAsk {
  /** The account and region that the service asks in. */
  account: string;
  region: string;
  /** Full ARN, with the six random characters or without (AWS: GetSecretValue, SecretId). */
  secretArn: string;
  versionId?: string;
  /** Absent as `versionId`: `AWSCURRENT`. */
  versionStage?: string;
  caller: SecretCaller;
}

/** `text` or `bytes`, as the secret was written. */
export type SecretRead =
  | { outcome: "read"; text?: string; bytes?: Uint8Array; versionId: string }
  | {
      /**
       * `denied`: the secret's policy does not allow the caller; `not-found`: no such secret, version or stage;
       * `deleted`: it waits for its deletion; `key-unusable`: its KMS key is disabled, gone, or not the caller's to use.
       */
      outcome: "denied" | "not-found" | "deleted" | "key-unusable";
      /** For a person; holds no secret. */
      message: string;
    };

/** Reads secrets for services of the platform: from the stand-in, or from the real Secrets Manager. */
export interface SecretReader {
  /** Rejects only where the store or the network is away. */
  read(ask: SecretAsk): Promise<SecretRead>;
  close?(): void;
}
