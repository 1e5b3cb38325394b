// Waits in real time: `npm test` only.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { openSessionPage, SessionBrowser, seesText, typeLine } from "../support/session-page.ts";
import { assertAccessible } from "../support/watched-page.ts";

// One person asks, another approves, in two browsers; the session they open ends when it is taken back, or with its hours.

const SHOTS = "test-results/access-requests";
const MINUTE_MS = 60_000;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
let guido: TestPerson;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  startLab("sshd");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles: ["approver"] });
  for (const { api } of [chief, ada, guido]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const newPage = async ({ api }: TestPerson): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));

function grantSsh(rules: Readonly<Record<string, unknown>>): Promise<GrantedTarget> {
  const { personId } = ada;
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice, rules } as const;
  return grantTarget(chief.api, wish);
}

/** The page in its four looks, for whoever looks at them. */
async function shoot(page: Page, name: string): Promise<void> {
  await assertAccessible(page, name);
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 420, height: 760 });
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState === "finished"),
  );
  await page.screenshot({ path: `${SHOTS}/${name}-dark-narrow.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1280, height: 760 });
}

test("a request is made, approved in another browser, opened, and ends at once when it is revoked", async () => {
  const approval = { quorum: 1, maxMinutes: 60, emergencyMinutes: 5 };
  const target = await grantSsh({ approval, graceSeconds: 0 });
  const [asking, deciding] = [await newPage(ada), await newPage(guido)];
  // The link somebody gave her says what is missing, and leads to the request.
  await asking.goto(`/open/${target.targetId}`);
  await asking.getByText("This access needs an approval.").waitFor();
  await asking.getByRole("link", { name: "Ask for this access" }).click();
  const form = asking.getByRole("dialog", { name: "Ask for access" });
  await form.getByLabel("Reason").fill("Disk full");
  await form.getByLabel("Ticket number").fill("INC-42");
  await shoot(asking, "form");
  await form.getByRole("button", { name: "Send the request" }).click();
  const mine = asking.getByRole("article", { name: `Ada asks for ${target.name}` });
  await mine.getByText("waiting").waitFor();
  await mine.getByText("INC-42 — Disk full").waitFor();

  await deciding.goto("/live");
  const place = deciding.getByRole("link", { name: /^Requests/ });
  await place.getByText("1 request waits for your decision").waitFor();
  await place.click();
  const theirs = deciding.getByRole("article", { name: `Ada asks for ${target.name}` });
  await theirs.getByText("0 / 1 approvals").waitFor();
  await shoot(deciding, "to-decide");
  await theirs.getByLabel("Comment").fill("Go ahead");
  await theirs.getByRole("button", { name: "Approve" }).click();
  await theirs.getByText("granted").waitFor();
  await place.getByText("1 request waits for your decision").waitFor({ state: "detached" });

  // Nobody reloads: the page hears of it.
  await mine.getByText("granted").waitFor();
  await mine.getByText("Guido approved: Go ahead").waitFor();
  await shoot(asking, "granted");
  await mine.getByRole("link", { name: "Open" }).click();
  await asking.getByRole("button", { name: "Open" }).click();
  await asking.waitForSelector(".session-host[data-kind='terminal']");
  await seesText(asking, "alice@");
  await typeLine(asking, "echo granted-$((40+2))");
  await seesText(asking, "granted-42");

  await theirs.getByRole("button", { name: "Revoke" }).click();
  await deciding.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await theirs.getByText("revoked").waitFor();
  await asking.getByText("Your grant was withdrawn.").first().waitFor();
  await asking.screenshot({ path: `${SHOTS}/revoked.png` });
  const again = await ada.api.call("POST", "/api/v1/sessions", { targetId: target.targetId });
  assert.equal(again.status, 403);
});

test("an emergency opens without anybody, and demands its report", async () => {
  const approval = { quorum: 1, maxMinutes: 60, emergencyMinutes: 5 };
  const target = await grantSsh({ approval });
  const page = await newPage(ada);
  await page.goto(`/requests?target=${target.targetId}`);
  const form = page.getByRole("dialog", { name: "Ask for access" });
  await form.getByLabel("Reason").fill("Fire control is down");
  await form.getByLabel(/^Emergency/).check();
  await form.getByRole("button", { name: "Open in emergency" }).click();
  const card = page.getByRole("article", { name: `Ada asks for ${target.name}` });
  await card.getByText("granted").waitFor();
  const sessionId = await openSession(ada.api, target);
  await openSessionPage(await newPage(ada), sessionId);
  const { items } = await chief.api.must<{ items: { kind: string }[] }>("GET", "/api/v1/journal?level=alarm");
  assert.ok(items.some(({ kind }) => kind === "request.emergency"));
  // It is seen in the navigation of who administers, and nothing follows it before its report.
  const watching = await newPage(chief);
  await watching.goto("/requests");
  const place = watching.getByRole("link", { name: /^Requests/ });
  await place.getByText("1 emergency access is open").waitFor();
  await watching.getByText("Emergency accesses that are open now").waitFor();
  await shoot(watching, "emergency-open");
  const other = await grantSsh({ approval });
  await page.goto(`/requests?target=${other.targetId}`);
  await form.getByLabel("Reason").fill("Another one is down");
  await form.getByLabel(/^Emergency/).check();
  await form.getByRole("button", { name: "Open in emergency" }).click();
  await form.getByText(/waits for its report: no other opens/).waitFor();
  await page.screenshot({ path: `${SHOTS}/emergency-refused.png` });
  await page.goto("/requests");
  assert.equal(await card.getByRole("button", { name: "Prolong" }).count(), 0);
  await card.getByRole("button", { name: "Give the access back" }).click();
  await card.getByText("The report of this emergency access is missing.").waitFor();
  await page.getByText("A report is asked of you").waitFor();
  await page.reload();
  await page
    .getByRole("link", { name: /^Requests/ })
    .getByText("you owe 1 emergency report")
    .waitFor();
  await shoot(page, "report-owed");
  await watching.reload();
  await place.getByText("1 emergency report is missing").waitFor();
  await card.getByRole("button", { name: "Report" }).click();
  const report = page.getByRole("dialog", { name: "Report" });
  await report.getByLabel("Report").fill("Restarted the service; the cause is still unknown.");
  await report.getByRole("button", { name: "Hand in the report" }).click();
  await card.getByText("Report: Restarted the service").waitFor();
  await shoot(page, "emergency");

  // A report that never comes: an administrator closes the emergency, in their own name.
  await ada.api.must("POST", "/api/v1/my/requests", {
    targetId: other.targetId,
    reason: "Third time",
    minutes: 5,
    isEmergency: true,
  });
  await watching.reload();
  const theirs = watching.getByRole("article", { name: `Ada asks for ${other.name}` });
  await theirs.getByRole("button", { name: "Revoke" }).click();
  await watching.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await theirs.getByRole("button", { name: "Close without a report" }).click();
  const closing = watching.getByRole("dialog", { name: "Close without a report" });
  await closing.getByLabel("Why, and what is known").fill("She has left; the journal tells what was done.");
  await closing.getByRole("button", { name: "Close without a report" }).click();
  await theirs.getByText(/^Closed without a report by/).waitFor();
  await shoot(watching, "emergency-closed");
});

/** Hours that end within two minutes, in a zone where it is about noon, so that no midnight is near. */
function hoursEndingSoon(): { readonly hours: object; readonly endsAtMs: number } {
  const nowMs = Date.now();
  const endsAtMs = Math.ceil((nowMs + 45_000) / MINUTE_MS) * MINUTE_MS;
  const behind = new Date(nowMs).getUTCHours() - 12;
  // POSIX signs: Etc/GMT+3 is three hours behind UTC.
  const timeZone = `Etc/GMT${behind >= 0 ? "+" : ""}${behind}`;
  const to = new Date(endsAtMs - behind * 3_600_000).toISOString().slice(11, 16);
  return { hours: { timeZone, slots: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to }] }, endsAtMs };
}

test("a session counts down to the end of its hours, and ends with them and their words", async () => {
  const { hours, endsAtMs } = hoursEndingSoon();
  const target = await grantSsh({ hours });
  const page = await newPage(ada);
  const sessionId = await openSession(ada.api, target);
  await openSessionPage(page, sessionId);
  await page.getByText("End of session near").waitFor();
  await page.screenshot({ path: `${SHOTS}/countdown.png` });
  await page.getByText("The hours of this access are over.").first().waitFor({ timeout: 150_000 });
  assert.ok(Date.now() >= endsAtMs - 1000, "not before its time");
  await page.screenshot({ path: `${SHOTS}/hours-over.png` });
  const refused = await ada.api.call("POST", "/api/v1/sessions", { targetId: target.targetId });
  assert.equal(refused.status, 403);
  await page.goto(`/open/${target.targetId}`);
  await page.getByText(/This access is not open at this hour.*Opens on/).waitFor();
});

test("the pages where rules are written can be used, and say what they do", async () => {
  const target = await grantSsh({});
  const page = await newPage(chief);
  await page.goto(`/admin/policies/${target.policyId}`);
  await page.getByLabel("Open at certain hours only").check();
  await page.getByLabel("Time zone").fill("Europe/Paris");
  await page.getByLabel("An approved request is needed").check();
  await page.getByLabel("Allow emergency access (break glass)").check();
  await page.getByLabel("Source addresses allowed").fill("192.0.2.0/24\n2001:db8::/32");
  await page.getByText("Only from 192.0.2.0/24, 2001:db8::/32.").waitFor();
  await shoot(page, "policy");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText(/Version 2/).waitFor();

  await page.goto("/admin/holidays");
  await page
    .getByRole("button", { name: /Add the French public holidays/ })
    .first()
    .click();
  await page.getByText("11 days").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await shoot(page, "holidays");

  await page.goto(`/admin/people/${ada.personId}`);
  await page.getByRole("button", { name: "Change the addresses" }).click();
  const dialogue = page.getByRole("dialog", { name: "Source addresses allowed" });
  await dialogue.getByLabel("Source addresses allowed").fill("127.0.0.0/8");
  await dialogue.getByRole("button", { name: "Save" }).click();
  await dialogue.waitFor({ state: "detached" });
  await page.getByText("127.0.0.0/8").waitFor();
  await shoot(page, "person");
  assert.deepEqual(browser.complaints, []);
});

test("the simulator tells what still stands before a session, and the person what would open it", async () => {
  const target = await grantSsh({ needsGuardian: true, maxSessionsPerTarget: 1 });
  const page = await newPage(chief);
  await page.goto("/admin/simulator");
  const choose = async (label: string, text: string): Promise<void> => {
    await page.getByRole("combobox", { name: label }).fill(text);
    await page.getByRole("option", { name: text }).first().click();
  };
  await choose("Person", "Ada");
  await choose("Target", target.name);
  await page.getByRole("button", { name: "Simulate" }).click();
  const before = page.getByRole("list", { name: "What still stands before the session" });
  await before.getByText(/Waits for a guardian, \d+ minutes at most/).waitFor();
  await choose("Person", "Guido");
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByText(/A grant that covers this target would open it/).waitFor();
  await shoot(page, "simulator");
  await chief.api.must("PATCH", "/api/v1/me", { language: "fr" });
  await page.reload();
  await page.getByRole("heading", { name: "Simulateur" }).waitFor();
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });

  const asking = await newPage(ada);
  await chief.api.must("PATCH", `/api/v1/targets/${target.targetId}`, { version: 1, isDisabled: true });
  await asking.goto(`/open/${target.targetId}`);
  await asking.getByText("An administrator can enable the target again.").waitFor();
  await shoot(asking, "why-not");
  assert.deepEqual(browser.complaints, []);
});
