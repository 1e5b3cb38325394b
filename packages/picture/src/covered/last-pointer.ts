import { concatBytes, DecodeError } from "@poterne/bytes";
import { locateCommands } from "../commands.ts";

/** Which of a pointer's two things a command sets; null for any other command. */
function kindOf(op: string): "shape" | "place" | null {
  if (op === "cursorPosition") return "place";
  return op.startsWith("cursor") ? "shape" : null;
}

/**
 * Payloads of pointer frames, in order, without all but the last shape and the last place. Of what is not understood
 * nothing is left out.
 */
export function leaveOutPointers(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const seen = new Set<string>();
  try {
    return payloads
      .toReversed()
      .map((payload) => withoutSeen(payload, seen))
      .reverse();
  } catch (error) {
    if (error instanceof DecodeError) return payloads;
    throw error;
  }
}

function withoutSeen(payload: Uint8Array, seen: Set<string>): Uint8Array {
  const kept: Uint8Array[] = [];
  let isWhole = true;
  for (const { command, start, end } of [...locateCommands(payload)].reverse()) {
    const kind = kindOf(command.op);
    if (kind !== null && seen.has(kind)) {
      isWhole = false;
      continue;
    }
    if (kind !== null) seen.add(kind);
    kept.push(payload.subarray(start, end));
  }
  return isWhole ? payload : concatBytes(kept.reverse());
}
