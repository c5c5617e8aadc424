/** What `auth` needs to know of certificates and things; `iot` supplies it at composition. */
export interface DeviceDirectory {
  /** By certificate id: lower-case hex SHA-256 of the DER. */
  certificate(certificateId: string): Promise<DeviceCertificate | undefined>;
  /** Policies attached to the certificate (default versions). */
  policies(accountId: string, certificateId: string): Promise<readonly { name: string; document: string }[]>;
  /** A policy's default version; undefined when there is none of this name. */
  policy(accountId: string, region: string, name: string): Promise<{ name: string; document: string } | undefined>;
  /** The thing that a connection of this certificate with this client id stands for (reference 5, 7). */
  thing(accountId: string, certificateId: string, clientId: string): Promise<ConnectedThing | undefined>;
}

export interface DeviceCertificate {
  accountId: string;
  region: string;
  certificateId: string;
  status: "ACTIVE" | "INACTIVE" | "REVOKED" | "PENDING_TRANSFER" | "REGISTER_INACTIVE" | "PENDING_ACTIVATION";
  /** Milliseconds. */
  notBefore: number;
  notAfter: number;
}

export interface ConnectedThing {
  thingName: string;
  thingTypeName?: string;
  attributes: Readonly<Record<string, string>>;
}
