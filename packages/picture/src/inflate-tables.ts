import { DecodeError } from "@poterne/bytes";

/** Bits looked up at once; longer codes take the slow way. */
export const FAST_BITS = 10;

const MAX_CODE_BITS = 15;

/** A canonical Huffman code (RFC 1951 §3.2.2) ready for decoding. */
export interface HuffmanTable {
  /** By the next FAST_BITS bits: symbol << 4 | length; 0 = longer code or none. */
  readonly fast: Uint16Array;
  /** Codes of each length. */
  readonly counts: Uint16Array;
  /** Symbols in the order of their codes. */
  readonly symbols: Uint16Array;
}

/** Empty tables that `buildTable` may fill again and again. */
export function makeTable(symbolCount: number): HuffmanTable {
  return {
    fast: new Uint16Array(1 << FAST_BITS),
    counts: new Uint16Array(MAX_CODE_BITS + 1),
    symbols: new Uint16Array(symbolCount),
  };
}

const offsets = new Uint16Array(MAX_CODE_BITS + 2);
const nextCodes = new Uint16Array(MAX_CODE_BITS + 2);

/**
 * Fills a table from code lengths. An over-subscribed code is a `DecodeError`; an incomplete one is allowed (RFC 1951
 * allows a lone distance code) and its missing codes fail when met.
 */
export function buildTable(table: HuffmanTable, lengths: Uint8Array, start: number, count: number): void {
  const { fast, counts, symbols } = table;
  counts.fill(0);
  fast.fill(0);
  for (let index = 0; index < count; index++)
    counts[lengths[start + index] ?? 0] = (counts[lengths[start + index] ?? 0] ?? 0) + 1;
  counts[0] = 0;
  let left = 1;
  let code = 0;
  offsets[1] = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    const here = counts[bits] ?? 0;
    left = left * 2 - here;
    if (left < 0) throw new DecodeError("invalid", "deflate block", 0, "over-subscribed code");
    nextCodes[bits] = code;
    code = (code + here) << 1;
    offsets[bits + 1] = (offsets[bits] ?? 0) + here;
  }
  for (let symbol = 0; symbol < count; symbol++) {
    const bits = lengths[start + symbol] ?? 0;
    if (bits === 0) continue;
    const place = offsets[bits] ?? 0;
    offsets[bits] = place + 1;
    symbols[place] = symbol;
    const value = nextCodes[bits] ?? 0;
    nextCodes[bits] = value + 1;
    if (bits <= FAST_BITS) {
      const entry = (symbol << 4) | bits;
      for (let at = reverse(value, bits); at < 1 << FAST_BITS; at += 1 << bits) fast[at] = entry;
    }
  }
}

function reverse(value: number, bits: number): number {
  let reversed = 0;
  let rest = value;
  for (let index = 0; index < bits; index++) {
    reversed = (reversed << 1) | (rest & 1);
    rest >>= 1;
  }
  return reversed;
}

function fixedTables(): { literals: HuffmanTable; distances: HuffmanTable } {
  const lengths = new Uint8Array(288 + 30);
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288).fill(5, 288);
  const literals = makeTable(288);
  const distances = makeTable(30);
  buildTable(literals, lengths, 0, 288);
  buildTable(distances, lengths, 288, 30);
  return { literals, distances };
}

/** The fixed codes of RFC 1951 §3.2.6. */
export const FIXED = fixedTables();

/** Base and extra bits of length codes 257–285, RFC 1951 §3.2.5. */
export const LENGTH_BASE = Uint16Array.of(
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  13,
  15,
  17,
  19,
  23,
  27,
  31,
  35,
  43,
  51,
  59,
  67,
  83,
  99,
  115,
  131,
  163,
  195,
  227,
  258,
);
export const LENGTH_EXTRA = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
);

/** Base and extra bits of distance codes 0–29. */
export const DISTANCE_BASE = Uint16Array.of(
  1,
  2,
  3,
  4,
  5,
  7,
  9,
  13,
  17,
  25,
  33,
  49,
  65,
  97,
  129,
  193,
  257,
  385,
  513,
  769,
  1025,
  1537,
  2049,
  3073,
  4097,
  6145,
  8193,
  12289,
  16385,
  24577,
);
export const DISTANCE_EXTRA = Uint8Array.of(
  0,
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
  9,
  10,
  10,
  11,
  11,
  12,
  12,
  13,
  13,
);

/** Order in which code length code lengths stand, RFC 1951 §3.2.7. */
export const CODE_LENGTH_ORDER = Uint8Array.of(
  16,
  17,
  18,
  0,
  8,
  7,
  9,
  6,
  10,
  5,
  11,
  4,
  12,
  3,
  13,
  2,
  14,
  1,
  15,
);
