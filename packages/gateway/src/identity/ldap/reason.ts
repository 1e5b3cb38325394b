/** Longest reason kept of what a server says. */
const MAX_REASON = 300;

/** What a server or the network said, bounded; it holds no password, since none is sent in anything but a bind. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : "failed";
  return text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_REASON);
}
