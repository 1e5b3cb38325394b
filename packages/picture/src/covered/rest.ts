import type { DrawCommand } from "../commands.ts";
import type { KnownSurface, Needs } from "./needs.ts";

/** What is left of a command: all, nothing, or a draw with less in it. */
export type Rest = "all" | "none" | DrawRest;

/** A draw's payload without what is not needed. */
export interface DrawRest {
  readonly payload: Uint8Array;
  readonly isWholePicture: boolean;
}

/** Asked from the last command to the first: takes what the command brings out of the needs. */
export type LeaveOut = (needs: Needs) => Rest;

/** A whole draw and the surface it is on. */
export interface ReadDraw {
  readonly command: DrawCommand;
  readonly surface: KnownSurface;
}
