import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type DemoPage, openDemoPage } from "../support/demo-page.ts";
import { assertAccessible, type WatchedPage } from "../support/watched-page.ts";

const CONSOLE_BUDGET_BYTES = 260_000;
const MAX_RELOADS = 10;

/** Every page of the console that needs no object in its path, with its heading in French and English. */
const PAGES: readonly (readonly [string, string, string])[] = [
  ["/", "Mes machines", "My machines"],
  ["/me", "Mon compte", "My account"],
  ["/keyboard", "Tester mon clavier", "Test my keyboard"],
  ["/requests", "Demandes", "Requests"],
  ["/live", "Sessions en cours", "Live sessions"],
  ["/recordings", "Enregistrements", "Recordings"],
  ["/journal", "Journal", "Journal"],
  ["/admin", "État et configuration", "Health and configuration"],
  ["/admin/people", "Personnes", "People"],
  ["/admin/groups", "Groupes", "Groups"],
  ["/admin/providers", "Annuaires et fédérations", "Directories and federations"],
  ["/admin/sites", "Sites", "Sites"],
  ["/admin/machines", "Machines et cibles", "Machines and targets"],
  ["/admin/accounts", "Comptes et secrets", "Accounts and secrets"],
  ["/admin/policies", "Politiques", "Policies"],
  ["/admin/grants", "Autorisations", "Grants"],
  ["/admin/vendors", "Accès tiers", "Vendor passes"],
  ["/admin/unused", "Droits inutilisés", "Unused rights"],
  ["/admin/factors", "Règles du second facteur", "Rules of the second factor"],
  ["/admin/mail", "Messagerie", "Mail"],
  ["/admin/holidays", "Jours fériés", "Public holidays"],
  ["/admin/simulator", "Simulateur", "Simulator"],
  ["/admin/kerberos", "Diagnostic Kerberos", "Kerberos doctor"],
  ["/admin/deleted", "Éléments supprimés", "Deleted objects"],
  ["/admin/retention", "Conservation", "Retention"],
  ["/admin/compliance", "Conformité", "Compliance"],
  ["/admin/charter", "Charte d'utilisation", "Charter of use"],
  ["/about", "À propos de Poterne", "About Poterne"],
  ["/accessibility", "Déclaration d'accessibilité", "Accessibility statement"],
];

let demo: DemoPage;
let watched: WatchedPage;

before(async () => {
  demo = await openDemoPage();
  watched = demo.watched;
});
after(() => demo?.close());

it("loads the console within its budget", async () => {
  const { page } = watched;
  await watched.takeLoadedBytes();
  await page.goto("/");
  await page.getByRole("heading", { name: "SRV-LINUX-01" }).waitFor();
  const loadedBytes = await watched.takeLoadedBytes();
  assert.ok(loadedBytes > 0 && loadedBytes <= CONSOLE_BUDGET_BYTES, `${loadedBytes} bytes`);
});

it("has nothing for axe to say on any page, in French and light", async () => {
  for (const [path, heading] of PAGES) await visit(path, heading);
});

it("finds machines as one types, keeps the filter in the URL, and remembers favourites", async () => {
  const { page } = watched;
  await page.goto("/");
  await page.getByLabel("Nom, site ou adresse").fill("linux");
  await page.getByText("1 sur 1 résultat").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("search"), "linux");
  await page.getByRole("button", { name: "Mettre SRV-LINUX-01" }).click();
  await page.getByRole("button", { name: "Retirer SRV-LINUX-01" }).waitFor();
  await page.getByRole("button", { name: "Effacer les filtres" }).click();
  await page.getByLabel("Afficher").selectOption("favourites");
  await page.getByText("1 sur 1 résultat").waitFor();
});

it("says why a target cannot be opened, without telling whether it exists", async () => {
  const { page } = watched;
  await page.goto("/open/00000000-0000-4000-8000-000000000000");
  await page.getByRole("heading", { name: "Pourquoi ne puis-je pas l'ouvrir ?" }).waitFor();
  await page.getByText("Aucune autorisation ne donne accès à cette cible.").waitFor();
  await assertAccessible(page, "why not");
});

it("works by keyboard alone: skip link, palette, dialogue and back", async () => {
  const { page } = watched;
  await page.goto("/");
  await page.getByRole("heading", { name: "Mes machines" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Aller au contenu");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Machines, personnes, pages, actions…").waitFor();
  await assertAccessible(page, "palette");
  await page.keyboard.type("Simulateur");
  await page.getByRole("button", { name: "Simulateur" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Simulateur" }).waitFor();
});

it("makes a site, and gives it back when its deletion is undone", async () => {
  const { page } = watched;
  await page.goto("/admin/sites");
  await page.getByRole("button", { name: "Créer un site" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Nom").fill("Caserne Nord");
  await assertAccessible(page, "site form");
  await form.getByRole("button", { name: "Créer" }).click();
  await page.getByRole("cell", { name: "Caserne Nord", exact: true }).waitFor();
  await page.getByRole("button", { name: "Supprimer Caserne Nord" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Supprimer" }).click();
  await page.getByRole("cell", { name: "Caserne Nord", exact: true }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Annuler la suppression" }).click();
  await page.getByRole("cell", { name: "Caserne Nord", exact: true }).waitFor();
});

it("imports machines only after a dry run without errors, and shows errors by line", async () => {
  const { page } = watched;
  const wrong = "site;machine;addresses;target;protocol;port\nDémonstration;SRV-02;192.0.2.2;SSH;ssh;99999\n";
  const right = wrong.replace("99999", "22");
  await page.goto("/admin/machines");
  await page.getByRole("button", { name: "Importer un CSV" }).click();
  const dialogue = page.getByRole("dialog", { name: "Importer un CSV" });
  const choose = (text: string): Promise<void> =>
    dialogue
      .locator('input[type="file"]')
      .setInputFiles({ name: "machines.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose(wrong);
  await dialogue.getByRole("button", { name: "Vérifier sans écrire" }).click();
  await dialogue.getByRole("cell", { name: "99999" }).waitFor();
  await assertAccessible(page, "import with errors");
  assert.equal(await dialogue.getByRole("button", { name: "Importer", exact: true }).isDisabled(), true);
  await choose(right);
  await dialogue.getByRole("button", { name: "Vérifier sans écrire" }).click();
  await dialogue.getByText("Vérification seule").waitFor();
  await dialogue.getByRole("button", { name: "Importer", exact: true }).click();
  await dialogue.getByText("Importé.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "SRV-02" }).click();
  await page.getByRole("heading", { name: "SRV-02" }).waitFor();
  await assertAccessible(page, "a machine");
});

it("simulates an access and names the deciding grant's policy", async () => {
  const { page } = watched;
  await page.goto("/admin/simulator");
  await choose("Une personne", "Camille");
  await choose("Cible", "SRV-LINUX");
  await page.getByRole("button", { name: "Simuler" }).click();
  await page.getByText("Accès permis").waitFor();
  await page.getByText("Dissuasif seulement").waitFor();
  await assertAccessible(page, "a verdict");
});

it("tells who comes second that somebody else changed the policy", async () => {
  const { page } = watched;
  await page.goto("/admin/policies");
  await page.getByRole("link", { name: /Démonstration/ }).click();
  await page.getByRole("textbox", { name: "Nom" }).waitFor();
  await assertAccessible(page, "a policy");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByLabel("Pourquoi ce changement").fill("autre onglet");
  await other.getByLabel("Lecture seule").check();
  await other.getByRole("button", { name: "Publier" }).click();
  await other.getByText("autre onglet").waitFor();
  await other.close();
  await page.getByLabel("Pourquoi ce changement").fill("trop tard");
  await page.getByRole("button", { name: "Publier" }).click();
  await page.getByText("Quelqu'un a modifié cet élément entre-temps").waitFor();
});

it("unfolds a change in the journal with the values before and after", async () => {
  const { page } = watched;
  const detail = page.getByRole("button", { name: /Afficher le détail/ }).first();
  // The searchable copy follows the journal by a moment; the page does not poll, since every reading is an entry.
  for (let turn = 0; turn < MAX_RELOADS; turn++) {
    await page.goto("/journal?kind=policy.");
    await page.getByRole("heading", { name: "État de la chaîne" }).waitFor();
    if (
      await detail.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  await detail.click();
  await page.getByRole("columnheader", { name: "Avant" }).waitFor();
  await assertAccessible(page, "a journal entry");
});

it("has nothing for axe to say in English and dark, and in a narrow window", async () => {
  const { page } = watched;
  await page.goto("/me");
  await page.getByLabel("Langue").selectOption("en");
  await page.getByLabel("Apparence").selectOption("dark");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("heading", { name: "My account" }).waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [path, , heading] of PAGES) await visit(path, heading);
  await page.goto("/");
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("link", { name: "Administration" }).click();
  await page.getByRole("heading", { name: "Health and configuration" }).waitFor();
});

it("never broke the content policy nor asked another origin for anything", () => {
  assert.deepEqual(watched.complaints, []);
});

async function visit(path: string, heading: string): Promise<void> {
  const { page } = watched;
  await page.goto(path);
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  // A page may load several parts at once, and a part may begin when another has ended.
  const loading = page.getByRole("status", { name: /Chargement|Loading/ });
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: "detached" });
  await assertAccessible(page, path);
}

async function choose(label: string, text: string): Promise<void> {
  const { page } = watched;
  await page.getByRole("combobox", { name: label }).fill(text);
  await page.getByRole("option", { name: text }).first().click();
}
