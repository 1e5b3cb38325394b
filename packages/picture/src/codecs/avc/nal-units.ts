const NAL_IDR_SLICE = 5;
const NAL_SPS = 7;
/** Where a stream is looked at for its parameter sets and first slice: they stand at its start. */
const MAX_SEARCH_BYTES = 4096;

/** What WebCodecs has to be told of an H.264 picture. */
export interface AvcPicture {
  /** Decoding can begin here. */
  readonly isKey: boolean;
  /** Profile, constraints and level as `avc1.PPCCLL` (RFC 6381) when a sequence parameter set comes with it, else null. */
  readonly codecName: string | null;
}

/** Reads the NAL unit types of an annex B stream (ITU-T H.264 §7.3.1, §7.3.2.1.1, B.1). */
export function describeAvcPicture(stream: Uint8Array): AvcPicture {
  let isKey = false;
  let codecName: string | null = null;
  const end = Math.min(stream.length - 6, MAX_SEARCH_BYTES);
  for (let at = 0; at < end; at++) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    const type = (stream[at + 3] as number) & 0x1f;
    if (type === NAL_IDR_SLICE) isKey = true;
    if (type === NAL_SPS)
      codecName = `avc1.${[4, 5, 6].map((index) => (stream[at + index] as number).toString(16).padStart(2, "0")).join("")}`;
    at += 3;
  }
  return { isKey, codecName };
}
