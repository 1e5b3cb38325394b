import { ByteReader, DecodeError } from "@poterne/bytes";
import { Channel } from "./channel.ts";

/** A frame's header: channel u8, flags u8, stream u16, time u32, payload length u32, all little-endian. */
export const FRAME_HEADER_BYTES = 12;

/** The longest payload of one frame; a longer update is cut into several frames by the core that makes it. */
export const MAX_FRAME_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** The unit that viewers and the recorder share (docs/wire.md). */
export interface Frame {
  readonly channel: number;
  /** `FrameFlag` bits. */
  readonly flags: number;
  /** Which terminal, window or file of the session; 0 is the first. */
  readonly stream: number;
  /** Milliseconds since the session opened; wraps after 49 days, longer than any session may last. */
  readonly timeMs: number;
  readonly payload: Uint8Array;
}

/** Writes the 12 header bytes of a frame at `offset`. */
export function writeFrameHeader(
  target: Uint8Array,
  offset: number,
  frame: Omit<Frame, "payload">,
  payloadBytes: number,
): void {
  target[offset] = frame.channel;
  target[offset + 1] = frame.flags;
  target[offset + 2] = frame.stream;
  target[offset + 3] = frame.stream >>> 8;
  writeU32(target, offset + 4, frame.timeMs);
  writeU32(target, offset + 8, payloadBytes);
}

/** Byte by byte: a DataView a frame costs more than all of its header. */
function writeU32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}

/** One frame as bytes: header and payload in a new array. */
export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.length);
  writeFrameHeader(bytes, 0, frame, frame.payload.length);
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

/**
 * Decodes the frames that stand back to back in one message or chunk. Payloads are views on `bytes`.
 * Throws `DecodeError`: `truncated` in mid-frame, `limit` over `maxPayloadBytes`.
 */
export function* decodeFrames(
  bytes: Uint8Array,
  maxPayloadBytes = MAX_FRAME_PAYLOAD_BYTES,
): Generator<Frame> {
  const reader = new ByteReader(bytes, "frame");
  while (reader.remaining > 0) {
    const channel = reader.u8();
    const flags = reader.u8();
    const stream = reader.u16le();
    const timeMs = reader.u32le();
    const length = reader.u32le();
    if (length > maxPayloadBytes)
      throw new DecodeError("limit", "frame payload", reader.offset, `${length} bytes`);
    yield { channel, flags, stream, timeMs, payload: reader.take(length) };
  }
}

/**
 * The count of an acknowledgement that is all of a message, without making a frame of it: viewers send hardly anything
 * else. Null for every other message.
 */
export function readAcknowledgement(bytes: Uint8Array): number | null {
  const isOne = bytes.length === FRAME_HEADER_BYTES + 4 && bytes[0] === Channel.flow;
  return isOne && readU32(bytes, 8) === 4 ? readU32(bytes, FRAME_HEADER_BYTES) : null;
}

function readU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return (low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
