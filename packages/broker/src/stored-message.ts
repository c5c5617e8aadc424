import type { MessageProperties } from "@hearth/iot";

/** Publication properties as JSON text; binary as base64. Null when there are none. */
export function propertiesToText(properties: MessageProperties | undefined): string | null {
  if (properties === undefined) return null;
  const { correlationData, ...rest } = properties;
  return JSON.stringify(
    correlationData === undefined
      ? rest
      : { ...rest, correlationData: Buffer.from(correlationData).toString("base64") },
  );
}

export function propertiesFromText(text: string | null): MessageProperties | undefined {
  if (text === null) return undefined;
  const stored = JSON.parse(text) as Omit<MessageProperties, "correlationData"> & { correlationData?: string };
  const { correlationData, ...rest } = stored;
  return correlationData === undefined ? rest : { ...rest, correlationData: Buffer.from(correlationData, "base64") };
}
