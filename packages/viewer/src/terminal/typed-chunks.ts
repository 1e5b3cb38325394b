import { type InputEvent, MAX_INPUT_TEXT_BYTES } from "@poterne/wire";

/** Typed or pasted bytes as wire events, none longer than the wire allows. */
export function chunkTyped(bytes: Uint8Array): InputEvent[] {
  const events: InputEvent[] = [];
  for (let at = 0; at < bytes.length; at += MAX_INPUT_TEXT_BYTES)
    events.push({ type: "text", text: bytes.subarray(at, at + MAX_INPUT_TEXT_BYTES) });
  return events;
}

/** The bytes of xterm's `onBinary` text, one per character. */
export function binaryBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
