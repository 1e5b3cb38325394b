import { ByteReader } from "@poterne/bytes";
import { MAX_UPDATE_BYTES } from "../connect/client-capabilities.ts";
import { GatheredBytes } from "../encoding/gathered-bytes.ts";

/** [MS-RDPBCGR] 2.2.9.1.2.1 updateCode. */
export const FastPathUpdate = {
  FASTPATH_UPDATETYPE_ORDERS: 0,
  FASTPATH_UPDATETYPE_BITMAP: 1,
  FASTPATH_UPDATETYPE_PALETTE: 2,
  FASTPATH_UPDATETYPE_SYNCHRONIZE: 3,
  FASTPATH_UPDATETYPE_SURFCMDS: 4,
  FASTPATH_UPDATETYPE_PTR_NULL: 5,
  FASTPATH_UPDATETYPE_PTR_DEFAULT: 6,
  FASTPATH_UPDATETYPE_PTR_POSITION: 8,
  FASTPATH_UPDATETYPE_COLOR: 9,
  FASTPATH_UPDATETYPE_CACHED: 10,
  FASTPATH_UPDATETYPE_POINTER: 11,
  FASTPATH_UPDATETYPE_LARGE_POINTER: 12,
} as const;

const FASTPATH_FRAGMENT_SINGLE = 0;
const FASTPATH_FRAGMENT_LAST = 1;
const FASTPATH_FRAGMENT_FIRST = 2;
const FASTPATH_OUTPUT_COMPRESSION_USED = 2;
const PACKET_COMPRESSED = 0x20;

/** Puts fast-path updates together from their fragments ([MS-RDPBCGR] 2.2.9.1.2.1, 3.2.5.9.3). */
export class FastPathJoiner {
  readonly #gathered = new GatheredBytes();
  #code = -1;

  /** Gives each whole update of a PDU to `take`: a view, valid during the call. Throws `DecodeError`. */
  receive(pdu: Uint8Array, take: (code: number, data: Uint8Array) => void): void {
    const reader = new ByteReader(pdu, "fast-path update");
    while (reader.remaining > 0) {
      const header = reader.u8();
      const compression = header >> 6;
      if (compression === FASTPATH_OUTPUT_COMPRESSION_USED && (reader.u8() & PACKET_COMPRESSED) !== 0)
        throw reader.fail("unsupported", "compression that was not offered");
      const data = reader.take(reader.u16le());
      const code = header & 0x0f;
      const fragmentation = (header >> 4) & 3;
      if (fragmentation === FASTPATH_FRAGMENT_SINGLE) take(code, data);
      else if (this.#isLast(code, fragmentation, data, reader))
        this.#gathered.take((whole) => take(code, whole));
    }
  }

  /** Adds a fragment; whether the update is whole with it. */
  #isLast(code: number, fragmentation: number, data: Uint8Array, reader: ByteReader): boolean {
    if (fragmentation === FASTPATH_FRAGMENT_FIRST) {
      this.#gathered.clear();
      this.#code = code;
    } else if (code !== this.#code) throw reader.fail("invalid", "a fragment of another update");
    if (this.#gathered.length + data.length > MAX_UPDATE_BYTES) throw reader.fail("limit", "update");
    this.#gathered.add(data);
    if (fragmentation !== FASTPATH_FRAGMENT_LAST) return false;
    this.#code = -1;
    return true;
  }
}
