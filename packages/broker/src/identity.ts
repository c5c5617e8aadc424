/** Who stands behind a connection; established by TLS or by the upgrade request before the broker sees the socket. */
export interface ConnectionIdentity {
  accountId: string;
  region: string;
  /** Certificate id, or `<account>/<id>:<session>` for IAM. */
  principalId: string;
  certificateId?: string;
  certificateDer?: Uint8Array;
  sourceIp: string;
  /** As the connection log tells it; absent: `MQTT`. */
  protocol?: "WebSocket";
  /** The socket's other addresses, where they are known; GetConnection tells them. */
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
  /**
   * What this principal may do under a client id. Rejects when that cannot be found out; a principal without rights
   * gets permissions that allow nothing.
   */
  permissionsFor(clientId: string): Promise<Permissions>;
}

export interface Permissions {
  allows(
    action: string,
    resourceArn: string,
    context?: Record<string, string | string[]>,
  ): { allowed: boolean; reason: string };
  /** The registered thing that the connection stands for. */
  readonly thingName?: string;
}
