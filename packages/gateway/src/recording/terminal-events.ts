import { setImmediate } from "node:timers/promises";
import { decodeUtf8 } from "@poterne/bytes";
import { Channel, decodeFrames, decodeInput, type Frame, FrameFlag } from "@poterne/wire";
import type { OpenRecording } from "./recording-library.ts";

/** What a terminal recording tells beside its pictures: output, input where it was recorded, sizes, marks. */
export type TerminalEvent =
  | {
      readonly type: "output" | "input";
      readonly stream: number;
      readonly ms: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: "resize";
      readonly stream: number;
      readonly ms: number;
      readonly columns: number;
      readonly rows: number;
    }
  | { readonly type: "mark"; readonly stream: number; readonly ms: number; readonly label: string };

/**
 * Turns frames into terminal events. An entry point repeats the screen for viewers that start there: its text is left
 * out, except at the very beginning, where nothing was shown before.
 */
class TerminalEvents {
  readonly #shown = new Set<number>();
  readonly #inEntry = new Set<number>();

  /** The event of a frame, null when it is none. */
  read(frame: Frame): TerminalEvent | null {
    if ((frame.flags & FrameFlag.entryStart) !== 0) this.#inEntry.add(frame.stream);
    const isRepeated = this.#inEntry.has(frame.stream) && this.#shown.has(frame.stream);
    if ((frame.flags & FrameFlag.entryEnd) !== 0) this.#inEntry.delete(frame.stream);
    const { channel, payload, stream, timeMs: ms } = frame;
    if (channel === Channel.marker) return readMarker(frame);
    if (channel === Channel.input) return { type: "input", stream, ms, bytes: inputText(payload) };
    if (channel !== Channel.text || isRepeated) return null;
    this.#shown.add(stream);
    return { type: "output", stream, ms, bytes: payload };
  }
}

/** All terminal events of a recording, chunk by chunk; the event loop gets its turn at each chunk. */
export async function* terminalEvents(recording: OpenRecording): AsyncGenerator<TerminalEvent> {
  const events = new TerminalEvents();
  for await (const { plain } of recording.readChunks(recording.frameChunks())) {
    for (const frame of decodeFrames(plain)) {
      const event = events.read(frame);
      if (event !== null) yield event;
    }
    await setImmediate();
  }
}

function readMarker({ payload, stream, timeMs: ms }: Frame): TerminalEvent | null {
  let marker: Record<string, unknown>;
  try {
    marker = JSON.parse(decodeUtf8(payload)) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { type, columns, rows } = marker;
  if (type === "resize" && isSize(columns) && isSize(rows))
    return { type: "resize", stream, ms, columns, rows };
  if (type === "message" || type === "viewer" || type === "reconnected" || type === "clipboard")
    return { type: "mark", stream, ms, label: type };
  return null;
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 10_000;
}

function inputText(payload: Uint8Array): Uint8Array {
  try {
    return Buffer.concat(
      decodeInput(payload).flatMap((event) => (event.type === "text" ? [event.text] : [])),
    );
  } catch {
    return new Uint8Array(0);
  }
}
