import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import type { Checksum } from "../messages/encrypted-data.ts";

/** Context flags in the authenticator's checksum (RFC 4121 §4.1.1.1). */
export const GssFlag = {
  GSS_C_DELEG_FLAG: 1,
  GSS_C_MUTUAL_FLAG: 2,
  GSS_C_REPLAY_FLAG: 4,
  GSS_C_SEQUENCE_FLAG: 8,
  GSS_C_CONF_FLAG: 16,
  GSS_C_INTEG_FLAG: 32,
} as const;

const CHECKSUM_TYPE = 0x8003;
const BINDINGS_BYTES = 16;

/** The authenticator's checksum that carries flags (RFC 4121 §4.1.1), without channel bindings or delegation. */
export function writeFlagsChecksum(flags: number): Checksum {
  const writer = new ByteWriter().u32le(BINDINGS_BYTES).put(new Uint8Array(BINDINGS_BYTES)).u32le(flags);
  return { type: CHECKSUM_TYPE, bytes: writer.finish() };
}

/** The flags of such a checksum; bindings and a delegated credential behind them are not looked at. */
export function readFlagsChecksum(checksum: Checksum | undefined): number {
  const structure = "authenticator checksum";
  if (checksum?.type !== CHECKSUM_TYPE) throw new DecodeError("unsupported", structure, 0);
  const reader = new ByteReader(checksum.bytes, structure);
  if (reader.u32le() !== BINDINGS_BYTES) throw reader.fail("invalid", "length of the bindings");
  reader.take(BINDINGS_BYTES);
  return reader.u32le();
}
