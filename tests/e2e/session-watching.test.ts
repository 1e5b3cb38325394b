import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import {
  findsNothing,
  openSessionPage,
  pictureOf,
  SessionBrowser,
  seesText,
  typeLine,
} from "../support/session-page.ts";

// Two people in two browsers on one session of a real machine: who sees, who is heard, who is told what.

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
/** Who works. */
let ada: TestPerson;
/** Who watches and guards. */
let guido: TestPerson;

before(async () => {
  startLab("sshd", "vnc");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles: ["approver"] });
  for (const { api } of [ada, guido]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const newPage = async ({ api }: TestPerson): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));

function grantSsh(rules: Readonly<Record<string, unknown>> = {}): Promise<GrantedTarget> {
  const { personId } = ada;
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice, rules } as const;
  return grantTarget(chief.api, wish);
}

/** Guido comes from the list of live sessions, as a person would. */
async function comeFromList(page: Page, target: GrantedTarget, word: "Watch" | "Guard"): Promise<void> {
  await page.goto("/live");
  await page
    .getByRole("link", { name: new RegExp(`^${word} Ada's session on ${target.name}`) })
    .first()
    .click();
  await page.waitForSelector(".session-host[data-kind]:not([data-kind=''])");
}

/** Opens or closes the participants' menu. */
async function participants(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Participants/ }).click();
}

test("an observer comes from the list and sees the screen; control is lent to him and taken back", async () => {
  const [page, watching] = [await newPage(ada), await newPage(guido)];
  const target = await grantSsh();
  const sessionId = await openSession(ada.api, target);
  await openSessionPage(page, sessionId);
  await typeLine(page, "echo early-$((40+2))");
  await seesText(page, "early-42");
  await comeFromList(watching, target, "Watch");
  await seesText(watching, "early-42");
  await page.getByText("Your screen is seen by Guido").first().waitFor();
  await watching.getByText("You are watching").waitFor();
  await watching.waitForSelector(".session-overlay", { state: "detached" });

  await typeLine(watching, "echo stolen-$((40+2))");
  await participants(page);
  await page.getByRole("button", { name: "Give control to Guido" }).click();
  await page.getByText("Guido — watches, has control").waitFor();
  await page.getByText("Guido has control: your keys are not heard").waitFor();
  await watching.getByText("You have control", { exact: true }).waitFor();
  await findsNothing(page, "control lent");
  await page.keyboard.press("Escape");
  await participants(watching);
  await watching.getByText("Guido (you) — watches, has control").waitFor();
  await watching.keyboard.press("Escape");
  await typeLine(page, "echo unheard-$((40+2))");
  await typeLine(watching, "echo lent-$((40+2))");
  await seesText(page, "lent-42");

  await participants(page);
  await page.getByRole("button", { name: "Take control" }).click();
  await page.getByText("Ada (you) — drives, has control").waitFor();
  await page.getByText("your keys are not heard").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await participants(watching);
  await watching.getByText("Ada — drives, has control").waitFor();
  await watching.keyboard.press("Escape");
  await typeLine(watching, "echo late-$((40+2))");
  await typeLine(page, "echo mine-$((40+2))");
  await seesText(watching, "mine-42");
  const screen = (await page.locator(".xterm-accessibility").textContent()) ?? "";
  for (const word of ["stolen", "unheard", "late-"]) assert.equal(screen.includes(word), false, word);

  await watching.getByRole("button", { name: "Leave", exact: true }).click();
  await watching.getByText("You no longer watch this session.").waitFor();
  await page.getByText("Your screen is seen by Guido").first().waitFor({ state: "detached" });
  await typeLine(page, "exit");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await page.context().close();
  await watching.context().close();
});

test("an observer of a desktop sees the controller's picture, pixel by pixel, in a window of another size", async () => {
  const [page, watching] = [await newPage(ada), await newPage(guido)];
  const { personId } = ada;
  const target = await grantTarget(chief.api, {
    protocol: "vnc",
    port: 5945,
    personId,
    username: "",
    password: labPasswords.vnc,
    options: { quality: null },
  });
  await watching.setViewportSize({ width: 900, height: 500 });
  await openSessionPage(page, await openSession(ada.api, target));
  await page.waitForFunction(() => (document.querySelector("canvas")?.width ?? 0) === 1280);
  await comeFromList(watching, target, "Watch");
  await eventually("the same picture on both pages", async (say) => {
    const [own, seen] = [await pictureOf(page), await pictureOf(watching)];
    say(`${own.size} and ${seen.size}`);
    return own.size === seen.size && own.rgba.length > 0 && own.rgba.equals(seen.rgba);
  });
  const fits = await watching.evaluate(() => {
    const box = document.querySelector("canvas")?.getBoundingClientRect();
    return box !== undefined && box.width <= innerWidth && box.bottom <= innerHeight;
  });
  assert.ok(fits, "the observer sees the whole desktop");
  await page.context().close();
  await watching.context().close();
});

test("four eyes: the session waits for its guardian, stops when he leaves, goes on when he is back", async () => {
  const [page, guarding] = [await newPage(ada), await newPage(guido)];
  const target = await grantSsh({ needsGuardian: true });
  const sessionId = await openSession(ada.api, target);
  await page.goto(`/s/${sessionId}`);
  await page.getByText("it starts when a guardian watches it").waitFor();
  await findsNothing(page, "waiting for a guardian");
  await guarding.goto("/live");
  await guarding.getByText("waits for a guardian").filter({ visible: true }).first().waitFor();
  await comeFromList(guarding, target, "Guard");
  await page.waitForSelector(".session-overlay", { state: "detached" });
  await typeLine(page, "echo guarded-$((40+2))");
  await seesText(guarding, "guarded-42");

  await guarding.getByRole("button", { name: "Leave", exact: true }).click();
  await guarding.getByText("You no longer watch this session.").waitFor();
  await page.getByText("the guardian has left").waitFor();
  await typeLine(page, "echo alone-$((40+2))");
  await comeFromList(guarding, target, "Guard");
  await page.getByText("Input paused").waitFor({ state: "detached" });
  await typeLine(page, "echo again-$((40+2))");
  await seesText(guarding, "again-42");
  const screen = (await page.locator(".xterm-accessibility").textContent()) ?? "";
  assert.equal(screen.includes("alone"), false);
  await page.context().close();
  await guarding.context().close();
});

test("from the list a guardian pauses, writes and ends with a reason, which the person reads", async () => {
  const [page, list] = [await newPage(ada), await newPage(guido)];
  const target = await grantSsh();
  const sessionId = await openSession(ada.api, target);
  await openSessionPage(page, sessionId);
  const more = list.getByRole("button", { name: new RegExp(`^Other actions .* ${target.name}`) }).first();
  await list.goto("/live");
  await more.click();
  await list.getByRole("menuitem", { name: "Pause input" }).click();
  await page.getByText("Guido paused your input.").waitFor();
  await list.getByText("input paused").filter({ visible: true }).first().waitFor();
  await more.click();
  await list.getByRole("menuitem", { name: "Give input back" }).click();
  await page.getByText("Input paused").waitFor({ state: "detached" });
  await more.click();
  await list.getByRole("menuitem", { name: "Message" }).click();
  await list.getByRole("dialog").getByLabel("Message").fill("The RAID is rebuilding.");
  await list.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await page.getByText("The RAID is rebuilding.").waitFor();
  await page.getByText("Message from Guido").waitFor();
  await more.click();
  await list.getByRole("menuitem", { name: "End" }).click();
  await list.getByRole("dialog").getByLabel("Reason").fill("Maintenance at noon");
  await list.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await page.getByText("Guido ended the session.").waitFor();
  await page.getByText("Reason given: Maintenance at noon").waitFor();
  await findsNothing(page, "ended with a reason");
  const query = `sessionId=${sessionId}&kind=session.ended-by-guardian&search=Maintenance`;
  await eventually("the reason in the journal", async () => {
    const { items } = await chief.api.must<{ items: unknown[] }>("GET", `/api/v1/journal?${query}`);
    return items.length === 1;
  });
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});
