import { DecodeError } from "@poterne/bytes";
import { berElementLength, Tag } from "../encoding/ber.ts";

/** What stands on the stream next: PDUs, CredSSP's TSRequests, or its four bytes of early authorisation. */
export type FramingMode = "pdu" | "tsRequest" | "earlyAuthorization";

/** One whole packet; `bytes` is a view, valid until the next call. */
export type Packet =
  /** An X.224 TPDU without its TPKT header. */
  | { readonly type: "tpdu"; readonly bytes: Uint8Array }
  /** Fast-path updates without their header. */
  | { readonly type: "fastPath"; readonly bytes: Uint8Array }
  | { readonly type: "tsRequest"; readonly bytes: Uint8Array }
  | { readonly type: "earlyAuthorization"; readonly bytes: Uint8Array };

const TPKT_VERSION = 3;
const TPKT_HEADER_BYTES = 4;
/** FASTPATH_OUTPUT_SECURE_CHECKSUM and FASTPATH_OUTPUT_ENCRYPTED: RDP's own security, never under TLS. */
const FASTPATH_SECURITY_FLAGS = 0xc0;
/** The longest TSRequest taken: Kerberos tokens with large tickets stay under it. */
export const MAX_TS_REQUEST_BYTES = 128 * 1024;

/** Room for a packet that came in part is kept from one to the next up to this. */
const KEPT_ROOM_BYTES = 64 * 1024;

const NO_BYTES = new Uint8Array(0);

/**
 * Cuts the server's stream into packets: [T.123] TPKT, [MS-RDPBCGR] 2.2.9.1.2 fast-path, [MS-CSSP] 2.2.1 TSRequest.
 * A packet that came whole is not copied. What is held is bounded by the longest packet.
 */
export class Framer {
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #held: Uint8Array = NO_BYTES;

  /** Adds bytes of the server; call `next` until it gives null, then `keep`, before the next `push`. */
  push(received: Uint8Array): void {
    // Of a subclass (Node's Buffer) `slice` is a view: what is kept of it would change with the socket's memory, and
    // what is kept for entry points has its memory given back.
    const bytes = new Uint8Array(received.buffer, received.byteOffset, received.length);
    const rest = this.#bytes.length - this.#at;
    if (rest === 0) this.#bytes = bytes;
    else {
      this.#hold(rest, rest + bytes.length);
      this.#held.set(bytes, rest);
      this.#bytes = this.#held.subarray(0, rest + bytes.length);
    }
    this.#at = 0;
  }

  /** Copies what is left of the bytes pushed last: they are not needed any more. */
  keep(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest === 0) {
      this.#bytes = NO_BYTES;
      if (this.#held.length > KEPT_ROOM_BYTES) this.#held = NO_BYTES;
    } else if (this.#bytes.buffer !== this.#held.buffer) {
      this.#hold(rest, rest);
      this.#bytes = this.#held.subarray(0, rest);
    } else return;
    this.#at = 0;
  }

  /** Moves what is left to the beginning of the own memory, with room for so many bytes. */
  #hold(rest: number, neededBytes: number): void {
    const left = this.#bytes.subarray(this.#at, this.#at + rest);
    // Room is doubled, so that a packet that comes byte by byte is not copied each time.
    if (this.#held.length < neededBytes) {
      const larger = new Uint8Array(neededBytes * 2);
      larger.set(left);
      this.#held = larger;
    } else this.#held.set(left);
  }

  /** Bytes that are not a whole packet yet. */
  get heldBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next whole packet, null when more bytes are needed; throws `DecodeError`. */
  next(mode: FramingMode): Packet | null {
    if (this.heldBytes === 0) return null;
    if (mode === "tsRequest") {
      const length = berElementLength(this.#bytes.subarray(this.#at), Tag.sequence, MAX_TS_REQUEST_BYTES);
      return length === null ? null : this.#cut("tsRequest", 0, length);
    }
    if (mode === "earlyAuthorization") return this.#cut("earlyAuthorization", 0, 4);
    return this.#peek(0) === TPKT_VERSION ? this.#nextTpkt() : this.#nextFastPath();
  }

  #cut(type: Packet["type"], header: number, length: number): Packet | null {
    if (this.heldBytes < length) return null;
    const bytes = this.#bytes.subarray(this.#at + header, this.#at + length);
    this.#at += length;
    return { type, bytes };
  }

  /** A byte that has not been taken yet. */
  #peek(at: number): number {
    return this.#bytes[this.#at + at] ?? 0;
  }

  #nextTpkt(): Packet | null {
    if (this.heldBytes < TPKT_HEADER_BYTES) return null;
    const length = (this.#peek(2) << 8) | this.#peek(3);
    if (length < TPKT_HEADER_BYTES + 2)
      throw new DecodeError("invalid", "TPKT header", 2, `length ${length}`);
    return this.#cut("tpdu", TPKT_HEADER_BYTES, length);
  }

  #nextFastPath(): Packet | null {
    const first = this.#peek(0);
    if ((first & 3) !== 0) throw new DecodeError("invalid", "packet", 0, `first byte ${first}`);
    if ((first & FASTPATH_SECURITY_FLAGS) !== 0)
      throw new DecodeError("unsupported", "fast-path header", 0, "RDP encryption");
    if (this.heldBytes < 3) return null;
    const isLong = this.#peek(1) >= 0x80;
    const length = isLong ? ((this.#peek(1) & 0x7f) << 8) | this.#peek(2) : this.#peek(1);
    const header = isLong ? 3 : 2;
    if (length < header) throw new DecodeError("invalid", "fast-path header", 1, `length ${length}`);
    return this.#cut("fastPath", header, length);
  }
}
