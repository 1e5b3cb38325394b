import type { RfbScreen } from "./client-messages.ts";

/** What the session's stream tells besides pictures. */
export interface SessionEvents {
  bell(): void;
  title(bytes: Uint8Array): void;
  locks(locks: number): void;
  /** Whether cut text of this size is wanted; else it is passed over. */
  mayTakeClipboard(sizeBytes: number): boolean;
  /** Cut text: Latin-1, or an extended message with its flags. */
  clipboard(bytes: Uint8Array, isExtended: boolean): void;
  fence(flags: number, payload: Uint8Array): void;
  /** Also the server's way of saying that it knows continuous updates. */
  continuousUpdatesEnded(): void;
  qemuKeysSupported(): void;
  /** The desktop's size, also when it did not change. */
  resize(width: number, height: number): void;
  resizeRefused(status: number): void;
  layout(screen: RfbScreen): void;
  /** `partBytes`: what of it lies in each band of the screen. */
  updateEnded(sizeBytes: number, partBytes: readonly number[]): void;
}
