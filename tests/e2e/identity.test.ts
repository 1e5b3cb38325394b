import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Browser, Page } from "@playwright/test";
import { TestGateway } from "../support/gateway.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { LabIdp } from "../support/lab-idp.ts";
import { labCa } from "../support/ldap.ts";
import { codeNow, enrolAdministrator, type TestPerson } from "../support/people.ts";
import {
  assertAccessible,
  openWatchedPage,
  startBrowser,
  type WatchedPage,
} from "../support/watched-page.ts";

let gateway: TestGateway;
let browser: Browser;
let admin: TestPerson;
let watched: WatchedPage;
let idp: LabIdp;

before(async () => {
  startLab("slapd");
  gateway = await TestGateway.start();
  const { origin } = new URL(gateway.url);
  idp = await LabIdp.start([`${origin}/sign-in`]);
  admin = await enrolAdministrator(gateway);
  browser = await startBrowser();
  watched = await openWatchedPage(browser, origin, { locale: "fr-FR" });
});
after(async () => {
  await browser?.close();
  await idp?.stop();
  await gateway?.stop();
});

const newPage = async (): Promise<Page> =>
  (await openWatchedPage(browser, new URL(gateway.url).origin, { locale: "fr-FR" })).page;

async function enrol(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Choisir : Application de codes" }).click();
  await page.getByRole("img", { name: /Code QR/ }).waitFor();
  const secret = (await page.locator("[data-secret]").textContent())?.replaceAll(" ", "") ?? "";
  await page.getByLabel("Code à six chiffres").fill(codeNow(secret));
  await page.getByRole("button", { name: "Vérifier et enregistrer" }).click();
  await page.getByLabel("J'ai mis ces codes en lieu sûr").check();
  await page.getByRole("button", { name: "Continuer" }).click();
}

it("adds a directory, gives its secret, tests it on a person and puts it in service, all from the page", async () => {
  const { page } = watched;
  await page.goto("/admin/providers");
  await page.getByLabel("Identifiant").fill(admin.login);
  await page.getByLabel("Mot de passe").fill(admin.password);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("button", { name: "Utiliser un code de secours" }).click();
  await page.getByLabel("Code de secours").fill(admin.recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Confirmer" }).click();
  await page.getByRole("heading", { name: "Aucun annuaire, aucune fédération" }).waitFor();
  await assertAccessible(page, "/admin/providers without any");

  await page.getByRole("button", { name: "Ajouter un annuaire" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Nom affiché aux personnes").fill("Annuaire du labo");
  await form.getByLabel("Type d'annuaire").click();
  await page.getByRole("option", { name: "Autre annuaire LDAP" }).click();
  await form.getByLabel("Serveurs, un par ligne").fill("127.0.0.1:1636");
  await form.getByLabel("Autorités qui garantissent").fill(labCa());
  await form.getByLabel("Compte de recherche").fill("uid=bob,ou=people,dc=lab,dc=test");
  await form.getByLabel("Base de recherche").fill("dc=lab,dc=test");
  await form.getByRole("button", { name: "Ajouter une règle" }).click();
  await form.getByLabel("Groupe là-bas").fill("operators");
  await assertAccessible(page, "the form of a directory");
  await form.getByRole("button", { name: "Créer" }).click();
  await page.getByRole("cell", { name: /^Annuaire du labo/ }).waitFor();
  await form.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Secret : Annuaire du labo" }).click();
  await form.getByLabel("Secret", { exact: true }).fill(labPasswords.bob);
  await form.getByRole("button", { name: "Sceller" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByRole("cell", { name: "enregistré" }).waitFor();

  await page.getByRole("button", { name: "Essayer : Annuaire du labo" }).click();
  await form.getByLabel("Personne à chercher").fill("alice");
  await form.getByRole("button", { name: "Lancer l'essai" }).click();
  await form.getByText("Entrerait. Rôles : utilisateur").waitFor();
  await form.getByText("uid=alice,ou=people,dc=lab,dc=test").waitFor();
  await assertAccessible(page, "the results of a test");
  await page.keyboard.press("Escape");
  await form.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Mettre en service : Annuaire du labo" }).click();
  await page.getByText("en service", { exact: true }).waitFor();
  assert.deepEqual(watched.complaints, []);
});

it("lets a person of the directory in by the form, and shows where they come from", async () => {
  const page = await newPage();
  await page.goto("/sign-in");
  await page.getByText("Celui de cette passerelle, ou celui de Annuaire du labo.").waitFor();
  await page.getByLabel("Identifiant").fill("alice");
  await page.getByLabel("Mot de passe").fill(labPasswords.alice);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await enrol(page);
  await page.getByRole("button", { name: "Compte de alice" }).waitFor();
  await page.goto("/me");
  await page.getByText("Votre mot de passe est celui de Annuaire du labo").waitFor();
  const { items } = await admin.api.must<{ items: { personId: string; login: string }[] }>(
    "GET",
    "/api/v1/people?search=alice",
  );
  await watched.page.goto(`/admin/people/${items[0]?.personId}`);
  await watched.page.getByText(/Vient de : Annuaire du labo/).waitFor();
  await assertAccessible(watched.page, "a person of a directory");
});

it("goes to a federation and comes back to the page asked for", async () => {
  const config = {
    kind: "oidc",
    admits: "everyone",
    defaultRoles: ["user"],
    mappings: [],
    issuer: idp.issuer,
    isPlainAccepted: true,
    caPem: "",
    clientId: "lab-gateway",
    scopes: ["profile", "email"],
    loginClaim: "preferred_username",
    nameClaim: "name",
    mailClaim: "email",
    groupsClaim: "groups",
    hasLogout: true,
    timeoutSeconds: 5,
  };
  const base = "/api/v1/identity-providers";
  const { providerId } = await admin.api.must<{ providerId: string }>("POST", base, {
    name: "Fédération",
    config,
  });
  const { revision } = await admin.api.must<{ revision: number }>("POST", `${base}/${providerId}/secret`, {
    secret: "lab-gateway-secret",
  });
  await admin.api.must("PATCH", `${base}/${providerId}`, { revision, isEnabled: true });

  const page = await newPage();
  await page.goto("/me");
  const goThere = page.getByRole("button", { name: "Se connecter par Fédération" });
  await goThere.waitFor();
  await assertAccessible(page, "the sign-in page with a directory and a federation");
  await goThere.click();
  await page.locator('input[name="login"]').fill("bob");
  await page.locator('input[name="password"]').fill("x");
  await page.locator('button[type="submit"]').click();
  await page.locator('button[type="submit"]').click();
  await page.getByRole("heading", { name: "Protégez votre compte" }).waitFor();
  assert.equal(new URL(page.url()).search, "?to=%2Fme", "the code is out of the address bar");
  await enrol(page);
  await page.getByText("Votre mot de passe est celui de Fédération").waitFor();
  assert.equal(new URL(page.url()).pathname, "/me");

  await page.getByRole("button", { name: "Compte de bob" }).click();
  await page.getByRole("menuitem", { name: "Se déconnecter" }).click();
  await page.waitForURL(`${idp.issuer}/session/end?*`);
  await page.locator('button[value="yes"]').click();
  await page.getByRole("button", { name: "Se connecter par Fédération" }).waitFor();
});
