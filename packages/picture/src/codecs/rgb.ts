// Pixels of RDP's bitmaps as RGBA numbers (red lowest, opaque); they may be negative until stored in a Uint32Array.
// The high bits of a short channel are repeated below: so an XOR of two pixels may be done before or after.

/** Five bits each: red at bit 10, green 5, blue 0. */
export function rgb555(value: number): number {
  const red = (value >> 10) & 31;
  const green = (value >> 5) & 31;
  const blue = value & 31;
  return (
    0xff000000 |
    (((blue << 3) | (blue >> 2)) << 16) |
    (((green << 3) | (green >> 2)) << 8) |
    (red << 3) |
    (red >> 2)
  );
}

/** Red at bit 11, six bits of green at 5, blue at 0. */
export function rgb565(value: number): number {
  const red = (value >> 11) & 31;
  const green = (value >> 5) & 63;
  const blue = value & 31;
  return (
    0xff000000 |
    (((blue << 3) | (blue >> 2)) << 16) |
    (((green << 2) | (green >> 4)) << 8) |
    (red << 3) |
    (red >> 2)
  );
}

/** Three bytes B, G, R at `at`; what is past the end counts as 0. */
export function bgrAt(bytes: Uint8Array, at: number): number {
  return (
    0xff000000 | ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
  );
}
