import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Page } from "@playwright/test";
import { type DemoPage, openDemoPage } from "../support/demo-page.ts";
import { assertAccessible, type WatchedPage } from "../support/watched-page.ts";

const MACHINE = "SRV-LINUX-01";

let demo: DemoPage;
let watched: WatchedPage;

before(async () => {
  demo = await openDemoPage();
  watched = demo.watched;
});
after(() => demo?.close());

/** Deletes a machine as another tab of the same person would. */
function deleteMachine(page: Page, name: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const { csrfToken } = (await (await fetch("/api/v1/sign-in")).json()) as { csrfToken: string };
    const list = (await (await fetch("/api/v1/machines")).json()) as {
      items: { machineId: string; name: string }[];
    };
    const machineId = list.items.find((machine) => machine.name === wanted)?.machineId;
    const headers = { "x-poterne-csrf": csrfToken };
    return (await fetch(`/api/v1/machines/${machineId}`, { method: "DELETE", headers })).status;
  }, name);
}

it("brings a deleted machine back from the page of deleted objects", async () => {
  const { page } = watched;
  await page.goto("/admin/deleted");
  await page.getByRole("heading", { name: "Rien à restaurer" }).waitFor();
  assert.equal(await deleteMachine(page, MACHINE), 200);
  await page.goto("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("heading", { name: MACHINE }).waitFor({ state: "detached" });
  await page.goto("/admin/deleted");
  await page.getByRole("cell", { name: MACHINE, exact: true }).waitFor();
  await assertAccessible(page, "/admin/deleted with a machine");
  await page.getByLabel("Type").selectOption("account");
  await page.getByRole("heading", { name: "Rien à restaurer" }).waitFor();
  await page.getByLabel("Type").selectOption("");
  await page.getByRole("button", { name: `Restaurer ${MACHINE}` }).click();
  await page
    .getByRole("status")
    .filter({ hasText: `« ${MACHINE} » est restauré` })
    .waitFor();
  await page.getByRole("heading", { name: "Rien à restaurer" }).waitFor();
  await page.goto("/");
  await page.getByRole("heading", { name: MACHINE }).waitFor();
});
