import { ByteReader } from "@poterne/bytes";

/** Bytes of a block's header: type and length ([MS-RDPRFX] 2.2.2.1.1, [MS-RDPEGFX] 2.2.4.2.1). */
export const BLOCK_HEADER_BYTES = 6;

/** A block of a RemoteFX or progressive stream. */
export interface RfxBlock {
  readonly type: number;
  /** Header included; a view of what it was read from. */
  readonly block: Uint8Array;
  readonly body: ByteReader;
}

/** Reads the next block. Throws a DecodeError when its length is less than its header or more than what is left. */
export function readRfxBlock(reader: ByteReader): RfxBlock {
  const start = reader.offset;
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  const content = reader.take(length - BLOCK_HEADER_BYTES);
  return {
    type,
    block: reader.bytes.subarray(start, start + length),
    body: new ByteReader(content, "RemoteFX block"),
  };
}
