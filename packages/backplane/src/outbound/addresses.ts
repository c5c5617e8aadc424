import { BlockList, isIP } from "node:net";

/** Special-purpose blocks of IPv4 (RFC 6890 and later): nothing there is a public service. */
const CLOSED_4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];

/** Within 2000::/3, the only block of global unicast, what leads elsewhere or nowhere: Teredo, ORCHID, documentation, 6to4. */
const CLOSED_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
const GLOBAL_6 = ["2000::/3"];

const closed = blockList([...CLOSED_4, ...CLOSED_6]);
const global6 = blockList(GLOBAL_6);

/** Blocks in CIDR form, or single addresses. Throws RangeError for anything else. */
export function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = "", prefix] = block.split("/");
    const version = isIP(address);
    if (version === 0) throw new RangeError(`not an address or CIDR block: ${block}`);
    const family = version === 6 ? "ipv6" : "ipv4";
    const bits = prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix);
    list.addSubnet(address, bits, family);
  }
  return list;
}

export const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** IPv4 in IPv6 (`::ffff:a.b.c.d`), as the system may give and take addresses. */
const mapped4 = (address: string): string | undefined => {
  if (isIP(address) !== 6) return undefined;
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(groups);
  if (!hex) return undefined;
  const [high, low] = [Number.parseInt(hex[1]!, 16), Number.parseInt(hex[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
};

/** Whether an address is one of the public internet. Zones (`%eth0`) are local by their nature. */
export function isPublic(address: string): boolean {
  if (address.includes("%")) return false;
  const four = mapped4(address) ?? address;
  switch (isIP(four)) {
    case 4:
      return !isIn(closed, four);
    case 6:
      return isIn(global6, four) && !isIn(closed, four);
    default:
      return false;
  }
}
