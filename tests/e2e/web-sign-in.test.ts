import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Browser } from "@playwright/test";
import { TestGateway } from "../support/gateway.ts";
import { codeNow } from "../support/people.ts";
import {
  assertAccessible,
  openWatchedPage,
  startBrowser,
  type WatchedPage,
} from "../support/watched-page.ts";

const PASSWORD = "quatorze hérissons bavards";
const SIGN_IN_BUDGET_BYTES = 120_000;

let gateway: TestGateway;
let browser: Browser;
let watched: WatchedPage;
let recoveryCodes: string[];

before(async () => {
  gateway = await TestGateway.start();
  browser = await startBrowser();
  watched = await openWatchedPage(browser, new URL(gateway.url).origin, { locale: "fr-FR" });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

it("loads the sign-in page within its budget, and lets one switch the language there", async () => {
  const { page } = watched;
  await page.goto("/sign-in");
  await page.getByText("Aucun administrateur n'existe encore").waitFor();
  const loadedBytes = await watched.takeLoadedBytes();
  assert.ok(loadedBytes <= SIGN_IN_BUDGET_BYTES, `${loadedBytes} bytes`);
  await assertAccessible(page, "sign-in, French");
  await page.getByLabel("Langue").selectOption("en");
  await page.getByText("No administrator exists yet").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.getByLabel("Language").selectOption("fr");
});

it("says the same for a wrong name and a wrong password, in the person's words and with a code", async () => {
  const { page } = watched;
  await page.getByLabel("Identifiant").fill("personne");
  await page.getByLabel("Mot de passe").fill("mauvais");
  await page.getByRole("button", { name: "Se connecter" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("Le nom ou le mot de passe ne convient pas.").waitFor();
  await alert.getByText("sign-in-refused").waitFor();
  await assertAccessible(page, "a refused sign-in");
});

it("creates the first administrator from the link, with a code app and recovery codes that must be kept", async () => {
  const { page } = watched;
  await page.goto(gateway.link);
  await page.getByRole("heading", { name: "Premier administrateur" }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the link's token is taken out of the address bar");
  await assertAccessible(page, "first administrator");
  await page.getByLabel("Identifiant").fill("amelie");
  await page.getByLabel("Votre nom").fill("Amélie Durand");
  await page.getByLabel("Nouveau mot de passe").fill(PASSWORD);
  await page.getByLabel("Mot de passe, une deuxième fois").fill(`${PASSWORD}!`);
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.getByText("Les deux saisies diffèrent.").waitFor();
  await page.getByLabel("Mot de passe, une deuxième fois").fill(PASSWORD);
  await page.getByRole("button", { name: "Continuer" }).click();

  await page.getByRole("button", { name: "Choisir : Application de codes" }).click();
  await page.getByRole("img", { name: /Code QR/ }).waitFor();
  await assertAccessible(page, "enrolment of a code app");
  const secret = (await page.locator("[data-secret]").textContent())?.replaceAll(" ", "") ?? "";
  await page.getByLabel("Code à six chiffres").fill(codeNow(secret));
  await page.getByRole("button", { name: "Vérifier et enregistrer" }).click();

  await page.getByRole("heading", { name: "Vos codes de secours" }).waitFor();
  await assertAccessible(page, "recovery codes");
  recoveryCodes = await page.locator("main code").allTextContents();
  assert.equal(recoveryCodes.length, 10);
  const goOn = page.getByRole("button", { name: "Continuer" });
  assert.equal(await goOn.isDisabled(), true, "one cannot go on without keeping the codes");
  await page.getByLabel("J'ai mis ces codes en lieu sûr").check();
  await goOn.click();
  await page.getByText("Premiers pas").waitFor();
});

it("signs out from the menu, and in again with a recovery code, back to where one was going", async () => {
  const { page } = watched;
  await page.getByRole("button", { name: "Compte de Amélie Durand" }).click();
  await page.getByRole("menuitem", { name: "Se déconnecter" }).click();
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  await page.goto("/admin/people?role=administrator");
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  await page.getByLabel("Identifiant").fill("amelie");
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("heading", { name: "Second facteur" }).waitFor();
  await assertAccessible(page, "second factor");
  await page.getByRole("button", { name: "Utiliser un code de secours" }).click();
  await page.getByLabel("Code de secours").fill(recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Confirmer" }).click();
  await page.getByRole("heading", { name: "Personnes" }).waitFor();
  assert.equal(new URL(page.url()).search, "?role=administrator");
});

it("asks for the factor again when the gateway wants it fresh, then goes on by itself", async () => {
  const { page } = watched;
  // The gateway's own answer some minutes after the last factor, given once here without the wait.
  await page.route(
    "**/api/v1/people",
    (route) =>
      route.request().method() === "POST"
        ? route.fulfill({
            status: 403,
            contentType: "application/problem+json",
            body: JSON.stringify({ code: "fresh-factor-needed", details: {}, reference: "r" }),
          })
        : route.continue(),
    { times: 1 },
  );
  await page.getByRole("button", { name: "Créer une personne" }).click();
  await page.getByRole("dialog").getByLabel("Nom").fill("Bruno Petit");
  await page.getByRole("dialog").getByLabel("Identifiant").fill("bruno");
  await assertAccessible(page, "creating a person");
  await page.getByRole("dialog").getByRole("button", { name: "Créer", exact: true }).click();
  const dialogue = page.getByRole("dialog", { name: "Confirmez que c'est bien vous" });
  await dialogue.getByRole("button", { name: "Utiliser un code de secours" }).click();
  await dialogue.getByLabel("Code de secours").fill(recoveryCodes[1] ?? "");
  await dialogue.getByRole("button", { name: "Confirmer" }).click();
  const link = page.getByRole("dialog", { name: "Lien de première connexion" });
  assert.match((await link.locator("[data-secret]").textContent()) ?? "", /^https:.*#link=/);
  await assertAccessible(page, "a one-time link");
});

it("never broke the content policy nor asked another origin for anything", () => {
  assert.deepEqual(watched.complaints, []);
});
