// Waits in real time: `npm test` only.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { addProvider } from "../support/directory-people.ts";
import { enterByFederation, openFederation } from "../support/federation.ts";
import { TestGateway } from "../support/gateway.ts";
import { HostileIdp } from "../support/hostile-idp.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { slapdConfig } from "../support/ldap.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { SessionBrowser, seesText, typeLine } from "../support/session-page.ts";
import { shootLooks } from "../support/shots.ts";

// Somebody of a federation opens a machine "as me": asked once, with the reason, and told what is kept on My account.

const SHOTS = "test-results/own-password";
let gateway: TestGateway;
let idp: HostileIdp;
let browser: SessionBrowser;
let admin: TestPerson;
let alice: TestPerson;
let target: GrantedTarget;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  startLab("slapd", "sshd");
  idp = await HostileIdp.start();
  gateway = await TestGateway.start();
  admin = await enrolAdministrator(gateway);
  const directoryId = await addProvider(admin.api, "Annuaire", slapdConfig(), labPasswords.bob);
  const config = openFederation(idp.issuer, { accountDirectoryId: directoryId });
  const providerId = await addProvider(admin.api, "Fédération", config, null);
  alice = await enterByFederation(gateway, idp, { providerId, login: "alice" });
  const { personId } = alice;
  target = await grantTarget(admin.api, { protocol: "ssh", port: 2201, personId, kind: "as-me" });
  for (const { api } of [admin, alice]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await idp?.stop();
});

const newPage = async ({ api }: TestPerson): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));

test("a machine “as me” asks for the password once and says why; My account shows it and forgets it", async () => {
  const page = await newPage(alice);
  await page.goto(`/open/${target.targetId}`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Your password" });
  await question.getByText(/opens with your own account alice\. Your password is not kept/).waitFor();
  await shootLooks(page, SHOTS, "question");
  await question.locator('input[type="password"]').fill("not-hers");
  await question.getByRole("button", { name: "Open" }).click();
  await question.getByText("Annuaire does not take this password for alice.").waitFor();
  await question.locator('input[type="password"]').fill(labPasswords.alice);
  await question.getByRole("button", { name: "Open" }).click();
  await page.waitForURL(/\/s\//);
  await seesText(page, "alice@");
  await typeLine(page, "echo it-is-$(id -un)");
  await seesText(page, "it-is-alice");

  const mine = await newPage(alice);
  await mine.goto("/me");
  const section = mine.locator("section", { hasText: "My directory password" });
  await section.getByText("kept for this sign-in").waitFor();
  await shootLooks(mine, SHOTS, "kept");
  await section.getByRole("button", { name: "Forget now" }).click();
  await section.getByText("not kept: it will be asked for at the first opening").waitFor();

  await page.goto(`/open/${target.targetId}`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await question.waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "detached" });
  assert.deepEqual(browser.complaints, []);
});

test("an administrator makes an account “as me” and ties a federation to a directory", async () => {
  const page = await newPage(admin);
  await page.goto("/admin/accounts");
  await page.getByRole("button", { name: "Create an account" }).click();
  const form = page.getByRole("dialog", { name: "Create an account" });
  await form.getByRole("textbox", { name: "Name", exact: true }).fill("En mon nom");
  await form.getByLabel("Kind").selectOption("as-me");
  await form.getByText("Each person opens the machine with their own directory account.").waitFor();
  await shootLooks(page, SHOTS, "account");
  await form.getByLabel("Login on the target").fill("root");
  await form.getByRole("button", { name: "Create", exact: true }).click();
  await form.getByRole("alert").waitFor();
  await form.getByLabel("Login on the target").fill("LAB\\{login}");
  await form.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { name: "En mon nom" }).waitFor();
  await page.getByText("none: the person's own password").waitFor();

  await page.goto("/admin/providers");
  await page.getByRole("button", { name: "Edit : Fédération" }).click();
  const provider = page.getByRole("dialog");
  await provider.getByLabel("Directory of accounts “as me”").scrollIntoViewIfNeeded();
  assert.equal(await provider.getByLabel("Directory of accounts “as me”").inputValue(), "Annuaire");
  await page.screenshot({ path: `${SHOTS}/provider.png` });
  assert.deepEqual(browser.complaints, []);
});
