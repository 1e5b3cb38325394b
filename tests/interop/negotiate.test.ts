// Sign-in by the domain's ticket: curl and Chromium, each with MIT's library, against Samba AD.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { TestGateway } from "../support/gateway.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator } from "../support/people.ts";

const NAME = "gate.lab.test";
const scratch = mkdtempSync(path.join(tmpdir(), "poterne-negotiate-"));
const krb5Config = path.join(labDir, "samba-ad/krb5.conf");
let gateway: TestGateway;
let port: number;

before(async () => {
  startLab("samba-ad");
  port = await freePort();
  const first = await TestGateway.start();
  const { api } = await enrolAdministrator(first);
  const { providerId, revision } = await api.must<{ providerId: string; revision: number }>(
    "POST",
    "/api/v1/identity-providers",
    { name: "AD", config: directory() },
  );
  const row = await api.must<{ revision: number }>(
    "POST",
    `/api/v1/identity-providers/${providerId}/secret`,
    {
      secret: "gate-Passw0rd",
    },
  );
  assert.ok(row.revision >= revision);
  await api.must("PATCH", `/api/v1/identity-providers/${providerId}`, {
    revision: row.revision,
    isEnabled: true,
  });
  await first.stop({ keepData: true });
  gateway = await TestGateway.start(
    [
      ...["--port", String(port), "--set", `publicUrl=https://${NAME}:${port}`],
      ...["--set", `kerberos.keytab=${path.join(labDir, "samba-ad/http.keytab")}`],
    ],
    first.dataDir,
  );
  for (const person of ["carol", "alice"] as const) kinit(person);
});
after(async () => {
  await gateway?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

function directory() {
  return {
    kind: "ldap",
    admits: "everyone",
    defaultRoles: ["user"],
    mappings: [],
    schema: "active-directory",
    servers: [{ host: "127.0.0.10", port: 636 }],
    security: "ldaps",
    isPlainAccepted: false,
    caPem: readFileSync(path.join(labDir, "ca/ca.crt"), "utf8"),
    pins: [],
    bindDn: "CN=gate,CN=Users,DC=lab,DC=test",
    baseDn: "DC=lab,DC=test",
    userFilter: "(&(objectClass=user)(sAMAccountName={login}))",
    disabledFilter: "",
    loginAttribute: "sAMAccountName",
    nameAttribute: "name",
    mailAttribute: "mail",
    subjectAttribute: "objectGUID",
    groupBaseDn: "",
    memberAttribute: "member",
    nesting: "chain",
    timeoutSeconds: 10,
    recheckMinutes: 60,
    ticketRealms: ["LAB.TEST"],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const cacheOf = (person: string) => `FILE:${path.join(scratch, person)}`;
const ticketsOf = (person: string) => ({
  ...process.env,
  KRB5_CONFIG: krb5Config,
  KRB5CCNAME: cacheOf(person),
});

function kinit(person: "alice" | "carol"): void {
  execFileSync("kinit", [`${person}@LAB.TEST`], {
    env: ticketsOf(person),
    input: `${labPasswords[person]}\n`,
    stdio: ["pipe", "ignore", "inherit"],
  });
}

/** Asks to sign in with curl; `words` decide what it presents. */
function curl(words: readonly string[], person = "nobody") {
  const { stdout, stderr } = spawnSync(
    "curl",
    [
      ...["--silent", "--verbose", "--insecure", "--resolve", `${NAME}:${port}:127.0.0.1`],
      ...["--header", "content-type: application/json", "--data", "{}", ...words],
      `https://${NAME}:${port}/api/v1/sign-in/negotiate`,
    ],
    { encoding: "utf8", env: ticketsOf(person) },
  );
  const statuses = [...stderr.matchAll(/^< HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  return {
    statuses,
    body: JSON.parse(stdout) as Readonly<Record<string, unknown>>,
    sent: /^> Authorization: (Negotiate \S+)/im.exec(stderr)?.[1] ?? "",
    challenge: /^< www-authenticate: (.*)$/im.exec(stderr)?.[1]?.trim() ?? "",
    proof: /^< www-authenticate: Negotiate (\S+)/im.exec(stderr)?.[1] ?? "",
  };
}

const present = (authorization: string) => curl(["--header", `Authorization: ${authorization}`]);

test("curl with a ticket signs a Protected User in, and the gateway proves itself to it", () => {
  const { body, statuses, proof } = curl(["--negotiate", "--user", ":"], "carol");
  assert.equal(body.state, "enrolment-needed", "the second factor comes after it");
  assert.equal(body.login, "carol");
  assert.equal(statuses.at(-1), 200);
  assert.notEqual(proof, "");
});

test("without a ticket the challenge comes, and the form stays", () => {
  const { statuses, body, challenge } = curl([]);
  assert.deepEqual(statuses, [401]);
  assert.equal(body.code, "ticket-wanted");
  assert.equal(challenge, "Negotiate");
});

test("a token that was used is refused, whole or altered, and so is NTLM and rubbish", () => {
  const used = curl(["--negotiate", "--user", ":"], "alice");
  assert.equal(used.body.login, "alice");
  const again = present(used.sent);
  assert.deepEqual([again.statuses, again.body.code], [[403], "ticket-refused"]);
  const at = used.sent.length - 40;
  const letter = used.sent[at] === "A" ? "B" : "A";
  const altered = present(`${used.sent.slice(0, at)}${letter}${used.sent.slice(at + 1)}`);
  assert.equal(altered.body.code, "ticket-refused");
  const ntlm = Buffer.concat([Buffer.from("NTLMSSP\0"), Buffer.from([1, 0, 0, 0]), Buffer.alloc(20)]);
  assert.equal(present(`Negotiate ${ntlm.toString("base64")}`).body.code, "ticket-refused");
  assert.equal(present("Negotiate AAAA").body.code, "ticket-refused");
  assert.equal(present("Negotiate !").body.code, "ticket-wanted");
});

/** Chromium as on a machine of the domain: the name in its hosts file, the person's tickets, and the domain's policy. */
async function openBrowser(
  person: string,
  switches: readonly string[],
  profile = mkdtempSync(path.join(scratch, "profile-")),
): Promise<BrowserContext> {
  const hosts = path.join(scratch, "hosts");
  const browser = path.join(scratch, "browser");
  // The first name of a line is the one browsers make the service's name of.
  writeFileSync(hosts, `127.0.0.1 ${NAME}\n127.0.0.1 localhost\n`);
  const chosen = process.env.POTERNE_TEST_CHROMIUM ?? "/usr/bin/chromium";
  assert.ok(existsSync(chosen));
  const mount = `mount --make-rprivate / && mount --bind ${hosts} /etc/hosts`;
  writeFileSync(browser, `#!/bin/sh\nexec unshare --mount sh -c '${mount} && exec ${chosen} "$@"' sh "$@"\n`);
  chmodSync(browser, 0o755);
  return chromium.launchPersistentContext(profile, {
    executablePath: browser,
    args: ["--no-sandbox", ...switches],
    env: ticketsOf(person),
    ignoreHTTPSErrors: true,
    reducedMotion: "reduce",
    locale: "fr-FR",
  });
}

const button = { name: "Me connecter avec ma session du domaine" };

async function openSignIn(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`https://${NAME}:${port}/sign-in`);
  await page.getByRole("button", button).waitFor();
  return page;
}

test("Chromium of a domain signs a person in with one click; until it may, it falls back to the form", async () => {
  const profile = mkdtempSync(path.join(scratch, "profile-"));
  const switches = [`--auth-server-allowlist=${NAME}`];
  // Chromium on Linux loads Kerberos only once its profile has met the challenge, from the next start on.
  const first = await openBrowser("carol", switches, profile);
  try {
    const page = await openSignIn(first);
    await page.getByRole("button", button).click();
    await page.getByText("Votre navigateur n'a pas donné de ticket de votre domaine.").waitFor();
    await page
      .getByLabel(/^Mot de passe/)
      .first()
      .waitFor();
  } finally {
    await first.close();
  }
  const second = await openBrowser("carol", switches, profile);
  try {
    const page = await openSignIn(second);
    const answered = page.waitForResponse(
      (response) => response.url().endsWith("/sign-in/negotiate") && response.ok(),
    );
    await page.getByRole("button", button).click();
    const state = (await (await answered).json()) as { state: string; login: string };
    assert.deepEqual([state.state, state.login], ["enrolment-needed", "carol"]);
    await page.getByRole("button", button).waitFor({ state: "detached" });
  } finally {
    await second.close();
  }
});
