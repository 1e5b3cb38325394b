import { DecodeError, decodeUtf8 } from "@poterne/bytes";
import { type ControlMessage, MAX_SCALE_PERCENT, MIN_SCALE_PERCENT } from "@poterne/wire";
import { z } from "zod";

/** The longest control message a viewer may send. */
export const MAX_CONTROL_MESSAGE_BYTES = 256 * 1024;

const cells = z.int().min(0).max(10_000);
const pixels = z.int().min(0).max(16_384);

const schema: z.ZodType<ControlMessage> = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    version: z.int(),
    columns: cells,
    rows: cells,
    widthPx: pixels,
    heightPx: pixels,
    scalePercent: z.int().min(MIN_SCALE_PERCENT).max(MAX_SCALE_PERCENT).optional(),
    // Names of newer viewers are let by.
    decodes: z.array(z.string().max(32)).max(16).optional(),
  }),
  z.object({
    type: z.literal("answer"),
    questionId: z.string().max(64),
    values: z.array(z.string().max(65_536)).max(16),
  }),
  z.object({ type: z.literal("refuse"), questionId: z.string().max(64) }),
  z.object({ type: z.literal("take-control") }),
  z.object({ type: z.literal("give-control"), viewerId: z.string().max(64) }),
  z.object({ type: z.literal("pause"), isPaused: z.boolean() }),
  z.object({ type: z.literal("message"), text: z.string().min(1).max(500) }),
  z.object({ type: z.literal("end") }),
  z.object({ type: z.literal("ping"), sentAtMs: z.number() }),
  z.object({ type: z.literal("need-entry") }),
]);

/** Decodes a `control` frame's payload; throws `DecodeError` for anything that is not a message of docs/wire.md. */
export function decodeControlMessage(payload: Uint8Array): ControlMessage {
  if (payload.length > MAX_CONTROL_MESSAGE_BYTES) throw new DecodeError("limit", "control message", 0);
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(payload));
  } catch {
    throw new DecodeError("invalid", "control message", 0, "not JSON");
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new DecodeError("invalid", "control message", 0, result.error.issues[0]?.path.join("."));
  return result.data;
}
