/** Room a message keeps in front for its WebSocket header: the longest of a server, RFC 6455 §5.2. */
export const MESSAGE_ROOM_BYTES = 10;

const FINAL_BINARY = 0x82;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/**
 * Makes a message with room in front a whole WebSocket frame: writes the header (binary, final, not masked) into the
 * room, right before the content, and returns header and content as one view. Doing it again gives the same bytes.
 */
export function frameMessage(message: Uint8Array): Uint8Array {
  const length = message.length - MESSAGE_ROOM_BYTES;
  const headerBytes = length < LENGTH_IN_16_BITS ? 2 : length < 0x1_0000 ? 4 : 10;
  const start = MESSAGE_ROOM_BYTES - headerBytes;
  message[start] = FINAL_BINARY;
  if (headerBytes === 2) message[start + 1] = length;
  else {
    message[start + 1] = headerBytes === 4 ? LENGTH_IN_16_BITS : LENGTH_IN_64_BITS;
    let rest = length;
    for (let at = MESSAGE_ROOM_BYTES - 1; at > start + 1; at--) {
      message[at] = rest;
      rest = Math.floor(rest / 256);
    }
  }
  return message.subarray(start);
}
