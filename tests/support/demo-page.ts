import { TestGateway } from "./gateway.ts";
import { openWatchedPage, startBrowser, type WatchedPage } from "./watched-page.ts";

/** A gateway of its own with the demo's machines, and its person signed in on a watched page in French. */
export interface DemoPage {
  readonly watched: WatchedPage;
  close(): Promise<void>;
}

/** Starts gateway, with further words on its command line, and browser, and waits for *My machines*; rejects, with both ended, when it does not come. */
export async function openDemoPage(words: readonly string[] = []): Promise<DemoPage> {
  const gateway = await TestGateway.start(["--demo", ...words]);
  const browser = await startBrowser();
  const close = async () => {
    await browser.close();
    await gateway.stop();
  };
  try {
    const watched = await openWatchedPage(browser, new URL(gateway.url).origin, { locale: "fr-FR" });
    await watched.page.goto(gateway.link);
    await watched.page.getByRole("heading", { name: "Mes machines" }).waitFor();
    return { watched, close };
  } catch (error) {
    await close();
    throw error;
  }
}
