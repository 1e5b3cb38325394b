import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type DemoPage, openDemoPage } from "../support/demo-page.ts";
import type { WatchedPage } from "../support/watched-page.ts";

// What a person sees when a page cannot be drawn, or did not arrive whole.

let demo: DemoPage;
let watched: WatchedPage;

before(async () => {
  demo = await openDemoPage();
  watched = demo.watched;
});
after(() => demo?.close());

it("is loaded anew when a style did not come, once", async () => {
  const { page } = watched;
  let asked = 0;
  await page.route("**/assets/start-*.css", async (route) => {
    asked++;
    if (asked === 1) await route.abort("failed");
    else await route.continue();
  });
  await page.goto("/");
  await page.getByRole("heading", { name: "Mes machines" }).waitFor();
  assert.equal(asked, 2);
  await page.unrouteAll();
});

it("keeps the frame around a page that failed, and one goes on elsewhere", async () => {
  const { page } = watched;
  await page.route("**/api/v1/my/machines*", (route) => route.fulfill({ json: { items: [null] } }));
  await page.goto("/");
  await page.getByText("Cette page s'est arrêtée").waitFor();
  await page.getByRole("link", { name: "Enregistrements" }).click();
  await page.getByRole("heading", { level: 1, name: "Enregistrements" }).waitFor();
  assert.equal(await page.getByText("Cette page s'est arrêtée").count(), 0);
  await page.unrouteAll();
  await page.goBack();
  await page.getByRole("button", { name: "Recharger la page" }).click();
  await page.getByText("SRV-LINUX-01").filter({ visible: true }).first().waitFor();
});

it("leaves the page one goes from as it was, until the next one stands", async () => {
  const { page } = watched;
  // A page that began anew on its way out would ask for its list once more.
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/v1/my/machines")) asked++;
  });
  await page.evaluate(() => {
    const title = document.querySelector("h1");
    const seen = globalThis as unknown as { begunAnew: boolean };
    seen.begunAnew = false;
    new MutationObserver(() => {
      const now = document.querySelector("h1");
      if (now !== title && now?.textContent === title?.textContent) seen.begunAnew = true;
    }).observe(document.body, { subtree: true, childList: true });
  });
  await page.getByRole("link", { name: "Enregistrements" }).click();
  await page.getByRole("heading", { level: 1, name: "Enregistrements" }).waitFor();
  assert.equal(await page.evaluate(() => (globalThis as unknown as { begunAnew: boolean }).begunAnew), false);
  assert.equal(asked, 0);
});
