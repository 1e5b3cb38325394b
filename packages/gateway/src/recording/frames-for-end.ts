import { setImmediate as nextTurn } from "node:timers/promises";
import { concatBytes } from "@poterne/bytes";
import { leaveOutCovered } from "@poterne/picture";
import { Channel, decodeFrames, encodeFrame, type Frame } from "@poterne/wire";

/**
 * Frames back to back, from chunks of whole frames, without the pictures that the last one does not need. Live sessions
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
  const needed = new Map<Frame, Uint8Array>();
  for (const [place, payload] of step.value.entries()) {
    const frame = pictures[place];
    if (frame !== undefined) needed.set(frame, payload);
  }
  const kept: Uint8Array[] = [];
  for (const frame of frames) {
    const payload = needed.get(frame) ?? frame.payload;
    const isEmpty = payload.length === 0 && frame.payload.length > 0 && frame.flags === 0;
    if (!isEmpty) kept.push(encodeFrame({ ...frame, payload }));
  }
  return concatBytes(kept);
}
