import { type BrokerLimits, type LimitName, standardLimits } from "./limits.ts";

/** Largest values that MQTT has room for: two bytes, a variable byte integer, four bytes. */
const U16 = 0xffff;
const PACKET = 268_435_455;
const U32 = 0xffffffff;

/** What a number may be, where it is not 1 to 2^53-1 or `unlimited`. */
const RANGES: Partial<Record<LimitName, readonly [least: number, most: number]>> = {
  packetSize: [1, PACKET],
  payload: [0, PACKET],
  clientId: [1, U16],
  topic: [1, U16],
  slashes: [0, U16],
  shareName: [1, U16],
  receiveMaximum: [1, U16],
  sendMaximum: [1, U16],
  topicAliases: [0, U16],
  keepAliveMinimum: [0, U16],
  sessionExpiry: [0, U32],
  persistentSession3: [0, U32],
  messageExpiryMinimum: [0, U32],
  messageExpiryMaximum: [1, U32],
  contentType: [0, U16],
  correlationData: [0, U16],
  clientPacketSize: [1, U32],
};

/**
 * Limits that somebody has written down in place of their profile's: an object, or JSON that is one. `"unlimited"`
 * stands for infinity.
 * @throws Error that says in one line which limit is unknown or what it must be
 */
export function readLimits(value: unknown): Partial<BrokerLimits> {
  const given = typeof value === "string" ? parse(value) : value;
  if (given === null || typeof given !== "object" || Array.isArray(given)) throw new Error(`must be ${FORM}`);
  const limits: Partial<Record<LimitName, number | boolean>> = {};
  for (const [name, wanted] of Object.entries(given)) {
    if (!isLimit(name)) {
      throw new Error(
        `has no limit ${JSON.stringify(name.slice(0, 64))}; they are ${Object.keys(standardLimits).join(", ")}`,
      );
    }
    limits[name] = read(name, wanted);
  }
  return limits as Partial<BrokerLimits>;
}

const FORM = 'names of limits with their values, such as {"payload": 1000}';

const isLimit = (name: string): name is LimitName => Object.hasOwn(standardLimits, name);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`must be JSON: ${FORM}`);
  }
}

function read(name: LimitName, wanted: unknown): number | boolean {
  if (typeof standardLimits[name] === "boolean") {
    if (typeof wanted !== "boolean") throw new Error(`must have true or false for ${name}`);
    return wanted;
  }
  const range = RANGES[name];
  const [least, most] = range ?? [1, Number.MAX_SAFE_INTEGER];
  if (range === undefined && (wanted === "unlimited" || wanted === Number.POSITIVE_INFINITY)) {
    return Number.POSITIVE_INFINITY;
  }
  if (typeof wanted !== "number" || !Number.isInteger(wanted) || wanted < least || wanted > most) {
    const otherwise = range === undefined ? ' or "unlimited"' : "";
    throw new Error(`must have a whole number from ${least} to ${most}${otherwise} for ${name}`);
  }
  return wanted;
}
