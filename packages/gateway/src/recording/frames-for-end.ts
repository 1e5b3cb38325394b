import { setImmediate as nextTurn } from "node:timers/promises";
import { concatBytes } from "@poterne/bytes";
import { leaveOutCovered, leaveOutPointers } from "@poterne/picture/covered";
import { Channel, decodeFrames, encodeFrame, type Frame } from "@poterne/wire";

/**
 * Frames back to back, from chunks of whole frames, without the pictures and pointers that the last ones do not need. Live sessions
 * get their turn in between.
 */
export async function leaveOutOfFrames(chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  const frames = chunks.flatMap((chunk) => [...decodeFrames(chunk)]);
  const pictures = frames.filter(({ channel }) => channel === Channel.picture);
  const steps = leaveOutCovered(pictures.map(({ payload }) => payload));
  let step = steps.next();
  while (step.done !== true) {
    await nextTurn();
    step = steps.next();
  }
  const pointers = frames.filter(({ channel }) => channel === Channel.pointer);
  const needed = new Map<Frame, Uint8Array>();
  for (const [all, payloads] of [
    [pictures, step.value],
    [pointers, leaveOutPointers(pointers.map(({ payload }) => payload))],
  ] as const)
    for (const [place, frame] of all.entries()) needed.set(frame, payloads[place] ?? frame.payload);
  const kept: Uint8Array[] = [];
  for (const frame of frames) {
    const payload = needed.get(frame) ?? frame.payload;
    const isEmpty = payload.length === 0 && frame.payload.length > 0 && frame.flags === 0;
    if (!isEmpty) kept.push(encodeFrame({ ...frame, payload }));
  }
  return concatBytes(kept);
}
