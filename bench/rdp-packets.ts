/** The length of the packet at the start of `bytes` ([T.123] TPKT or [MS-RDPBCGR] 2.2.9.1.2), null when more is needed. */
export function packetLength(bytes: Uint8Array): number | null {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  if (first === 3) return bytes.length < 4 ? null : (third << 8) | fourth;
  if (bytes.length < 3) return null;
  return second < 0x80 ? second : ((second & 0x7f) << 8) | third;
}

/** Cuts a stream into whole packets; what is not whole yet is held. */
export class PacketCutter {
  #held: Buffer = Buffer.alloc(0);

  /** The packets that are whole with these bytes. */
  push(bytes: Buffer): Buffer[] {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const packets: Buffer[] = [];
    for (;;) {
      const length = rest.length === 0 ? null : packetLength(rest);
      if (length === null || length > rest.length) break;
      if (length < 2) throw new Error("a packet of no length");
      packets.push(Buffer.from(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.#held = Buffer.from(rest);
    return packets;
  }
}
