import type { Sealer } from "@hearth/backplane";
import type { Message, MessageProperties } from "@hearth/iot";

/** What seals messages in the store: they may hold anything that a device says. */
export type MessageSealer = Pick<Sealer, "open" | "openText" | "seal">;

const MESSAGE = "mqtt.message";
const WILL = "mqtt.will";
const LINE_FEED = 0x0a;

/** Payload and properties as one sealed text: the properties as a line of JSON, perhaps empty, then the payload. */
export function sealMessage({ payload, properties }: Pick<Message, "payload" | "properties">, sealer: MessageSealer) {
  const line = Buffer.from(`${propertiesToText(properties) ?? ""}\n`);
  return sealer.seal(Buffer.concat([line, payload]), MESSAGE);
}

export function openMessage(sealed: Uint8Array, sealer: MessageSealer): Pick<Message, "payload" | "properties"> {
  const opened = sealer.open(sealed, MESSAGE);
  const end = opened.indexOf(LINE_FEED);
  const line = Buffer.from(opened.subarray(0, end)).toString();
  return { payload: opened.subarray(end + 1), properties: propertiesFromText(line === "" ? null : line) };
}

export const sealWill = (text: string, sealer: MessageSealer) => sealer.seal(text, WILL);
export const openWill = (sealed: Uint8Array, sealer: MessageSealer) => sealer.openText(sealed, WILL);

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
