import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type DemoPage, openDemoPage } from "../support/demo-page.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { assertAccessible } from "../support/watched-page.ts";

let demo: DemoPage;

before(async () => {
  startLab("samba-ad", "mit-kdc");
  demo = await openDemoPage([
    "--set",
    "kerberos.kdcs=LAB.TEST 127.0.0.10:88,MIT.TEST 127.0.0.1:1088",
    "--set",
    "kerberos.domains=LAB LAB.TEST",
  ]);
});
after(() => demo?.close());

async function ask(account: string, password: string): Promise<void> {
  const { page } = demo.watched;
  await page.getByLabel("Compte", { exact: true }).fill(account);
  await page.getByLabel("Mot de passe", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Vérifier" }).click();
}

it("examines a realm, a Protected User and the clock, and tells each with its state", async () => {
  const { page, complaints } = demo.watched;
  await page.goto("/admin/kerberos");
  await page.getByRole("heading", { name: "Diagnostic Kerberos" }).waitFor();
  await ask("LAB\\carol", labPasswords.carol);
  const table = page.getByRole("region", { name: "Ce qui a été constaté" });
  await table.getByText("KDC de LAB.TEST : 127.0.0.10:88 (réglage kerberos.kdcs).").waitFor();
  await table.getByText("Protected Users : OK").waitFor();
  await table.getByText("carol@LAB.TEST a des tickets courts, comme un membre de Protected Users").waitFor();
  await page.getByText("Rien à changer.").waitFor();
  assert.ok(!(await page.content()).includes(labPasswords.carol), "the password is in no page");
  await assertAccessible(page, "a good result");
  assert.deepEqual(complaints, []);
});

it("names a wrong password and a realm without controllers, with what to change", async () => {
  const { page } = demo.watched;
  await ask("alice@LAB.TEST", "wrong");
  await page.getByText("alice@LAB.TEST : Le mot de passe est refusé.").waitFor();
  await page.getByText("1 défaut, 0 point à surveiller.").waitFor();
  await page.getByLabel("Domaine", { exact: true }).fill("NOWHERE.TEST");
  await ask("", "");
  await page.getByText("Aucun KDC pour NOWHERE.TEST").waitFor();
  await assertAccessible(page, "a bad result");
});
