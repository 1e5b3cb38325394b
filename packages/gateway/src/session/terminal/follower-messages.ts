/** From a session's follower to the worker; `id` numbers the terminal. */
export type FollowerOrder =
  /** A new terminal; `position` is where its output begins. */
  | {
      readonly type: "open";
      readonly id: number;
      readonly columns: number;
      readonly rows: number;
      readonly position: number;
    }
  /** Output to parse, or with `isSkipped` to read over for its modes only. */
  | { readonly type: "output"; readonly id: number; readonly bytes: Uint8Array; readonly isSkipped: boolean }
  | { readonly type: "resize"; readonly id: number; readonly columns: number; readonly rows: number }
  | { readonly type: "screen"; readonly id: number; readonly requestId: number }
  | { readonly type: "cursor"; readonly id: number; readonly requestId: number }
  | { readonly type: "close"; readonly id: number };

/** From the worker back. `position` counts the bytes of output the terminal has seen. */
export type FollowerReport =
  | {
      readonly type: "parsed";
      readonly id: number;
      readonly position: number;
    }
  | {
      readonly type: "screen";
      readonly id: number;
      readonly requestId: number;
      readonly position: number;
      readonly columns: number;
      readonly rows: number;
      /** UTF-8 that draws the screen on an empty terminal of this size; empty when it could not be made. */
      readonly screen: Uint8Array;
    }
  | {
      readonly type: "cursor";
      readonly id: number;
      readonly requestId: number;
      /** From 1, as in a cursor position report. */
      readonly row: number;
      readonly column: number;
    }
  | { readonly type: "title"; readonly id: number; readonly title: string }
  | { readonly type: "bell"; readonly id: number };
