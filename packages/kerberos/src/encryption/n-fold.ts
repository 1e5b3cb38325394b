/**
 * RFC 3961 §5.1 n-fold: stretches or shrinks bytes to `sizeBytes` by adding copies, each turned 13 bits to the right of
 * the one before, in one's complement.
 */
export function nFold(input: Uint8Array, sizeBytes: number): Uint8Array {
  const totalBytes = leastCommonMultiple(input.length, sizeBytes);
  const folded = new Uint8Array(sizeBytes);
  let carry = 0;
  for (let at = totalBytes - 1; at >= 0; at--) {
    const place = at % sizeBytes;
    const sum = (folded[place] ?? 0) + turnedOctet(input, at) + carry;
    folded[place] = sum & 0xff;
    carry = sum >> 8;
  }
  for (let place = sizeBytes - 1; carry > 0; place = (place + sizeBytes - 1) % sizeBytes) {
    const sum = (folded[place] ?? 0) + carry;
    folded[place] = sum & 0xff;
    carry = sum >> 8;
  }
  return folded;
}

/** The octet at a place of the endless row of copies. */
function turnedOctet(input: Uint8Array, at: number): number {
  const bits = input.length * 8;
  const turn = (13 * Math.floor(at / input.length)) % bits;
  const firstBit = ((at % input.length) * 8 - turn + bits) % bits;
  const left = input[firstBit >> 3] ?? 0;
  const right = input[((firstBit >> 3) + 1) % input.length] ?? 0;
  return (((left << 8) | right) >> (8 - (firstBit & 7))) & 0xff;
}

function leastCommonMultiple(left: number, right: number): number {
  let [a, b] = [left, right];
  while (b !== 0) [a, b] = [b, a % b];
  return (left * right) / a;
}
