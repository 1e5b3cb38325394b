/** The longest title a target may give its terminal. */
export const MAX_TITLE_LENGTH = 200;
/** The longest address a link may have. */
export const MAX_LINK_LENGTH = 2048;
const LINK_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
/** Characters that turn the direction of text round, or show nothing: they make one text look like another. */
const DISGUISES = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A title as it may be shown: one line, bounded, nothing in it that deceives. */
export function cleanTitle(title: string): string {
  return title.replace(CONTROLS, "").replace(DISGUISES, "").slice(0, MAX_TITLE_LENGTH);
}

/**
 * The address of a link as it will really be opened, or null when it may not be: only http, https and mailto, no name
 * and password before the host, bounded. International host names come out in their ASCII form, so that look-alike
 * letters show.
 */
export function readSafeLink(address: string): string | null {
  if (address.length > MAX_LINK_LENGTH) return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!LINK_SCHEMES.has(url.protocol) || url.username !== "" || url.password !== "") return null;
  return url.href.length > MAX_LINK_LENGTH ? null : url.href;
}
