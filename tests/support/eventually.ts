/** A loaded machine of two cores takes its time. */
const WAIT_MS = 60_000;
const PAUSE_MS = 100;

/** Asks again until the answer is neither null nor false, and gives it; fails with the last answer `seen` told. */
export async function eventually<Found>(
  what: string,
  probe: (seen: (text: string) => void) => Promise<Found | null | false>,
): Promise<Found> {
  const deadline = Date.now() + WAIT_MS;
  let said = "";
  for (;;) {
    const found = await probe((text) => {
      said = text;
    });
    if (found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
