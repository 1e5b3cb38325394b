/** Longest reason kept. */
const MAX_REASON = 300;

/** What went wrong, with its causes, bounded: for the journal and the test page, never for whoever signs in. */
export function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = error; one instanceof Error && parts.length < 4; one = one.cause) {
    const { code, error: oauthError } = one as { code?: unknown; error?: unknown };
    const detail = [code, oauthError].filter((word) => typeof word === "string").join(" ");
    parts.push(detail === "" ? one.message : `${one.message} (${detail})`);
  }
  // What openid-client calls whatever it did not do itself: its cause says more.
  if (parts.length > 1 && parts[0] === "something went wrong") parts.shift();
  const text = parts.length === 0 ? "failed" : parts.join(": ");
  return text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_REASON);
}
