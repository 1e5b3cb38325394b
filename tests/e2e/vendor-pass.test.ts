// Waits in real time: `npm test` only.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { eventually } from "../support/eventually.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { deliveredMail, labMail } from "../support/mail-server.ts";
import { enrolAdministrator, enrolByLink, enrolPerson, type TestPerson } from "../support/people.ts";
import { openSessionPage, SessionBrowser, seesText, typeLine } from "../support/session-page.ts";
import { assertAccessible } from "../support/watched-page.ts";

// A vendor pass from its proposal to its report: one proposes, another approves, the vendor works under a guardian's eyes.

const SHOTS = "test-results/vendor-pass";

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let guido: TestPerson;
let target: GrantedTarget;
let vendor: TestPerson;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  startLab("sshd", "smtp");
  const passwordFile = path.join(mkdtempSync(path.join(tmpdir(), "poterne-vendor-")), "password");
  writeFileSync(passwordFile, labMail.password);
  const mail = {
    host: labMail.host,
    port: labMail.startTlsPort,
    caFile: labMail.caFile,
    sender: "poterne@lab.test",
    user: labMail.user,
    passwordFile,
  };
  gateway = await TestGateway.start(
    Object.entries(mail).flatMap(([name, value]) => ["--set", `mail.${name}=${value}`]),
  );
  chief = await enrolAdministrator(gateway);
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles: ["approver"] });
  await chief.api.must("PATCH", `/api/v1/people/${guido.personId}`, { email: "guido@lab.test" });
  await guido.api.must("PATCH", "/api/v1/me", { language: "en" });
  target = await grantTarget(chief.api, {
    protocol: "ssh",
    port: 2201,
    personId: guido.personId,
    password: labPasswords.alice,
    rules: { filesToTarget: true, filesFromTarget: true, graceSeconds: 0 },
  });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const newPage = async ({ api }: TestPerson): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code;

/** The closing of a pass ends the sign-in some seconds later; until then the pass is what is told. */
async function isShutOut(api: ApiClient): Promise<void> {
  const code = codeOf(await api.call("GET", "/api/v1/my/machines"));
  assert.ok(code === "pass-closed" || code === "not-signed-in", String(code));
}
const letterTo = (name: string, subject: RegExp) =>
  eventually(
    `a letter to ${name}`,
    async () => deliveredMail().find((mail) => mail.to.includes(name) && subject.test(mail.subject)) ?? null,
  );

/** The page in its four looks, for whoever looks at them. */
async function shoot(page: Page, name: string): Promise<void> {
  await assertAccessible(page, name);
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 420, height: 760 });
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState === "finished"),
  );
  await assertAccessible(page, `${name}, dark and narrow`);
  await page.screenshot({ path: `${SHOTS}/${name}-dark-narrow.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1280, height: 760 });
}

async function pick(page: Page, label: string, option: RegExp): Promise<void> {
  await page
    .getByRole("dialog")
    .getByLabel(new RegExp(`^${label}`))
    .first()
    .click();
  await page.getByRole("option", { name: option }).click();
  await page.keyboard.press("Tab");
}

test("an administrator proposes in French; before the approval the vendor enrols, and nothing opens", async () => {
  const page = await newPage(chief);
  await page.goto("/admin/vendors");
  await page.getByRole("heading", { name: "Aucun accès tiers" }).waitFor();
  await shoot(page, "empty");
  await page.getByRole("button", { name: "Proposer un accès tiers" }).click();
  const form = page.getByRole("dialog", { name: "Proposer un accès tiers" });
  const fill = (label: string, text: string) =>
    form.getByRole("textbox", { name: new RegExp(`^${label}`) }).fill(text);
  await fill("Nom", "Tom Tiers");
  await fill("Identifiant", "tom");
  await fill("Adresse électronique", "tom@lab.test");
  await fill("Société", "Automates SARL");
  await fill("Contrat", "C-2026-17");
  await fill("Objet", "Mise à jour de l'automate");
  await form.getByRole("textbox", { name: /adresses|réseaux/i }).fill("127.0.0.0/8\n::1");
  await pick(page, "Cibles", new RegExp(target.name));
  await pick(page, "Comptes proposés", new RegExp(target.name));
  await pick(page, "Politique", new RegExp(target.name));
  await shoot(page, "form");
  await form.getByRole("button", { name: "Proposer", exact: true }).click();
  const link = (await page.locator("[data-secret]").textContent()) ?? "";
  vendor = await enrolByLink(gateway, link, { login: "tom", name: "Tom Tiers" });
  assert.equal(codeOf(await vendor.api.call("GET", "/api/v1/my/machines")), "pass-closed");
  await page.keyboard.press("Escape");
  const card = page.getByRole("article", { name: /^Tom Tiers — Automates SARL/ });
  await card.getByText("à décider").waitFor();
  assert.equal(await card.getByRole("button", { name: "Approuver" }).count(), 0, "not one's own");
});

test("somebody else is told and approves; the session waits for its guardian, and a revocation ends it", async () => {
  const told = await letterTo("guido@lab.test", /vendor pass for Tom Tiers/);
  assert.doesNotMatch(told.text, /automate|#/);
  const deciding = await newPage(guido);
  await deciding.goto("/requests");
  await deciding.getByRole("link", { name: "1 vendor pass waits for your decision" }).click();
  const card = deciding.getByRole("article", { name: /^Tom Tiers/ });
  await card.getByLabel("Comment").fill("Agreed with production");
  await shoot(deciding, "to-decide");
  await card.getByRole("button", { name: "Approve" }).click();
  await card.getByText("open", { exact: true }).waitFor();
  await letterTo("tom@lab.test", /approuvé/);

  const working = await newPage(vendor);
  await working.goto(`/open/${target.targetId}`);
  await working.getByRole("button", { name: "Ouvrir" }).click();
  const sessionId = await eventually("the session", async () => {
    const { items } = await chief.api.must<{ items: { sessionId: string; personName: string }[] }>(
      "GET",
      "/api/v1/sessions",
    );
    return items.find(({ personName }) => personName === "Tom Tiers")?.sessionId ?? null;
  });
  const guarding = await newPage(guido);
  await openSessionPage(guarding, sessionId, "?role=guardian");
  await working.waitForSelector(".session-host[data-kind='terminal']");
  await typeLine(working, "echo tiers-$((40+2))");
  await seesText(working, "tiers-42");
  const upload = await vendor.api.send(
    "PUT",
    `/api/v1/sessions/${sessionId}/files/content?path=${encodeURIComponent("/home/alice/vendor-pass.txt")}`,
    Buffer.from("version 2\n"),
    "application/octet-stream",
  );
  assert.equal(upload.status, 200, upload.bytes.toString());

  await deciding.bringToFront();
  await card.getByRole("button", { name: "Revoke" }).click();
  await deciding.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await card.getByText("revoked", { exact: true }).waitFor();
  await working.getByText("Votre autorisation a été retirée.").first().waitFor();
  await isShutOut(vendor.api);
});

test("the report names who agreed, the session, the file and the recording, in both languages and on paper", async () => {
  await letterTo("guido@lab.test", /over, report ready/);
  const page = await newPage(chief);
  await page.goto("/admin/vendors");
  await page.getByRole("link", { name: "Rapport" }).click();
  await page.getByRole("heading", { name: "Rapport d'accès tiers : Tom Tiers" }).waitFor();
  await page.getByText("1 session, 1 fichier transféré").waitFor();
  await page.getByText("/home/alice/vendor-pass.txt").waitFor();
  await page.getByText("Agreed with production").waitFor();
  await page.getByText("Un gardien devait être présent.").waitFor();
  const watched = page.getByRole("region", { name: "Qui a regardé" }).getByRole("row", { name: /Guido/ });
  await watched.getByText("gardien", { exact: true }).waitFor();
  assert.equal(await watched.getByText("encore là").count(), 0, "when they left is told");
  await page.getByRole("link", { name: "Revoir" }).waitFor();
  await shoot(page, "report");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("navigation", { name: "Navigation principale" }).isVisible(), false);
  assert.equal(await page.getByRole("button", { name: "Imprimer" }).isVisible(), false);
  await page.setViewportSize({ width: 760, height: 1000 });
  await page.screenshot({ path: `${SHOTS}/report-print.png`, fullPage: true });
  const english = await newPage(guido);
  await english.goto(page.url());
  await english.getByText("1 session, 1 file transferred").waitFor();
  await english.goto("/admin/vendors");
  await english.screenshot({ path: `${SHOTS}/list-english.png`, fullPage: true });
  const mail = await newPage(chief);
  await mail.goto("/admin/mail");
  await mail.getByText("accès tiers approuvé").first().waitFor();
  await shoot(mail, "mail");
});

test("a slot ends by itself: the session is told, the sign-in is over, and outside the slot none begins", async () => {
  const toMs = Date.now() + 25_000;
  const { pass } = await chief.api.must<{ pass: { passId: string } }>("POST", "/api/v1/vendor-passes", {
    person: { kind: "known", personId: vendor.personId },
    company: "Automates SARL",
    contract: "C-2026-18",
    purpose: "Contrôle",
    fromMs: Date.now() - 1000,
    toMs,
    networks: ["127.0.0.1", "::1"],
    targetIds: [target.targetId],
    accountIds: [target.accountId],
    policyId: target.policyId,
    needsGuardian: false,
  });
  const own = await chief.api.call("POST", `/api/v1/vendor-passes/${pass.passId}/decide`, {
    isApproval: true,
  });
  assert.equal(codeOf(own), "pass-own");
  await guido.api.must("POST", `/api/v1/vendor-passes/${pass.passId}/decide`, { isApproval: true });
  const again = await signInAgain();
  const { sessionId } = await again.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  const ended = await eventually("the end", async () => {
    const { items } = await chief.api.must<{
      items: { sessionId: string; endedAtMs: number | null; endCode: string | null }[];
    }>("GET", "/api/v1/sessions");
    const row = items.find((one) => one.sessionId === sessionId);
    return row?.endedAtMs == null ? null : row;
  });
  assert.equal(ended.endCode, "grant-over");
  assert.ok(
    Math.abs((ended.endedAtMs ?? 0) - toMs) < 7000,
    `ended ${(ended.endedAtMs ?? 0) - toMs} ms after`,
  );
  await isShutOut(again);
  await eventually("the closing", async () => {
    const { items } = await chief.api.must<{ items: unknown[] }>("GET", "/api/v1/journal?kind=pass.closed");
    return items.length === 2;
  });
  const late = new ApiClient(gateway);
  const { login, password } = vendor;
  const refused = await late.call("POST", "/api/v1/sign-in/password", { login, password });
  assert.equal(codeOf(refused), "pass-closed");
});

/** By password and a recovery code: the authenticator's code of this half minute may be used up. */
async function signInAgain(): Promise<ApiClient> {
  const api = new ApiClient(gateway);
  const { login, password, recoveryCodes } = vendor;
  const begun = await api.must<{ csrfToken: string }>("POST", "/api/v1/sign-in/password", {
    login,
    password,
  });
  api.csrfToken = begun.csrfToken;
  const [code] = recoveryCodes;
  const done = await api.must<{ csrfToken: string }>("POST", "/api/v1/sign-in/recovery-code", {
    recoveryCode: code,
  });
  api.csrfToken = done.csrfToken;
  return api;
}
