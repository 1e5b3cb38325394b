import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { endCodeOf } from "../support/evidence.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { codeNow, enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { findsNothing, SessionBrowser } from "../support/session-page.ts";
import { shootLooks } from "../support/shots.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// Pages of an administrator whose acts leave evidence: charter, retention and hold, erasure, tokens, many grants at once.

const SHOTS = "test-results/admin-evidence";
const DAY_MS = 86_400_000;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let bea: TestPerson;
let page: Page;
let target: GrantedTarget;

before(async () => {
  startLab("sshd");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  bea = await enrolPerson(gateway, chief, { login: "bea", name: "Béa", roles: ["user"] });
  for (const { api } of [chief, bea]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  const { personId } = chief;
  const rules = { retentionDays: 1 };
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice, rules } as const;
  target = await grantTarget(chief.api, wish);
  await grantTarget(chief.api, { ...wish, personId: bea.personId });
  browser = await SessionBrowser.start();
  page = await browser.newPage(await browser.newContext(chief.api));
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

async function publishCharter(text: string): Promise<void> {
  await page.goto("/admin/charter");
  await page.getByRole("button", { name: "Publish a new version" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("French text").fill(`# Charte\n\n${text}`);
  await form.getByLabel("English text").fill(`# Charter\n\n${text}`);
  await form.getByRole("button", { name: "Publish a new version" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText(text).waitFor();
}

/** Béa signs in in a browser of her own, up to the charter. */
async function signInToCharter(act: (signIn: Page) => Promise<void>, text: string): Promise<void> {
  const context = await browser.newContext(chief.api);
  await context.clearCookies();
  const signIn = await browser.newPage(context);
  await signIn.goto("/sign-in");
  await signIn.getByLabel("Login").fill("bea");
  await signIn.getByRole("textbox", { name: /^Password/ }).fill(bea.password);
  await signIn.getByRole("button", { name: "Sign in", exact: true }).click();
  await signIn.getByRole("heading", { name: "Second factor" }).waitFor();
  await act(signIn);
  await signIn.getByRole("heading", { name: "Charter of use" }).waitFor();
  await signIn.getByText(text).waitFor();
  await findsNothing(signIn, "the charter");
  const goOn = signIn.getByRole("button", { name: "Continue" });
  assert.equal(await goOn.isDisabled(), true, "nobody goes on without accepting");
  await signIn.goto("/");
  await signIn.getByRole("heading", { name: "Charter of use" }).waitFor();
  await signIn.getByLabel("I have read and accept the charter").check();
  await goOn.click();
  // Béa has one way in, and lands on it.
  await signIn.getByRole("heading", { name: /^Open ssh-/ }).waitFor();
  await context.close();
}

test("the charter is accepted at the first sign-in and again at its next version", async () => {
  await publishCharter("Only for work.");
  await page.getByText("0 acceptances").waitFor();
  await signInToCharter(async (signIn) => {
    await signIn.getByLabel("Six-digit code").fill(codeNow(bea.totpSecret, 1));
    await signIn.getByRole("button", { name: "Confirm" }).click();
  }, "Only for work.");
  await page.reload();
  await page.getByText("1 acceptance", { exact: true }).waitFor();
  await publishCharter("Only for work, and on weekdays.");
  await signInToCharter(async (signIn) => {
    await signIn.getByRole("button", { name: "Use a recovery code" }).click();
    await signIn.getByLabel("Recovery code").fill(bea.recoveryCodes[0] ?? "");
    await signIn.getByRole("button", { name: "Confirm" }).click();
  }, "Only for work, and on weekdays.");
});

/** An act on the only recording of the list. */
async function actOnRecording(action: string, reason: string): Promise<void> {
  await page.goto("/recordings");
  await page
    .getByRole("button", { name: /^Other actions on the recording/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: action }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Reason").fill(reason);
  await findsNothing(page, action);
  await form.getByRole("button", { name: action }).click();
  await form.waitFor({ state: "detached" });
}

/** What retention would do in two days, as its page says. */
async function previewRetention(words: string): Promise<void> {
  await page.goto("/admin/retention");
  await page.getByLabel("If it ran on").fill(new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10));
  await page.getByText(words).waitFor();
}

test("a recording on hold outlives retention and hands; lifted, it would go; deleted, it leaves a certificate", async () => {
  const sessionId = await openSession(chief.api, target);
  const viewer = await HeadlessViewer.attach(chief.api, sessionId);
  await viewer.untilOpen();
  viewer.control({ type: "end" });
  await endCodeOf(chief.api, sessionId);
  await previewRetention("1 recording would be deleted");
  await actOnRecording("Hold", "Court order 12/2026");
  await page.getByText("On hold").filter({ visible: true }).first().waitFor();
  await page
    .getByRole("button", { name: /^Other actions on the recording/ })
    .first()
    .click();
  assert.equal(await page.getByRole("menuitem", { name: "Delete" }).isDisabled(), true);
  await previewRetention("Nothing to delete");
  const { body } = await chief.api.call<{ code: string }>("DELETE", `/api/v1/recordings/${sessionId}`, {
    reason: "tidying up",
  });
  assert.equal(body.code, "recording-on-hold");
  await actOnRecording("Lift the hold", "Case closed");
  await previewRetention("1 recording would be deleted");
  await actOnRecording("Delete", "No longer needed");
  await eventually("the certificate in the journal", async () => {
    type Answer = { items: { details: Record<string, unknown> }[] };
    const { items } = await chief.api.must<Answer>("GET", "/api/v1/journal?kind=recording.&search=needed");
    return items.some(({ details }) => /^[0-9a-f]{64}$/.test(String(details.sha256 ?? "")));
  });
});

test("a token does what it was made for, nothing else, and nothing once revoked", async () => {
  await page.goto("/me");
  await page.getByRole("button", { name: "Make a token" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("What it is for").fill("nightly list");
  await findsNothing(page, "the token form");
  await form.locator(".mantine-MultiSelect-input").click();
  await page.getByRole("option", { name: "journal:read", exact: true }).click();
  // The list stays open for more, over the button, until the field is left.
  await page.keyboard.press("Tab");
  await form.getByRole("button", { name: "Make a token" }).click();
  await page.getByText("Here is the token.").waitFor();
  const token = (await page.getByRole("status").locator("pre").textContent()) ?? "";
  const ask = async (path: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const context = await browser.newContext(chief.api);
    await context.clearCookies();
    const { status } = await context.request
      .get(path, { headers })
      .then((reply) => ({ status: reply.status() }));
    await context.close();
    return status;
  };
  assert.equal(await ask("/api/v1/journal?limit=1"), 200);
  assert.equal(await ask("/api/v1/people"), 403);
  await page.reload();
  await page.getByRole("cell", { name: "nightly list" }).waitFor();
  assert.equal((await page.content()).includes(token), false, "it is shown once");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No token.").waitFor();
  assert.equal(await ask("/api/v1/journal?limit=1"), 401);
});

test("many grants are suspended, put in force again and withdrawn at once", async () => {
  const openable = async (): Promise<number> =>
    (await chief.api.must<{ items: unknown[] }>("GET", "/api/v1/my/machines")).items.length;
  await page.goto("/admin/grants");
  const table = page.getByRole("table");
  const boxes = table.getByRole("checkbox");
  const tickAll = async (): Promise<void> => {
    for (const box of (await boxes.all()).slice(1)) await box.check();
  };
  await table.getByText("in force", { exact: true }).first().waitFor();
  assert.equal(await openable(), 1);
  await tickAll();
  await page.getByText("2 selected").waitFor();
  await findsNothing(page, "grants ticked");
  await page.getByRole("button", { name: "Suspend", exact: true }).click();
  await table.getByText("in force", { exact: true }).first().waitFor({ state: "detached" });
  assert.equal(await table.getByText("suspended", { exact: true }).count(), 2);
  assert.equal(await openable(), 0);
  await tickAll();
  await page.getByRole("button", { name: "Put in force again" }).click();
  await table.getByText("suspended", { exact: true }).first().waitFor({ state: "detached" });
  assert.equal(await openable(), 1);
  await tickAll();
  await page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByRole("dialog").getByText("2 grants are withdrawn").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await page.getByText("No grant", { exact: true }).waitFor();
  assert.equal(await openable(), 0);
});

test("an erased person is a pseudonym everywhere on the pages", async () => {
  await page.goto(`/admin/people/${bea.personId}`);
  await page.getByRole("button", { name: "Erase the person" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Reason").fill("Left the service");
  await form.getByRole("button", { name: "Erase the person" }).click();
  await page.getByText(/Person erased\. The pseudonym is/).waitFor();
  await form.getByRole("button", { name: "Erase the person" }).waitFor({ state: "detached" });
  for (const path of ["/admin/people", "/admin/grants", "/live?show=ended"]) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
    assert.equal((await page.content()).includes("Béa"), false, path);
  }
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

test("compliance shows the journal's evidence, leads to its entry, and prints in French", async () => {
  await chief.api.must("PATCH", "/api/v1/me", { language: "fr" });
  const french = await browser.newPage(await browser.newContext(chief.api));
  await french.goto("/admin/compliance");
  await french.getByRole("heading", { name: "Conformité" }).waitFor();
  const factors = french.getByRole("row", { name: /^R33, R36, R37/ });
  await factors.getByText("Dernière connexion avec un second facteur").waitFor();
  await french
    .getByRole("row", { name: /^R45/ })
    .getByText("Dernier essai de restauration : rien au journal")
    .waitFor();
  await french.getByText(/Textes non retrouvés : R7, R8, R9, R10, R12\./).waitFor();
  await shootLooks(french, SHOTS, "compliance");
  await french.emulateMedia({ media: "print" });
  assert.equal(await french.getByRole("button", { name: "Imprimer" }).isVisible(), false);
  await french.pdf({ path: `${SHOTS}/compliance.pdf`, format: "A4" });
  await french.emulateMedia({ media: "screen" });
  await factors.getByRole("link", { name: /\d{4}/ }).click();
  await french.getByRole("heading", { name: /sign-in\.succeeded$/ }).waitFor();
  await findsNothing(french, "the entry a link leads to");
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
});

test("administration's navigation folds by parts, by keyboard and in a narrow window", async () => {
  const wide = await browser.newPage(await browser.newContext(chief.api));
  await wide.goto("/admin");
  const rail = wide.getByRole("navigation", { name: "Main navigation" });
  const part = (name: string) => rail.getByRole("button", { name, exact: true });
  await part("People").waitFor();
  const parts = ["People", "Machines", "Access", "Evidence", "System"];
  for (const name of parts) assert.equal(await part(name).getAttribute("aria-expanded"), "false", name);
  await part("Access").focus();
  await wide.keyboard.press("Enter");
  await rail.getByRole("link", { name: "Grants" }).waitFor();
  await wide.keyboard.press("Tab");
  await wide.keyboard.press("Tab");
  await wide.keyboard.press("Enter");
  await wide.getByRole("heading", { name: "Policies", level: 1 }).waitFor();
  assert.equal(await rail.getByRole("link", { name: "Policies" }).getAttribute("aria-current"), "page");
  // A page that is reached in another way opens its part.
  await wide.goto("/admin/retention");
  await rail.getByRole("link", { name: "Compliance" }).waitFor();
  assert.equal(await part("Access").getAttribute("aria-expanded"), "false");
  await shootLooks(wide, SHOTS, "rail");
  await wide.setViewportSize({ width: 380, height: 740 });
  await wide.getByRole("button", { name: "Open the menu" }).click();
  await part("System").click();
  await rail.getByRole("link", { name: "Mail" }).waitFor();
  await findsNothing(wide, "the narrow rail");
  await wide.screenshot({ path: `${SHOTS}/rail-narrow.png` });
  await rail.getByRole("link", { name: "Mail" }).click();
  await wide.getByRole("heading", { name: "Mail", level: 1 }).waitFor();
});
