import { hkdfSync } from "node:crypto";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { Failure, type RecordingHit } from "@poterne/contract";
import { compressInBackground, recordingCrypto } from "./node-crypto.ts";
import type { OpenRecording } from "./recording-library.ts";
import { type RecordingStorage, readWhole } from "./storage.ts";
import { terminalEvents } from "./terminal-events.ts";
import { TerminalText, type TextLine } from "./terminal-text.ts";

/** A transcript holds the first so many characters; a search says when there was more. */
export const MAX_TRANSCRIPT_CHARACTERS = 16 * 1024 * 1024;

/** Hits of one search. */
export const MAX_HITS = 500;

/** What of a line is shown around a hit. */
const HIT_LINE_CHARACTERS = 200;

/** Terminals of one session that are followed. */
const MAX_STREAMS = 64;

const NONCE_BYTES = 12;
const decompress = promisify(zstdDecompress);

/** Plain text with times: lines of `MS TAB TEXT`, and whether it had to stop early. */
export interface Transcript {
  readonly text: string;
  readonly isCut: boolean;
}

/** Where a recording's transcript lies, encrypted, once it has been made. */
export function transcriptFileName(recordingFileName: string): string {
  return `${recordingFileName}.text`;
}

/** Makes the transcript from the recording itself. */
async function makeTranscript(recording: OpenRecording): Promise<Transcript> {
  const terminals = new Map<number, TerminalText>();
  const parts: string[] = [];
  let length = 0;
  const take = (lines: readonly TextLine[]) => {
    for (const { ms, text } of lines) {
      const line = `${ms}\t${text.replaceAll("\t", " ")}\n`;
      parts.push(line);
      length += line.length;
    }
  };
  for await (const event of terminalEvents(recording)) {
    if (event.type !== "output") continue;
    const terminal = terminals.get(event.stream) ?? new TerminalText();
    if (!terminals.has(event.stream) && terminals.size >= MAX_STREAMS) continue;
    terminals.set(event.stream, terminal);
    take(terminal.push(event.bytes, event.ms));
    if (length > MAX_TRANSCRIPT_CHARACTERS) return { text: parts.join(""), isCut: true };
  }
  for (const terminal of terminals.values()) take(terminal.finish());
  return { text: parts.join(""), isCut: false };
}

/** The transcript of an ended recording: kept encrypted beside it after the first call; of a running one, made anew. */
export async function readTranscript(
  storage: RecordingStorage,
  recording: OpenRecording,
  randomBytes: (count: number) => Uint8Array,
): Promise<Transcript> {
  if (recording.row.kind !== "terminal") throw new Failure("not-a-terminal");
  const stored = recording.isRunning ? null : await readStored(storage, recording);
  if (stored !== null) return stored;
  const transcript = await makeTranscript(recording);
  const isEnded = recording.row.integrity !== "running" && recording.row.integrity !== "unfinished";
  if (isEnded)
    await store(storage, recording, { transcript, nonce: randomBytes(NONCE_BYTES) }).catch(() => {});
  return transcript;
}

/** Finds text in a transcript, whatever its case; at most `MAX_HITS`. */
export function searchTranscript(
  transcript: Transcript,
  text: string,
): { hits: RecordingHit[]; isCut: boolean } {
  const hits: RecordingHit[] = [];
  const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"), "gi");
  for (const match of transcript.text.matchAll(pattern)) {
    const lineStart = transcript.text.lastIndexOf("\n", match.index) + 1;
    const textStart = transcript.text.indexOf("\t", lineStart) + 1;
    if (match.index < textStart) continue;
    if (hits.length >= MAX_HITS) return { hits, isCut: true };
    const lineEnd = transcript.text.indexOf("\n", match.index);
    const from = Math.max(textStart, match.index - HIT_LINE_CHARACTERS / 2);
    hits.push({
      ms: Number(transcript.text.slice(lineStart, textStart - 1)),
      line: transcript.text.slice(from, Math.min(lineEnd, from + HIT_LINE_CHARACTERS)),
      start: match.index - from,
      length: match[0].length,
    });
  }
  return { hits, isCut: transcript.isCut };
}

/** A key of its own, so that a transcript's nonce can never meet a chunk's. */
function transcriptKey(recording: OpenRecording): Uint8Array {
  const info = "poterne.recording.transcript.v1";
  return new Uint8Array(hkdfSync("sha256", recording.key, recording.row.id, info, 32));
}

async function store(
  storage: RecordingStorage,
  recording: OpenRecording,
  { transcript, nonce }: { transcript: Transcript; nonce: Uint8Array },
): Promise<void> {
  const packed = await compressInBackground(
    Buffer.from(`${transcript.isCut ? "cut" : "whole"}\n${transcript.text}`),
  );
  const aad = Buffer.from(recording.row.id);
  const sealed = recordingCrypto.seal(transcriptKey(recording), nonce, aad, packed);
  await storage.put(transcriptFileName(recording.row.file_name), Buffer.concat([nonce, sealed]));
}

async function readStored(storage: RecordingStorage, recording: OpenRecording): Promise<Transcript | null> {
  const content = await readWhole(storage, transcriptFileName(recording.row.file_name));
  if (content === null) return null;
  const aad = Buffer.from(recording.row.id);
  const nonce = content.subarray(0, NONCE_BYTES);
  const packed = recordingCrypto.open(transcriptKey(recording), nonce, aad, content.subarray(NONCE_BYTES));
  // What does not open is made again from the recording: the transcript is a copy, never the evidence.
  if (packed === null) return null;
  const maxOutputLength = MAX_TRANSCRIPT_CHARACTERS * 4;
  const plain = (await decompress(packed, { maxOutputLength })).toString("utf8");
  const end = plain.indexOf("\n");
  return { text: plain.slice(end + 1), isCut: plain.slice(0, end) === "cut" };
}
