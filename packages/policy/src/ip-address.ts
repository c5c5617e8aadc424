/** Addresses and ranges of the operators IpAddress and NotIpAddress (RFC 4632, RFC 4291). */
export interface IpRange {
  /** 4 or 16 bytes. */
  bytes: readonly number[];
  prefix: number;
}

/** Bytes of an address, 4 or 16; an IPv4 address in IPv6 form (`::ffff:192.0.2.1`) becomes IPv4. */
export function parseIpAddress(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(":")) return parseIpv4(text);
  const bytes = parseIpv6(text);
  if (bytes?.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff)
    return bytes.slice(12);
  return bytes;
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
export function parseIpRange(text: string): IpRange | undefined {
  const [address, length, ...more] = text.split("/");
  const bytes = parseIpAddress(address as string);
  if (!bytes || more.length > 0) return undefined;
  if (length === undefined) return { bytes, prefix: bytes.length * 8 };
  if (!/^\d{1,3}$/.test(length)) return undefined;
  // A range over IPv4 addresses in IPv6 form counts its bits from the start of the longer address.
  const prefix = (address as string).includes(":") && bytes.length === 4 ? Number(length) - 96 : Number(length);
  return prefix >= 0 && prefix <= bytes.length * 8 ? { bytes, prefix } : undefined;
}

export function inRange(range: IpRange, address: readonly number[]): boolean {
  if (address.length !== range.bytes.length) return false;
  const whole = range.prefix >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== range.bytes[i]) return false;
  const bits = range.prefix & 7;
  if (bits === 0) return true;
  const mask = 0xff & (0xff << (8 - bits));
  return ((address[whole] as number) & mask) === ((range.bytes[whole] as number) & mask);
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  if (!tail || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const last = index === groups.length - 1;
    const ipv4 = last && group.includes(".") ? parseIpv4(group) : undefined;
    if (ipv4) bytes.push(...ipv4);
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}
