/** Longest message on the keeper's channel, either way. */
export const MAX_MESSAGE_BYTES = 2_097_152;

const HEADER_BYTES = 4;

/** A message as it goes over the channel: length (4 bytes, big-endian), UTF-8 JSON. Throws when it is too long. */
export function encodeMessage(message: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(message), "utf8");
  if (body.length > MAX_MESSAGE_BYTES)
    throw new RangeError("the message is too long for the keeper's channel");
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** Puts messages together from the pieces a socket gives. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #sizeBytes = 0;

  /** The messages that are complete with these bytes. Throws on a message that is too long or no JSON. */
  receive(bytes: Uint8Array): readonly unknown[] {
    this.#pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#sizeBytes += bytes.length;
    const messages: unknown[] = [];
    for (;;) {
      const message = this.#take();
      if (message === null) return messages;
      messages.push(JSON.parse(message.toString("utf8")));
    }
  }

  #take(): Buffer | null {
    if (this.#sizeBytes < HEADER_BYTES) return null;
    const length = this.#peek(HEADER_BYTES).readUInt32BE();
    if (length > MAX_MESSAGE_BYTES) throw new RangeError("a message on the keeper's channel is too long");
    if (this.#sizeBytes < HEADER_BYTES + length) return null;
    const all = this.#peek(this.#sizeBytes);
    const end = HEADER_BYTES + length;
    this.#pieces = end === all.length ? [] : [all.subarray(end)];
    this.#sizeBytes = all.length - end;
    return all.subarray(HEADER_BYTES, end);
  }

  /** At least `count` bytes from the start, in one piece. */
  #peek(count: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= count) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}
