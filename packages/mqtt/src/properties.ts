import { PacketType } from "./packets.ts";
import type { Reader } from "./reader.ts";
import { malformed, protocolError } from "./reason.ts";
import type { Writer } from "./writer.ts";

/** Every property of MQTT 5 (section 2.2.2.2). Intervals are seconds. */
export interface Properties {
  payloadFormatIndicator?: 0 | 1;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  /** One in SUBSCRIBE; in PUBLISH one for each matching subscription that has one. */
  subscriptionIdentifiers?: readonly number[];
  sessionExpiryInterval?: number;
  assignedClientIdentifier?: string;
  serverKeepAlive?: number;
  authenticationMethod?: string;
  authenticationData?: Uint8Array;
  requestProblemInformation?: 0 | 1;
  willDelayInterval?: number;
  requestResponseInformation?: 0 | 1;
  responseInformation?: string;
  serverReference?: string;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQos?: 0 | 1;
  retainAvailable?: 0 | 1;
  /** Order and repetition are kept. */
  userProperties?: readonly (readonly [string, string])[];
  maximumPacketSize?: number;
  wildcardSubscriptionAvailable?: 0 | 1;
  subscriptionIdentifierAvailable?: 0 | 1;
  sharedSubscriptionAvailable?: 0 | 1;
}

type Kind = "byte" | "u16" | "u32" | "varints" | "string" | "binary" | "pairs";

interface Rule {
  id: number;
  name: keyof Properties;
  kind: Kind;
  /** One bit for each packet type that may carry it; bit 0 stands for the will. */
  packets: number;
  /** A value of zero is a protocol error. */
  nonZero?: boolean;
}

/** Index in `Rule.packets` of the will's properties inside CONNECT. */
export const WILL = 0;

const bits = (...types: number[]): number => types.reduce((set, type) => set | (1 << type), 0);
const { connect, connack, publish, puback, pubrec, pubrel, pubcomp, disconnect, auth } = PacketType;
const { subscribe, suback, unsubscribe, unsuback } = PacketType;
const acknowledgements = [puback, pubrec, pubrel, pubcomp, suback, unsuback];
const content = bits(publish, WILL);

const rules: readonly Rule[] = [
  { id: 0x01, name: "payloadFormatIndicator", kind: "byte", packets: content },
  { id: 0x02, name: "messageExpiryInterval", kind: "u32", packets: content },
  { id: 0x03, name: "contentType", kind: "string", packets: content },
  { id: 0x08, name: "responseTopic", kind: "string", packets: content },
  { id: 0x09, name: "correlationData", kind: "binary", packets: content },
  { id: 0x0b, name: "subscriptionIdentifiers", kind: "varints", packets: bits(publish, subscribe), nonZero: true },
  { id: 0x11, name: "sessionExpiryInterval", kind: "u32", packets: bits(connect, connack, disconnect) },
  { id: 0x12, name: "assignedClientIdentifier", kind: "string", packets: bits(connack) },
  { id: 0x13, name: "serverKeepAlive", kind: "u16", packets: bits(connack) },
  { id: 0x15, name: "authenticationMethod", kind: "string", packets: bits(connect, connack, auth) },
  { id: 0x16, name: "authenticationData", kind: "binary", packets: bits(connect, connack, auth) },
  { id: 0x17, name: "requestProblemInformation", kind: "byte", packets: bits(connect) },
  { id: 0x18, name: "willDelayInterval", kind: "u32", packets: bits(WILL) },
  { id: 0x19, name: "requestResponseInformation", kind: "byte", packets: bits(connect) },
  { id: 0x1a, name: "responseInformation", kind: "string", packets: bits(connack) },
  { id: 0x1c, name: "serverReference", kind: "string", packets: bits(connack, disconnect) },
  {
    id: 0x1f,
    name: "reasonString",
    kind: "string",
    packets: bits(connack, disconnect, auth, ...acknowledgements),
  },
  { id: 0x21, name: "receiveMaximum", kind: "u16", packets: bits(connect, connack), nonZero: true },
  { id: 0x22, name: "topicAliasMaximum", kind: "u16", packets: bits(connect, connack) },
  { id: 0x23, name: "topicAlias", kind: "u16", packets: bits(publish) },
  { id: 0x24, name: "maximumQos", kind: "byte", packets: bits(connack) },
  { id: 0x25, name: "retainAvailable", kind: "byte", packets: bits(connack) },
  {
    id: 0x26,
    name: "userProperties",
    kind: "pairs",
    packets: bits(WILL, connect, connack, publish, subscribe, unsubscribe, disconnect, auth, ...acknowledgements),
  },
  { id: 0x27, name: "maximumPacketSize", kind: "u32", packets: bits(connect, connack), nonZero: true },
  { id: 0x28, name: "wildcardSubscriptionAvailable", kind: "byte", packets: bits(connack) },
  { id: 0x29, name: "subscriptionIdentifierAvailable", kind: "byte", packets: bits(connack) },
  { id: 0x2a, name: "sharedSubscriptionAvailable", kind: "byte", packets: bits(connack) },
];

const byId: (Rule | undefined)[] = [];
const byName = new Map<string, Rule>();
for (const rule of rules) {
  byId[rule.id] = rule;
  byName.set(rule.name, rule);
}

type Draft = { -readonly [Name in keyof Properties]: Properties[Name] } & Record<string, unknown>;

/**
 * Reads the property section of a packet of `packetType` (`WILL` for the will's). Undefined when it is empty.
 * Throws `MqttError`: 0x81 for what cannot be parsed and a property out of place, 0x82 for one repeated or out of range.
 */
export function readProperties(reader: Reader, packetType: number): Properties | undefined {
  const length = reader.varint();
  if (length === 0) return undefined;
  if (length > reader.left) throw malformed("properties are longer than their packet");
  const packetEnd = reader.end;
  reader.end = reader.offset + length;
  const properties: Draft = {};
  while (reader.left > 0) readProperty(reader, packetType, properties);
  reader.end = packetEnd;
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw protocolError("authentication data without a method");
  }
  return properties;
}

function readProperty(reader: Reader, packetType: number, properties: Draft): void {
  const id = reader.varint();
  const rule = byId[id];
  if (rule === undefined) throw malformed(`unknown property ${id}`);
  // Section 2.2.2.2 calls it malformed, unlike a property that comes twice.
  if ((rule.packets & (1 << packetType)) === 0) throw malformed(`property ${rule.name} does not belong here`);
  const { name, kind } = rule;
  const before = properties[name];
  if (kind === "pairs") {
    const pair = [reader.string(), reader.string()] as const;
    if (before === undefined) properties.userProperties = [pair];
    else (before as (readonly [string, string])[]).push(pair);
    return;
  }
  if (kind === "varints") {
    const value = reader.varint();
    if (value === 0) throw protocolError(`${name} is 0`);
    if (before === undefined) properties.subscriptionIdentifiers = [value];
    else if (packetType === publish) (before as number[]).push(value);
    else throw protocolError(`property ${name} appears twice`);
    return;
  }
  if (before !== undefined) throw protocolError(`property ${name} appears twice`);
  const value = readValue(reader, kind);
  if (kind === "byte" && (value as number) > 1) throw protocolError(`${name} is neither 0 nor 1`);
  if (rule.nonZero && value === 0) throw protocolError(`${name} is 0`);
  if (name === "responseTopic" && !isTopic(value as string)) {
    throw protocolError("the response topic is no topic name [MQTT-3.3.2-14]");
  }
  (properties as Record<string, unknown>)[name] = value;
}

const isTopic = (text: string): boolean => text.length > 0 && !text.includes("+") && !text.includes("#");

function readValue(reader: Reader, kind: Exclude<Kind, "pairs" | "varints">): number | string | Uint8Array {
  switch (kind) {
    case "byte":
      return reader.u8();
    case "u16":
      return reader.u16();
    case "u32":
      return reader.u32();
    case "string":
      return reader.string();
    case "binary":
      return reader.binary();
  }
}

/** Bytes that `writeProperties` will write, without the length in front. */
function sizeOf(writer: Writer, properties: Properties): number {
  let size = 0;
  for (const name in properties) {
    const value = (properties as Record<string, unknown>)[name];
    const rule = byName.get(name);
    if (rule === undefined || value === undefined) continue;
    switch (rule.kind) {
      case "byte":
        size += 2;
        break;
      case "u16":
        size += 3;
        break;
      case "u32":
        size += 5;
        break;
      case "string":
        size += 3 + writer.textLength(value as string);
        break;
      case "binary":
        size += 3 + (value as Uint8Array).length;
        break;
      case "varints":
        for (const id of value as number[]) size += 1 + writer.varintLength(id);
        break;
      case "pairs":
        for (const [key, text] of value as [string, string][]) {
          size += 5 + writer.textLength(key) + writer.textLength(text);
        }
        break;
    }
  }
  return size;
}

/**
 * Writes the property section with its length. Properties that do not belong to `packetType` are a programming error
 * and throw `RangeError`, as do values out of range.
 */
export function writeProperties(writer: Writer, properties: Properties | undefined, packetType: number): void {
  if (properties === undefined) {
    writer.u8(0);
    return;
  }
  writer.varint(sizeOf(writer, properties));
  for (const name in properties) {
    const value = (properties as Record<string, unknown>)[name];
    const rule = byName.get(name);
    if (rule === undefined || value === undefined) continue;
    if ((rule.packets & (1 << packetType)) === 0) throw new RangeError(`property ${name} does not belong here`);
    writeValue(writer, rule, value);
  }
}

function writeValue(writer: Writer, rule: Rule, value: unknown): void {
  switch (rule.kind) {
    case "byte":
      writer.u8(rule.id);
      writer.u8(value as number);
      break;
    case "u16":
      writer.u8(rule.id);
      writer.u16(value as number);
      break;
    case "u32":
      writer.u8(rule.id);
      writer.u32(value as number);
      break;
    case "string":
      writer.u8(rule.id);
      writer.string(value as string);
      break;
    case "binary":
      writer.u8(rule.id);
      writer.binary(value as Uint8Array);
      break;
    case "varints":
      for (const id of value as number[]) {
        writer.u8(rule.id);
        writer.varint(id);
      }
      break;
    case "pairs":
      for (const [key, text] of value as [string, string][]) {
        writer.u8(rule.id);
        writer.string(key);
        writer.string(text);
      }
      break;
  }
}
