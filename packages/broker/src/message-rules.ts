import type { MessageProperties } from "@hearth/iot";
import { type BrokerLimits, type LimitName, messageExpiryFor } from "./limits.ts";

/** The limit that a publication's or a will's properties are beyond; undefined when they are within all. */
export function excessOf(
  { contentType, correlationData, userProperties = [] }: MessageProperties,
  limits: Pick<BrokerLimits, "contentType" | "correlationData" | "userProperties">,
): LimitName | undefined {
  let pairs = 0;
  for (const [name, value] of userProperties) pairs += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (pairs > limits.userProperties) return "userProperties";
  if ((correlationData?.length ?? 0) > limits.correlationData) return "correlationData";
  return Buffer.byteLength(contentType ?? "") > limits.contentType ? "contentType" : undefined;
}

/** The properties with an expiry that is granted, where one is asked for. */
export function withinExpiry(
  properties: MessageProperties,
  limits: Pick<BrokerLimits, "messageExpiryMinimum" | "messageExpiryMaximum">,
): MessageProperties {
  const { messageExpiryInterval: asked } = properties;
  return asked === undefined ? properties : { ...properties, messageExpiryInterval: messageExpiryFor(asked, limits) };
}
