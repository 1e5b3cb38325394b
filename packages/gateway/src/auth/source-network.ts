import { parseAddress } from "../access/networks.ts";

/** Whom a ban meets: an IPv4 address in any spelling, or the /64 of an IPv6 address (one subscriber's network). */
export function sourceNetwork(address: string): string {
  const words = parseAddress(address);
  if (words === null) return address;
  const [first, second, third, fourth] = words;
  const isIpv4 = first === 0 && second === 0 && third === 0xffff;
  if (isIpv4) return [24, 16, 8, 0].map((shift) => (fourth >>> shift) & 0xff).join(".");
  const groups = [first, second].flatMap((word) => [word >>> 16, word & 0xffff]);
  return `${groups.map((group) => group.toString(16)).join(":")}::/64`;
}
