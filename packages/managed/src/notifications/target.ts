/** One record on its way to a destination. */
export interface Delivery {
  accountId: string;
  region: string;
  /** DeliveryDestinationArn. */
  targetArn: string;
  roleArn: string;
  /** The managed thing's id: keeps the order of one thing's notifications (U20). */
  partitionKey: string;
  messageId: string;
  data: Uint8Array;
}

/** A kind of place that notifications go to. */
export interface Target {
  /** What the assumed role must be allowed to do on the target's ARN. */
  readonly action: string;
  /** Resolves once the record is there. `signal` aborts when it has taken too long. Rejects when it could not. */
  put(delivery: Delivery, signal: AbortSignal): Promise<void>;
  /** Ends connections that it keeps. */
  close?(): void;
}
