/**
 * Loads the page anew when its scripts or styles did not come: the network was changing, or the gateway was replaced by
 * another version meanwhile. Throws the error when this page was loaded anew already.
 */
export function loadAgain(error: unknown): void {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (navigation?.type === "reload") throw error;
  location.reload();
}
