import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { Failure } from "@poterne/contract";

/** A set of address ranges written `192.0.2.0/24`, `2001:db8::/32` or a single address. */
export function makeAddressSet(ranges: readonly string[]): BlockList {
  const set = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) set.addAddress(address, family);
    else set.addSubnet(address, Number(prefix), family);
  }
  return set;
}

/** Whether an address is in the set; an IPv4 address mapped into IPv6 counts as IPv4. */
export function isInSet(set: BlockList, address: string): boolean {
  const plain = address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  return set.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/**
 * The rule of where sessions may go: only to targets of the store (the caller sees to that), never to the node's denied
 * ranges, also not through a name that leads there. Throws the Failures `address-denied` and `target-unreachable`.
 */
export function makeAddressGuard(deniedRanges: readonly string[]): (address: string) => Promise<void> {
  const denied = makeAddressSet(deniedRanges);
  return async (address) => {
    for (const resolved of await resolve(address))
      if (isInSet(denied, resolved)) throw new Failure("address-denied", { address });
  };
}

async function resolve(address: string): Promise<readonly string[]> {
  if (isIP(address) !== 0) return [address];
  try {
    return (await lookup(address, { all: true })).map((entry) => entry.address);
  } catch (error) {
    throw new Failure("name-unknown", { address }, error);
  }
}
