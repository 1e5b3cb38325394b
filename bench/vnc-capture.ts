import { decodeCommands } from "@poterne/picture";
import type { RfbClient, RfbCommand } from "@poterne/rfb";
import { projectRoot } from "../tests/support/lab.ts";
import { RfbPeer, runWorkload, sleep, vncHop } from "../tests/support/vnc-peer.ts";
import { makeCaptureReader } from "./capture-reader.ts";

/** What a VNC server sent while a workload ran, with when; begins with a full picture and fresh zlib streams. */
export interface VncCapture {
  readonly width: number;
  readonly height: number;
  readonly chunks: readonly { readonly atMs: number; readonly bytes: Buffer }[];
  readonly lengthMs: number;
}

/** Fewer bytes a second than any workload makes: then it did not run (a package may be missing, see `lab/workload`). */
const LEAST_BYTES_PER_SECOND = 1000;

/** Records a workload on a lab server, from the first picture on. Rejects when nothing moved. */
export async function captureVnc(
  port: number,
  display: string,
  workload: string,
  seconds: number,
): Promise<VncCapture> {
  const chunks: { atMs: number; bytes: Buffer }[] = [];
  const peer = new RfbPeer(vncHop(port), { quality: { quality: 8, compressLevel: 2 } });
  peer.viewer.decoder.push = () => {};
  const { client } = peer.connection;
  const receive = client.receive.bind(client);
  let startedAt = Number.NaN;
  client.receive = (bytes, nowMs) => {
    const commands = receive(bytes, nowMs);
    if (Number.isNaN(startedAt)) return commands;
    chunks.push({ atMs: performance.now() - startedAt, bytes: Buffer.from(bytes) });
    return commands;
  };
  await peer.connection.open();
  startedAt = performance.now();
  const { width, height } = client.size;
  peer.connection.run(client.requestEntryPoint(0));
  await sleep(500);
  const bytesBefore = bytesOf(chunks);
  await runWorkload(projectRoot, display, workload, seconds);
  peer.close();
  if (bytesOf(chunks) - bytesBefore < seconds * LEAST_BYTES_PER_SECOND)
    throw new Error(`the workload ${workload} drew nothing`);
  const lengthMs = performance.now() - startedAt;
  resetStreams(chunks);
  const split = splitAtUpdates(chunks, { width, height });
  if (bytesOf(split) < bytesOf(chunks) / 2) throw new Error(`the capture of ${workload} cannot be cut`);
  return { width, height, chunks: split, lengthMs };
}

/** Bytes fed at once while the end of an update is looked for; then they are fed one by one. */
const SLICE_BYTES = 512;

/**
 * The chunks, each cut behind the last update that ends in it, so that a round may begin anew there however the server's
 * writes fell; what follows the last update is left out.
 */
function splitAtUpdates(
  chunks: readonly { readonly atMs: number; readonly bytes: Buffer }[],
  { width, height }: { readonly width: number; readonly height: number },
): { atMs: number; bytes: Buffer }[] {
  const find = makeEndFinder(makeCaptureReader(width, height), makeCaptureReader(width, height));
  const split: { atMs: number; bytes: Buffer }[] = [];
  let wholePieces = 0;
  for (const { atMs, bytes } of chunks) {
    const end = find(bytes, atMs);
    if (end > 0) wholePieces = split.push({ atMs, bytes: bytes.subarray(0, end) });
    if (end < bytes.length) split.push({ atMs, bytes: bytes.subarray(end) });
  }
  return split.slice(0, wholePieces);
}

/**
 * Tells where the last update ends in a chunk, 0 when none does. Two readers of the same stream: the first goes ahead by
 * a slice, the second follows, byte by byte where an update ended.
 */
function makeEndFinder(ahead: RfbClient, behind: RfbClient): (bytes: Buffer, atMs: number) => number {
  return (bytes, atMs) => {
    let end = 0;
    for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
      const slice = bytes.subarray(from, from + SLICE_BYTES);
      if (!hasUpdate(ahead.receive(Buffer.from(slice), atMs))) behind.receive(Buffer.from(slice), atMs);
      else
        for (let at = 0; at < slice.length; at++)
          if (hasUpdate(behind.receive(Buffer.from(slice.subarray(at, at + 1)), atMs))) end = from + at + 1;
    }
    return end;
  };
}

function hasUpdate(commands: readonly RfbCommand[]): boolean {
  return commands.some(({ type }) => type === "update");
}

function bytesOf(chunks: readonly { readonly bytes: Buffer }[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Whether what came ended with the end of an update: there a round may begin anew. */
export function endsUpdate(commands: readonly RfbCommand[]): boolean {
  const frame = commands.findLast((command) => command.type === "frame" && command.channel === "picture");
  if (frame?.type !== "frame") return false;
  return [...decodeCommands(frame.payload)].at(-1)?.op === "present";
}

const TIGHT = 7;

/** Each round begins with new zlib streams: the first Tight rectangle says so. */
function resetStreams(chunks: readonly { readonly bytes: Buffer }[]): void {
  for (const { bytes } of chunks)
    for (let at = 0; at + 16 < bytes.length; at++) {
      const isUpdate = bytes[at] === 0 && bytes[at + 1] === 0;
      if (!isUpdate || bytes.readInt32BE(at + 12) !== TIGHT) continue;
      bytes[at + 16] = (bytes[at + 16] ?? 0) | 0x0f;
      return;
    }
  throw new Error("the capture has no Tight rectangle");
}
