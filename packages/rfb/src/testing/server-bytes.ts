import { ByteWriter, concatBytes, encodeUtf8 } from "@poterne/bytes";
import { RfbClient, type RfbClientOptions } from "../client.ts";
import type { RfbCommand } from "../commands.ts";

/** Options of a client that takes any security and does not encrypt. */
export const OPEN_OPTIONS: RfbClientOptions = {
  security: { minimum: "none", hasUsername: false },
  maxVersion: "3.8",
  isShared: true,
  encryptDes: (_key, blocks) => blocks,
  quality: { quality: 8, compressLevel: 2 },
  maxClipboardBytes: 1000,
  wantsClipboard: true,
};

/** ServerInit of a desktop. */
export function serverInit(width: number, height: number, name = "desk"): Uint8Array {
  const text = encodeUtf8(name);
  return new ByteWriter().u16(width).u16(height).put(new Uint8Array(16)).u32(text.length).put(text).finish();
}

/** What a server without password says up to an open desktop of 64 × 64. */
export function openingBytes(width = 64, height = 64): Uint8Array[] {
  return [
    encodeUtf8("RFB 003.008\n"),
    Uint8Array.of(1, 1),
    Uint8Array.of(0, 0, 0, 0),
    serverInit(width, height),
  ];
}

/** A client with an open desktop. */
export function openClient(changes: Partial<RfbClientOptions> = {}, width = 64, height = 64): RfbClient {
  const client = new RfbClient({ ...OPEN_OPTIONS, ...changes });
  for (const bytes of openingBytes(width, height)) client.receive(bytes, 0);
  return client;
}

/** A rectangle of an update. */
export function rectangle(
  place: readonly [x: number, y: number, width: number, height: number],
  encoding: number,
  payload: Uint8Array | readonly number[],
): Uint8Array {
  const writer = new ByteWriter();
  for (const value of place) writer.u16(value);
  return writer.i32(encoding).put(Uint8Array.from(payload)).finish();
}

/** A FramebufferUpdate. */
export function update(...rectangles: Uint8Array[]): Uint8Array {
  return concatBytes([Uint8Array.of(0, 0, rectangles.length >> 8, rectangles.length & 255), ...rectangles]);
}

/** The commands of one kind. */
export function ofType<Type extends RfbCommand["type"]>(
  commands: readonly RfbCommand[],
  type: Type,
): Extract<RfbCommand, { type: Type }>[] {
  return commands.filter((command): command is Extract<RfbCommand, { type: Type }> => command.type === type);
}
