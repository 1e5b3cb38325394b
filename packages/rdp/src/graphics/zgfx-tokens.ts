/** One prefix code of ZGFX. */
export interface ZgfxToken {
  readonly prefixLength: number;
  readonly prefix: number;
  /** Bits after the prefix: of the literal or the distance. */
  readonly valueBits: number;
  /** The literal, or what is added to the distance. */
  readonly base: number;
  readonly kind: "literal" | "match";
}

function literal(prefixLength: number, prefix: number, base: number, valueBits = 0): ZgfxToken {
  return { prefixLength, prefix, valueBits, base, kind: "literal" };
}

function match(prefixLength: number, prefix: number, valueBits: number, base: number): ZgfxToken {
  return { prefixLength, prefix, valueBits, base, kind: "match" };
}

/** [MS-RDPEGFX] 3.1.9.1.2 the token table. */
export const ZGFX_TOKENS: readonly ZgfxToken[] = [
  literal(1, 0, 0, 8),
  match(5, 17, 5, 0),
  match(5, 18, 7, 32),
  match(5, 19, 9, 160),
  match(5, 20, 10, 672),
  match(5, 21, 12, 1696),
  literal(5, 24, 0x00),
  literal(5, 25, 0x01),
  match(6, 44, 14, 5792),
  match(6, 45, 15, 22176),
  literal(6, 52, 0x02),
  literal(6, 53, 0x03),
  literal(6, 54, 0xff),
  match(7, 92, 18, 54944),
  match(7, 93, 20, 317088),
  literal(7, 110, 0x04),
  literal(7, 111, 0x05),
  literal(7, 112, 0x06),
  literal(7, 113, 0x07),
  literal(7, 114, 0x08),
  literal(7, 115, 0x09),
  literal(7, 116, 0x0a),
  literal(7, 117, 0x0b),
  literal(7, 118, 0x3a),
  literal(7, 119, 0x3b),
  literal(7, 120, 0x3c),
  literal(7, 121, 0x3d),
  literal(7, 122, 0x3e),
  literal(7, 123, 0x3f),
  literal(7, 124, 0x40),
  literal(7, 125, 0x80),
  match(8, 188, 20, 1365664),
  match(8, 189, 21, 2414240),
  literal(8, 252, 0x0c),
  literal(8, 253, 0x38),
  literal(8, 254, 0x39),
  literal(8, 255, 0x66),
  match(9, 380, 22, 4511392),
  match(9, 381, 23, 8705696),
  match(9, 382, 24, 17094304),
];

/** The longest prefix in bits. */
export const MAX_PREFIX_BITS = 9;

/** Index into `ZGFX_TOKENS` by the next nine bits, 255 for what no token begins with. */
export const ZGFX_LOOKUP: Uint8Array = makeLookup();

function makeLookup(): Uint8Array {
  const table = new Uint8Array(1 << MAX_PREFIX_BITS).fill(255);
  ZGFX_TOKENS.forEach(({ prefixLength, prefix }, index) => {
    const free = MAX_PREFIX_BITS - prefixLength;
    table.fill(index, prefix << free, (prefix + 1) << free);
  });
  return table;
}
