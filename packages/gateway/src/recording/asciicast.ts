import type { OpenRecording } from "./recording-library.ts";
import { type TerminalEvent, terminalEvents } from "./terminal-events.ts";

/** The size a terminal has until it is told another. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** The session's first terminal as asciicast v2: a header line, then one line per event. */
export async function* asciicast(recording: OpenRecording): AsyncGenerator<Uint8Array> {
  const decoders = { output: new TextDecoder(), input: new TextDecoder() };
  let size = DEFAULT_SIZE;
  let hasHeader = false;
  try {
    for await (const event of terminalEvents(recording)) {
      if (event.stream !== 0) continue;
      const isSameSize =
        event.type === "resize" && event.columns === size.columns && event.rows === size.rows;
      if (event.type === "resize") size = { columns: event.columns, rows: event.rows };
      if (!hasHeader && event.type !== "output") continue;
      if (!hasHeader) yield line(castHeader(recording, size));
      hasHeader = true;
      const cast = castEvent(event, decoders);
      if (cast !== null && !isSameSize) yield line(cast);
    }
    if (!hasHeader) yield line(castHeader(recording, size));
  } finally {
    await recording.close();
  }
}

function castHeader({ row }: OpenRecording, size: { columns: number; rows: number }): object {
  return {
    version: 2,
    width: size.columns,
    height: size.rows,
    timestamp: Math.floor(row.started_at_ms / 1000),
    title: `${row.account_name}@${row.target_name} (${row.person_name})`,
  };
}

function castEvent(
  event: TerminalEvent,
  decoders: { output: TextDecoder; input: TextDecoder },
): readonly [number, string, string] | null {
  const seconds = event.ms / 1000;
  if (event.type === "resize") return [seconds, "r", `${event.columns}x${event.rows}`];
  if (event.type === "mark") return [seconds, "m", event.label];
  const text = decoders[event.type].decode(event.bytes, { stream: true });
  return text === "" ? null : [seconds, event.type === "output" ? "o" : "i", text];
}

function line(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
