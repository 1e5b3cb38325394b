/**
 * Remembers what was fetched, so that it is at hand in the same turn once it is there: `import()` takes turns of its own
 * even then. What could not be fetched is tried again.
 */
export function fetchedOnce<Fetched>(fetch: () => Promise<Fetched>): () => Promise<Fetched> {
  let fetched: Promise<Fetched> | null = null;
  return () => {
    fetched ??= fetch().catch((error: unknown) => {
      fetched = null;
      throw error;
    });
    return fetched;
  };
}
