/** What `auth` needs to know of certificates and things; `iot` supplies it at composition. */
export interface DeviceDirectory {
  /** In all accounts, at most one in each. By certificate id: lower-case hex SHA-256 of the DER. */
  registrations(certificateId: string): Promise<readonly DeviceCertificate[]>;
  /** Policies attached to the certificate (default versions). */
  policies(accountId: string, certificateId: string): Promise<readonly { name: string; document: string }[]>;
  /** A policy's default version; undefined when there is none of this name. */
  policy(accountId: string, region: string, name: string): Promise<{ name: string; document: string } | undefined>;
  /** The thing that a connection of this certificate with this client id stands for (reference 5, 7). */
  thing(accountId: string, certificateId: string, clientId: string): Promise<ConnectedThing | undefined>;
}

/** A certificate as one account has registered it. */
export interface DeviceCertificate {
  accountId: string;
  region: string;
  certificateId: string;
  /** Issued by this platform to this account; others may only register a copy of it. */
  issuedHere: boolean;
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
