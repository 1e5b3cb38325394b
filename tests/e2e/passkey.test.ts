import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { after, before, it } from "node:test";
import { connect } from "node:tls";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { TestGateway } from "../support/gateway.ts";

const WAIT_MS = 20_000;
const PASSWORD = "quatorze hérissons bavards";

let gateway: TestGateway;
let browser: Browser;

before(async () => {
  gateway = await TestGateway.start();
  // Chromium does passkeys only where it trusts the certificate: it is told to trust this one's key, as an imported CA would.
  browser = await chromium.launch({
    executablePath: process.env.POTERNE_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${await publicKeyHash(gateway.url)}`],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

it("signs the first administrator in with a passkey from the link on, in a real browser", async () => {
  const context = await newContext();
  const page = await openPage(context);
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) violations.push(message.text());
  });
  await page.goto(gateway.link);
  await page.getByLabel(/^Login/).fill("amelie");
  assert.equal(new URL(page.url()).hash, "", "the link's token is taken out of the address bar");
  await page.getByLabel(/^Your name/).fill("Amélie Durand");
  await page.getByLabel(/^New password/).fill(PASSWORD);
  await page.getByLabel(/^Password, once more/).fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Choose : Passkey" }).click();
  await page.getByLabel("I have put these codes in a safe place").check();
  await page.getByRole("button", { name: "Continue" }).click();
  await waitForSignedIn(page);

  // Signed out, the passkey alone opens: no name, no password.
  await signOut(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await waitForSignedIn(page);

  // And as the second factor after the password.
  await signOut(page);
  await page.getByLabel(/^Login/).fill("amelie");
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await waitForSignedIn(page);

  const cookies = await context.cookies();
  assert.deepEqual(
    cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })),
    [{ name: "__Host-poterne", httpOnly: true, secure: true, sameSite: "Strict", path: "/" }],
  );
  assert.deepEqual(violations, []);
  await context.close();
});

it("says that a link was used, and why passkeys are not offered on an IP address", async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(gateway.link);
  await page.getByText("This link is no longer good").waitFor({ timeout: WAIT_MS });
  await context.close();

  const other = await TestGateway.start(["--host", "127.0.0.1"]);
  try {
    const answer = await fetchState(other);
    assert.deepEqual(answer.passkeys, { isOffered: false, reason: "ip-address" });
  } finally {
    await other.stop();
  }
});

async function newContext(): Promise<BrowserContext> {
  return browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
}

/** A page whose browser has an authenticator with a PIN or finger, always consenting. */
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return page;
}

async function stateOf(page: Page): Promise<{ state: string; csrfToken?: string }> {
  return page.evaluate(async () => (await fetch("/api/v1/sign-in")).json());
}

async function waitForSignedIn(page: Page): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    // The page may be on its way to the console: then there is no context to ask in.
    const state = await stateOf(page).catch(() => null);
    if (state?.state === "signed-in") break;
    assert.ok(Date.now() < deadline, `not signed in: ${JSON.stringify(state)}`);
    await page.waitForTimeout(100);
  }
}

/** Through the API, so that the test does not depend on the console's menus. */
async function signOut(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  const { csrfToken = "" } = await stateOf(page);
  const status = await page.evaluate(async (token) => {
    const headers = { "content-type": "application/json", "x-poterne-csrf": token };
    return (await fetch("/api/v1/sign-out", { method: "POST", headers, body: "{}" })).status;
  }, csrfToken);
  assert.equal(status, 200);
  await page.goto(new URL("/sign-in", gateway.url).href);
}

async function fetchState(other: TestGateway): Promise<{ passkeys: unknown }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const reply = await context.request.get(new URL("/api/v1/sign-in", other.url).href);
    return (await reply.json()) as { passkeys: unknown };
  } finally {
    await context.close();
  }
}

/** SHA-256 of a server's public key, base64: what Chromium's switch takes. */
function publicKeyHash(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const certificate = new X509Certificate(socket.getPeerCertificate(true).raw);
      const key = certificate.publicKey.export({ type: "spki", format: "der" });
      socket.end();
      resolve(createHash("sha256").update(key).digest("base64"));
    });
    socket.once("error", reject);
  });
}
