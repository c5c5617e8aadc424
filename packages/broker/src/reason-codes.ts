import { Reason } from "@hearth/mqtt";
import type { BrokerLimits } from "./limits.ts";

type Codes = Pick<BrokerLimits, "allReasonCodes">;

/** The codes of reference 1.3 that a CONNACK and a DISCONNECT from the server may carry. */
const CONNACK = new Set([0x00, 0x80, 0x85, 0x86, 0x87, 0x90, 0x97, 0x9b]);
const DISCONNECT = new Set([0x81, 0x82, 0x87, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x97, 0x98, 0x9b, 0xa1]);

/** The code of a CONNACK: AWS says "unspecified" where the standard is more precise, and "quota" for what is too large. */
export function connackCode(code: number, { allReasonCodes }: Codes): number {
  if (allReasonCodes || CONNACK.has(code)) return code;
  return code === Reason.PacketTooLarge ? Reason.QuotaExceeded : Reason.Unspecified;
}

/**
 * The code of a DISCONNECT; undefined: none is sent, because AWS has no code that would tell a client of a fault in the
 * server without blaming it on the client.
 */
export function disconnectCode(code: number | undefined, { allReasonCodes }: Codes): number | undefined {
  if (code === undefined || allReasonCodes || DISCONNECT.has(code)) return code;
  return code === Reason.PacketTooLarge ? Reason.QuotaExceeded : undefined;
}

/** The code for an UNSUBSCRIBE of what was not subscribed to. */
export const noSubscriptionCode = ({ allReasonCodes }: Codes): number =>
  allReasonCodes ? Reason.NoSubscriptionExisted : Reason.Success;
