import type { CursorShape } from "@poterne/picture";
import type { DesktopPlace } from "@poterne/wire";

/** From the page to the display worker. */
export type ToDisplayWorker =
  | { readonly type: "start"; readonly canvas: OffscreenCanvas }
  /** Pictures will need the further codecs: they are fetched before the first comes. */
  | { readonly type: "need-further" }
  /** A new socket or a seek: forget everything, an entry point comes. */
  | { readonly type: "reset" }
  /** The part of the desktop the page's own window shows; null for all of it. */
  | { readonly type: "part"; readonly part: DesktopPlace | null }
  /** A further window, and its part: null while the target has none for it. */
  | { readonly type: "screen"; readonly screenId: number; readonly port: MessagePort }
  | { readonly type: "screen-part"; readonly screenId: number; readonly part: DesktopPlace | null }
  | { readonly type: "screen-gone"; readonly screenId: number }
  /** One message of the wire, whole; the worker answers `done` with the same number when it is shown. */
  | { readonly type: "message"; readonly number: number; readonly message: ArrayBuffer };

/** From the display worker to the page. */
export type FromDisplayWorker =
  | { readonly type: "done"; readonly number: number }
  | { readonly type: "size"; readonly widthPx: number; readonly heightPx: number }
  | { readonly type: "cursor"; readonly shape: CursorShape | null | "default" }
  | { readonly type: "pointer"; readonly x: number; readonly y: number }
  /** The stream is H.264 and this browser does not decode it; false once a picture is drawn again. */
  | { readonly type: "undecodable"; readonly isUndecodable: boolean }
  /** Something could not be drawn: the page asks for an entry point. The detail is for the console of support. */
  | { readonly type: "need-entry"; readonly detail: string };
