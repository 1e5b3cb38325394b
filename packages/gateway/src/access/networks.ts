import { isIP } from "node:net";

/** An address as four 32-bit words; IPv4 stands where IPv6 maps it (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2). */
export type AddressWords = readonly [number, number, number, number];

/** A list of networks, read once and asked often. */
export interface NetworkList {
  /** As an administrator wrote them. */
  readonly texts: readonly string[];
  readonly networks: readonly { readonly words: AddressWords; readonly masks: AddressWords }[];
}

const MAPPED = 0xffff;
const IPV4_START_BIT = 96;

/** Reads an address in any spelling; a zone (`%eth0`) is dropped. Null for what is no address. */
export function parseAddress(text: string): AddressWords | null {
  const plain = text.split("%")[0] ?? "";
  const version = isIP(plain);
  if (version === 4) return [0, 0, MAPPED, ipv4Word(plain)];
  return version === 6 ? ipv6Words(plain) : null;
}

/** Reads a list of networks and lone addresses. One that cannot be read admits nobody. */
export function readNetworks(texts: readonly string[]): NetworkList {
  return { texts, networks: texts.map(readNetwork).filter((network) => network !== null) };
}

/** Whether a text is a network or a lone address that {@link readNetworks} can read. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== null;
}

/** Whether an address is in a list; an empty list admits every address, even one that cannot be read. */
export function isAdmitted(list: NetworkList, address: AddressWords | null): boolean {
  if (list.texts.length === 0) return true;
  if (address === null) return false;
  return list.networks.some(({ words, masks }) =>
    words.every((word, index) => (((address[index] ?? 0) ^ word) & (masks[index] ?? 0)) === 0),
  );
}

function readNetwork(text: string) {
  const [address = "", prefixText, ...more] = text.trim().split("/");
  if (more.length > 0) return null;
  const words = parseAddress(address);
  if (words === null || (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText))) return null;
  const startBit = isIP(address) === 4 ? IPV4_START_BIT : 0;
  const bits = prefixText === undefined ? 128 : startBit + Number(prefixText);
  if (bits > 128) return null;
  const masks = [0, 1, 2, 3].map((index) => maskOf(bits - index * 32));
  return { words, masks: masks as unknown as AddressWords };
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff | 0 : ~(0xffffffff >>> bits);
}

function ipv4Word(text: string): number {
  return text.split(".").reduce((word, part) => (word << 8) | Number(part), 0);
}

function ipv6Words(text: string): AddressWords {
  // The last 32 bits may be written as IPv4.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? 0 : ipv4Word(dotted[2] ?? "");
  const hex =
    dotted === null ? text : `${dotted[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  const [head = "", rest] = hex.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const missing = rest === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...new Array<string>(missing).fill("0"), ...right].map((group) =>
    Number.parseInt(group, 16),
  );
  const word = (index: number) => ((groups[index] ?? 0) << 16) | (groups[index + 1] ?? 0);
  return [word(0), word(2), word(4), word(6)];
}
