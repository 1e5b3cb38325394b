import { decodeUtf8 } from "@poterne/bytes";

/** The longest base64 text of one OSC 52 sequence. */
export const MAX_OSC52_LENGTH = 1024 * 1024;

/**
 * The text an OSC 52 sequence wants in the clipboard (`Pc;base64`), null when it asks for the clipboard (never
 * answered), is too long or is not base64.
 */
export function readOsc52(data: string): string | null {
  if (data.length > MAX_OSC52_LENGTH) return null;
  const separator = data.indexOf(";");
  const content = data.slice(separator + 1);
  if (separator < 0 || content === "" || content === "?") return null;
  try {
    return decodeUtf8(Uint8Array.from(atob(content), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}
