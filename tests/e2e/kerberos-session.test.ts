// The rule of Protected Users, end to end: name and password of the domain, second factor, a desktop in the browser "as
// me", and on the wire Kerberos alone, also inside TLS.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "@playwright/test";
import { addProvider, enterByPassword } from "../support/directory-people.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget, type TargetWish } from "../support/inventory.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { sambaConfig } from "../support/ldap.ts";
import { codeNow, enrolAdministrator, type TestPerson } from "../support/people.ts";
import { looksAlike } from "../support/rdp-screen.ts";
import { drawnOn } from "../support/session-page.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { openWatchedPage, startBrowser } from "../support/watched-page.ts";
import { WireTap } from "../support/wire-tap.ts";

const SERVICE = "rdp.lab.test";
const DISPLAY = ":44";
/** What every message of NTLM begins with ([MS-NLMP] 2.2.1), and its mechanism's OID in an offer of SPNEGO. */
const NTLM_SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
const NTLM_OID = Buffer.from("2b06010401823702020a", "hex");
/** 1.2.840.113554.1.2.2, and the number Windows writes for it. */
const KERBEROS_OIDS = [Buffer.from("2a864886f712010202", "hex"), Buffer.from("2a864882f712010202", "hex")];
/** First octets of AS-REQ and TGS-REQ (RFC 4120 §5.4.1), behind the four of the message's length. */
const AS_REQ = 0x6a;
const TGS_REQ = 0x6c;

let gateway: TestGateway;
let browser: Browser;
let admin: TestPerson;
let desktop: WireTap;
let kdc: WireTap;
let carolSecret: string;

before(async () => {
  startLab("samba-ad", "shadow3-ad");
  const shadow = path.join(labDir, "shadow3-ad/.config/freerdp/shadow/shadow");
  const tls = { key: readFileSync(`${shadow}.key`), cert: readFileSync(`${shadow}.crt`) };
  desktop = await WireTap.start({ host: "127.0.0.1", port: 23895, tls });
  kdc = await WireTap.start({ host: "127.0.0.10", port: 88 });
  gateway = await TestGateway.start([
    ...["--set", `kerberos.kdcs=LAB.TEST 127.0.0.1:${kdc.port}`],
    ...["--set", "kerberos.domains=LAB LAB.TEST"],
    ...["--set", `kerberos.keytab=${path.join(labDir, "samba-ad/http.keytab")}`],
  ]);
  admin = await enrolAdministrator(gateway);
  // The first account "as me": from now on passwords of directories are kept for their sign-in.
  await grantDesktop(admin.personId);
  await addProvider(admin.api, "Domaine", sambaConfig({ ticketRealms: ["LAB.TEST"] }), "gate-Passw0rd");
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  desktop?.close();
  kdc?.close();
});

/** The desktop behind the tapped line, for an account "as me" unless the wish says otherwise. */
const grantDesktop = (personId: string, wish: Partial<TargetWish> = {}): Promise<GrantedTarget> =>
  grantTarget(admin.api, {
    protocol: "rdp",
    port: desktop.port,
    personId,
    kind: "as-me",
    kerberosName: SERVICE,
    ...wish,
  });

/** Opens a session without a browser: for what is only looked for on the wire. */
async function openHeadless({ api }: TestPerson, { targetId }: GrantedTarget): Promise<HeadlessViewer> {
  const { sessionId } = await api.must<{ sessionId: string }>("POST", "/api/v1/sessions", { targetId });
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  return viewer;
}

/** Everything that crossed between gateway and target, outside and inside TLS. */
const passed = () => [WireTap.join(desktop.outer), WireTap.join(desktop.inner)];

/** The messages to the KDC, their lengths taken off: each came in one connection of its own. */
const questions = () =>
  kdc.outer.filter(({ from }) => from === "client").map(({ bytes }) => bytes.subarray(4));

/** Signs carol in as a person does; resolves with the secret of her new code application. */
async function signIn(page: Page): Promise<string> {
  await page.goto("/sign-in");
  await page.getByLabel("Identifiant").fill("carol");
  await page.getByLabel("Mot de passe").fill(labPasswords.carol);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("button", { name: "Choisir : Application de codes" }).click();
  const secret = (await page.locator("[data-secret]").textContent())?.replaceAll(" ", "") ?? "";
  await page.getByLabel("Code à six chiffres").fill(codeNow(secret));
  await page.getByRole("button", { name: "Vérifier et enregistrer" }).click();
  await page.getByLabel("J'ai mis ces codes en lieu sûr").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.getByRole("heading", { name: "Mes machines" }).waitFor();
  return secret;
}

async function personId(login: string): Promise<string> {
  const { items } = await admin.api.must<{ items: { personId: string; login: string }[] }>(
    "GET",
    `/api/v1/people?q=${login}`,
  );
  return items.find((person) => person.login === login)?.personId ?? assert.fail(`${login} is not there`);
}

test("a Protected User signs in, opens her desktop as herself and sees it; no message of NTLM crosses the wire", async (t) => {
  const { page, complaints } = await openWatchedPage(browser, new URL(gateway.url).origin, {
    locale: "fr-FR",
    viewport: { width: 1280, height: 760 },
  });
  page.setDefaultTimeout(60_000);
  carolSecret = await signIn(page);
  const target = await grantDesktop(await personId("carol"));
  kdc.clear();
  await page.goto(`/open/${target.targetId}`);
  await page.getByRole("button", { name: "Ouvrir", exact: true }).click();
  await page.waitForURL(/\/s\//);
  await page.waitForSelector(".session-overlay", { state: "detached" });
  const decibels = await looksAlike("the desktop in the browser", () => drawnOn(page), DISPLAY);
  t.diagnostic(`the picture is the display's: ${decibels.toFixed(1)} dB`);
  await page.screenshot({ path: "test-results/kerberos-session/desktop.png" });

  const [outer, inner] = passed();
  assert.ok(outer !== undefined && inner !== undefined);
  // A log-in alone is longer; how much the picture adds goes by what the desktop shows.
  assert.ok(outer.length > 3000 && inner.length > 3000, `${outer.length} and ${inner.length} bytes`);
  for (const [place, bytes] of Object.entries({ outer, inner })) {
    assert.ok(!bytes.includes(NTLM_SIGNATURE), `a message of NTLM ${place} of TLS`);
    assert.ok(!bytes.includes(NTLM_OID), `an offer of NTLM ${place} of TLS`);
    for (const encoding of ["utf8", "utf16le"] as const)
      assert.ok(!bytes.includes(Buffer.from(labPasswords.carol, encoding)), `the password ${place} of TLS`);
  }
  const logIn = WireTap.join(desktop.inner, "client");
  for (const oid of KERBEROS_OIDS) assert.ok(logIn.includes(oid), "Kerberos is offered inside TLS");

  const asked = questions();
  assert.ok(
    asked.some((message) => message[0] === AS_REQ && message.includes("carol")),
    `an AS request for carol among ${asked.length} questions`,
  );
  const forDesktop = asked.filter((message) => message.includes("TERMSRV") && message.includes(SERVICE));
  assert.ok(
    forDesktop.some((message) => message[0] === TGS_REQ),
    "a TGS request for TERMSRV/rdp.lab.test",
  );
  assert.ok(!WireTap.join(kdc.outer).includes(labPasswords.carol));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("the same line shows a log-in by NTLM where one is allowed: the proof above could have failed", async () => {
  const { personId, username, password } = { ...admin, username: "LAB\\alice", password: labPasswords.alice };
  const options = { kerberos: "no" };
  const target = await grantDesktop(personId, { kind: "password", username, password, options });
  desktop.clear();
  const viewer = await openHeadless(admin, target);
  viewer.control({ type: "end" });
  const [outer, inner] = passed();
  assert.ok(inner?.includes(NTLM_SIGNATURE), "inside TLS");
  assert.ok(!outer?.includes(NTLM_SIGNATURE), "TLS hides it from who has no key");
});

test("a Protected User at a target whose option is NTLM is refused before any message of NTLM", async () => {
  const carol = await enterByPassword(gateway, "carol", labPasswords.carol, carolSecret);
  const target = await grantDesktop(carol.personId, { options: { kerberos: "no" } });
  desktop.clear();
  await assert.rejects(openHeadless(carol, target), /kerberos-protected-user/);
  assert.ok(desktop.inner.length === 0 && !WireTap.join(desktop.outer).includes(NTLM_SIGNATURE));
});
