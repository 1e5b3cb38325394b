import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Page } from "@playwright/test";
import { type DemoPage, openDemoPage } from "../support/demo-page.ts";
import type { WatchedPage } from "../support/watched-page.ts";

let demo: DemoPage;
let watched: WatchedPage;

before(async () => {
  demo = await openDemoPage();
  watched = demo.watched;
});
after(() => demo?.close());

async function saveProfile(page: Page, keyboard: "positions" | "characters"): Promise<void> {
  await page.goto("/me");
  await page.getByLabel("Clavier dans les sessions").selectOption(keyboard);
  await page.locator("form", { hasText: "Clavier dans les sessions" }).getByRole("button").click();
  await page
    .getByRole("status")
    .filter({ hasText: /enregistré/i })
    .waitFor();
}

/** The mode that the keyboard test, like a session, uses. */
async function assertMode(page: Page, mode: "Caractères" | "Positions"): Promise<void> {
  await page.goto("/keyboard");
  await page.getByRole("radio", { name: mode, checked: true }).waitFor({ state: "attached" });
}

it("types as the profile says, unless another mode was chosen in this browser", async () => {
  const { page } = watched;
  await assertMode(page, "Caractères");
  await saveProfile(page, "positions");
  await assertMode(page, "Positions");
  await page.getByText("Caractères", { exact: true }).click();
  await assertMode(page, "Caractères");
  // That is this browser's matter: the profile, and with it every other browser, stays as it was.
  const { keyboardMode } = await page.evaluate(async () => {
    const reply = await fetch("/api/v1/sign-in");
    return ((await reply.json()) as { person: { keyboardMode: string } }).person;
  });
  assert.equal(keyboardMode, "positions");
  // A new wish in the profile counts here too.
  await saveProfile(page, "characters");
  await saveProfile(page, "positions");
  await assertMode(page, "Positions");
});
