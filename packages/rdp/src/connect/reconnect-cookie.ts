import { ByteReader, ByteWriter } from "@poterne/bytes";
import type { RdpCrypto } from "../crypto.ts";

const PACKET_BYTES = 28;
const VERSION_1 = 1;
const RANDOM_BYTES = 16;
/** With TLS there is no client random: 32 zeros stand for it ([MS-RDPBCGR] 5.5). */
const CLIENT_RANDOM = new Uint8Array(32);

/**
 * What proves to a server that this is the client it gave `serverPacket` to ([MS-RDPBCGR] 2.2.4.2 from 2.2.4.3): 28
 * bytes for the next connection after a cut. Throws `DecodeError` where the server's packet is none.
 */
export function makeReconnectCookie(
  serverPacket: Uint8Array,
  crypto: Pick<RdpCrypto, "hmacMd5">,
): Uint8Array {
  const reader = new ByteReader(serverPacket, "reconnect cookie");
  const length = reader.u32le();
  const version = reader.u32le();
  if (length !== PACKET_BYTES || version !== VERSION_1)
    throw reader.fail("unsupported", `version ${version} of ${length} bytes`);
  const logonId = reader.u32le();
  const random = reader.take(RANDOM_BYTES);
  return new ByteWriter(PACKET_BYTES)
    .u32le(PACKET_BYTES)
    .u32le(VERSION_1)
    .u32le(logonId)
    .put(crypto.hmacMd5(random, CLIENT_RANDOM))
    .finish();
}
