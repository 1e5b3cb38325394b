import { Codec, type PictureCommand, PictureWriter, type Surface } from "../../packages/picture/src/index.ts";
import { eventually } from "./eventually.ts";
import type { PeerFrame } from "./rdp-peer.ts";
import { screenshot } from "./vnc-peer.ts";

/**
 * The draws of frames on one screen, without the surfaces and maps of the graphics pipeline: each draws on surface 0.
 * Only for desktops of one surface that lies at 0, 0.
 */
export function drawsOnScreen(
  frames: readonly PeerFrame[],
  screen: { readonly width: number; readonly height: number },
): Uint8Array[] {
  const writer = new PictureWriter();
  writer.surface(0, screen.width, screen.height);
  const payloads = [writer.finish().slice()];
  for (const { channel, commands } of frames) {
    if (channel !== "picture") continue;
    for (const command of commands) putCommand(writer, command);
    const payload = writer.finish().slice();
    if (payload.length > 0) payloads.push(payload);
  }
  return payloads;
}

function putCommand(writer: PictureWriter, command: PictureCommand): void {
  if (command.op === "present") writer.present();
  if (command.op !== "draw" || command.hasMore) return;
  const { rectangle, codec, isWholePicture, payload } = command;
  // Decoded by others: it comes only before the pictures that these tests are about.
  if (codec === Codec.planar) return;
  const draw = { surface: 0, place: rectangle, codec };
  writer.drawParts(draw, new Uint8Array(0), payload, isWholePicture ? "whole" : "regions");
}

/** Peak signal-to-noise ratio of red, green and blue in dB; infinite for equal pictures. */
export function psnr(
  one: Pick<Surface, "rgba"> | { readonly rgba: ArrayLike<number> },
  other: { readonly rgba: ArrayLike<number> },
): number {
  let squares = 0;
  for (let at = 0; at < other.rgba.length; at++)
    if (at % 4 !== 3) squares += ((one.rgba[at] as number) - (other.rgba[at] as number)) ** 2;
  return 10 * Math.log10((255 * 255 * 0.75 * other.rgba.length) / squares);
}

/** Codecs that lose something show a screen as well as this, in dB; measured are 42 and more. */
export const ALIKE_DB = 38;

/** A picture of a desktop, wherever it is drawn. */
export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayLike<number>;
}

/** Waits until what is drawn looks as an X display does: `leastDb` or more. Gives the decibels. */
export function looksAlike(
  what: string,
  read: () => DrawnPicture | undefined | Promise<DrawnPicture | undefined>,
  display: string,
  leastDb = ALIKE_DB,
): Promise<number> {
  return eventually(what, async (seen) => {
    const [drawn, wanted] = [await read(), screenshot(display)];
    if (drawn?.width !== wanted.width || drawn.height !== wanted.height) {
      seen(`${drawn?.width}x${drawn?.height} for ${wanted.width}x${wanted.height}`);
      return null;
    }
    const decibels = psnr(drawn, wanted);
    seen(`${decibels.toFixed(1)} dB`);
    return decibels >= leastDb ? decibels : null;
  });
}
