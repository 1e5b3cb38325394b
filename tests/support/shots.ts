import type { Page } from "@playwright/test";
import { assertAccessible } from "./watched-page.ts";

/** Checks a page for accessibility and keeps its picture, then the dark and narrow one, for whoever looks at them. */
export async function shootLooks(page: Page, folder: string, name: string): Promise<void> {
  await assertAccessible(page, name);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 420, height: 760 });
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState === "finished"),
  );
  await page.screenshot({ path: `${folder}/${name}-dark-narrow.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1280, height: 760 });
}
