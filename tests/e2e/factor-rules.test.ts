// Waits in real time: `npm test` only.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { codeNow, enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { SessionBrowser } from "../support/session-page.ts";
import { shootLooks } from "../support/shots.ts";

// An administrator writes rules of the second factor; a person remembers a browser, and confirms before a target opens.

const SHOTS = "test-results/factor-rules";
let gateway: TestGateway;
let browser: SessionBrowser;
let admin: TestPerson;
let ada: TestPerson;
let target: GrantedTarget;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  startLab("sshd");
  gateway = await TestGateway.start(["--set", "signIn.rememberedDeviceDays=14"]);
  admin = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, admin, { login: "ada", name: "Ada", roles: ["user"] });
  const wish = { protocol: "ssh", port: 2201, personId: ada.personId } as const;
  target = await grantTarget(admin.api, { ...wish, password: labPasswords.alice });
  for (const { api } of [admin, ada]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const newPageOf = async (api: ApiClient): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));
const newPage = ({ api }: TestPerson): Promise<Page> => newPageOf(api);

/** Another sign-in of Ada's, with its own cookie. */
async function signInAgain(): Promise<ApiClient> {
  const api = new ApiClient(gateway);
  const { login, password, totpSecret } = ada;
  const step = async (path: string, body: object): Promise<void> => {
    const { csrfToken } = await api.must<{ csrfToken: string }>("POST", `/api/v1/sign-in/${path}`, body);
    api.csrfToken = csrfToken;
  };
  await step("password", { login, password });
  await step("totp", { code: codeNow(totpSecret, 1) });
  return api;
}

test("rules are written, ordered and kept, and the simulator tells them", async () => {
  const page = await newPage(admin);
  await page.goto("/admin/factors");
  await page.getByRole("heading", { name: "Rules of the second factor" }).waitFor();
  await page.getByText("A remembered browser is remembered for 14 days at most.").waitFor();
  await page.getByRole("button", { name: "Add a rule : At the sign-in" }).click();
  await page.getByLabel("Name of the rule").fill("Office");
  await page.getByLabel("What is asked").selectOption("remembered");
  await page.getByRole("button", { name: "Add a rule : Before a machine opens" }).click();
  await page.getByLabel("Name of the rule").nth(1).fill("Everywhere");
  await page.getByLabel("A device used at most so long ago (minutes)").fill("1");
  await shootLooks(page, SHOTS, "rules");
  await page.getByRole("button", { name: "Save the rules" }).click();
  await page.getByRole("group", { name: "Everywhere" }).waitFor();
  await page.reload();
  await page.getByRole("group", { name: "Office" }).waitFor();
  const french = await newPage(admin);
  await admin.api.must("PATCH", "/api/v1/me", { language: "fr" });
  await french.goto("/admin/factors");
  await french.getByRole("heading", { name: "Règles du second facteur" }).waitFor();
  await french.screenshot({ path: `${SHOTS}/rules-fr.png`, fullPage: true });
  await admin.api.must("PATCH", "/api/v1/me", { language: "en" });
  assert.deepEqual(browser.complaints, []);
});

test("a person remembers this browser and forgets it, and confirms with the application before the target opens", async () => {
  const page = await newPage(ada);
  await page.goto("/me");
  const section = page.locator("section", { hasText: "Remembered browsers" });
  await section.getByRole("button", { name: "Remember this browser" }).click();
  await section.getByText("this one").waitFor();
  await shootLooks(page, SHOTS, "remembered");
  await section.getByRole("button", { name: "Forget", exact: true }).click();
  await section.getByText("None.").waitFor();
  // A second browser of hers, signed in now: its factor will be as old.
  const elsewhere = await newPageOf(await signInAgain());
  // The rule wants a device used within the last minute.
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  await page.goto(`/open/${target.targetId}`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const prompt = page.getByRole("dialog");
  await prompt.waitFor();
  await page.screenshot({ path: `${SHOTS}/step-up.png` });
  await prompt.getByRole("textbox").first().fill(codeNow(ada.totpSecret));
  await prompt.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL(/\/s\//);
  await page.waitForSelector(".session-host[data-kind='terminal']");

  // Taking the session over from another browser is an opening; its own page reloaded a moment later is not.
  await elsewhere.goto(page.url());
  const again = elsewhere.getByRole("dialog");
  await again.waitFor();
  await elsewhere.screenshot({ path: `${SHOTS}/step-up-again.png` });
  await again.getByRole("button", { name: "Close" }).click();
  await elsewhere.getByText("This action asks you to confirm who you are.").first().waitFor();
  await page.reload();
  await page.waitForSelector(".session-host[data-kind='terminal']");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.deepEqual(browser.complaints, []);
});
