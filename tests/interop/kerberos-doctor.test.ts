import assert from "node:assert/strict";
import { before, test } from "node:test";
import { examineKerberos, type KerberosQuestion } from "../../packages/gateway/src/kerberos/doctor.ts";
import { systemEnvironment } from "../../packages/gateway/src/system-environment.ts";
import { poterne, poterneWithInput } from "../support/commands.ts";
import { environmentWith, LAB_KDCS, routeBy } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";

before(() => startLab("samba-ad", "mit-kdc", "shadow3-ad", "xrdp"));

const LAB = ["--set", "kerberos.kdcs=LAB.TEST 127.0.0.10:88,MIT.TEST 127.0.0.1:1088"];

/** What is found, by check, as `state: words`. */
async function examine(
  changes: Partial<KerberosQuestion>,
  clockErrorMs = 0,
  kdc?: string,
): Promise<string[]> {
  const environment = clockErrorMs === 0 ? systemEnvironment : environmentWith(clockErrorMs);
  const first = kdc === undefined ? [] : [`MIT.TEST ${kdc}`];
  // Nobody listens there: a realm that is not named is known to no DNS.
  const route = routeBy({ kdcs: [...first, ...LAB_KDCS], dnsServers: ["127.0.0.1:1"] }, environment);
  const question = {
    realm: "MIT.TEST",
    person: undefined,
    password: undefined,
    service: undefined,
    ...changes,
  };
  const checks = await examineKerberos(question, { ...route, environment });
  return checks.map(({ state, found }) => `${state}: ${found.en}`);
}

test("doctor kerberos: a Protected User and the Remote Desktop service are found healthy, in French", () => {
  const { output, status } = poterneWithInput(
    "carol-Passw0rd\n",
    "doctor",
    "kerberos",
    "rdp.lab.test:3389",
    "--target",
    "127.0.0.1:23895",
    "--person",
    "carol",
    "--lang",
    "fr",
    ...LAB,
  );
  assert.equal(status, 0, output);
  assert.match(output, /KDC de LAB\.TEST : 127\.0\.0\.10:88 \(réglage kerberos\.kdcs\)/);
  assert.match(output, /Écart d'horloge avec 127\.0\.0\.10:88 : -?\d s/);
  assert.match(output, /Écart d'horloge avec LAB\.TEST, d'après le ticket : -?\d s/);
  assert.match(output, /carol@LAB\.TEST : pré-authentification exigée, clé aes256-cts-hmac-sha1-96/);
  assert.match(output, /carol@LAB\.TEST : ticket de 4 h, clé de session aes256/);
  assert.match(output, /carol@LAB\.TEST a des tickets courts, comme un membre de Protected Users/);
  assert.match(output, /événement 4776, code 0xC000006E, et l'événement 100/);
  assert.match(
    output,
    /Le service TERMSRV\/rdp\.lab\.test@LAB\.TEST existe \(ticket aes256-cts-hmac-sha1-96, /,
  );
  assert.match(output, /127\.0\.0\.1:23895 fait NLA et accepte le ticket Kerberos, et l'exige/);
  assert.ok(!output.includes("carol-Passw0rd"));
});

test("doctor kerberos: a wrong password and an unknown service are named with their remedy, in English", () => {
  const ask = (password: string, host: string) =>
    poterneWithInput(
      `${password}\n`,
      "doctor",
      "kerberos",
      host,
      "--target",
      "127.0.0.1:1",
      "--person",
      "alice",
      "--lang",
      "en",
      ...LAB,
    );
  const wrong = ask("wrong", "rdp.lab.test");
  assert.equal(wrong.status, 1);
  assert.match(wrong.output, /alice@LAB\.TEST: The password is refused/);
  assert.match(wrong.output, /event 4771 or 4768, code 0x18; by NTLM: 4776, code 0xC000006A\./);
  const unknown = ask(labPasswords.alice, "no-such.lab.test");
  assert.equal(unknown.status, 1);
  assert.match(unknown.output, /TERMSRV\/no-such\.lab\.test: The domain does not know this service name/);
  assert.match(unknown.output, /setspn -S/);
  assert.match(unknown.output, /event 4769, code 0x7\./);
});

test("doctor kerberos: an address is no name, and a wrong setting or word is refused", () => {
  const address = poterne("doctor", "kerberos", "10.0.0.1", "--lang", "en", ...LAB);
  assert.equal(address.status, 1);
  assert.match(address.output, /10\.0\.0\.1 is an address/);
  assert.equal(poterne("doctor", "kerberos").status, 2);
  assert.equal(poterne("doctor", "kerberos", "LAB.TEST", "--set", "kerberos.kdcs=LAB.TEST a:b:c").status, 2);
});

test("doctor kerberos: a clock that is wrong, a KDC that is down and an unknown realm are told", async () => {
  const skewed = await examine({}, 10 * 60_000);
  assert.ok(
    skewed.some((line) => /^failed: Clock difference with 127\.0\.0\.1:1088: -\d+ s/.test(line)),
    `${skewed}`,
  );
  assert.ok((await examine({}, 120_000)).some((line) => line.startsWith("warning: Clock difference")));
  const down = await examine({}, 0, "127.0.0.1:1");
  assert.ok(down.includes("failed: 127.0.0.1:1 does not answer (ECONNREFUSED)."), `${down}`);
  assert.ok(down.includes("ok: 127.0.0.1:1088 answers."));
  const [unknown] = await examine({ realm: "NOWHERE.TEST" });
  assert.match(
    unknown ?? "",
    /^failed: No KDC for NOWHERE\.TEST: .*no DNS server answers for _kerberos\._tcp\.nowhere\.test \(127\.0\.0\.1:1: ECONNREFUSED\)/,
  );
});

test("doctor kerberos: an account without pre-authentication, without AES or disabled is told", async () => {
  const account = async (person: string) => (await examine({ person })).at(-1) ?? "";
  assert.match(await account("alice"), /^warning: .*demands no pre-authentication/);
  assert.match(await account("proof"), /^ok: .*pre-authentication required/);
  assert.match(await account("camellia"), /^failed: .*No AES encryption type in common/);
  assert.match(await account("disabled"), /^failed: .*The account is disabled/);
  assert.match(await account("nobody"), /^failed: .*does not know this person/);
});

test("doctor kerberos: without a password a service is not checked, and that is said", async () => {
  const lines = await examine({ service: { name: "TERMSRV", hostname: "rdp.mit.test" } });
  assert.equal(lines.at(-1), "warning: Service TERMSRV/rdp.mit.test: not checked.");
});

test("doctor kerberos: what Remote Desktop does about NLA is told, with and without a ticket", async () => {
  const service = { name: "TERMSRV", hostname: "rdp.lab.test" };
  const look = async (port: number, changes: Partial<KerberosQuestion> = {}) =>
    (await examine({ realm: "LAB.TEST", service, target: { address: "127.0.0.1", port }, ...changes })).at(
      -1,
    ) ?? "";
  const asAlice = () => ({ person: "alice", password: new Uint8Array(Buffer.from(labPasswords.alice)) });
  assert.match(
    await look(23895),
    /^warning: 127\.0\.0\.1:23895 does NLA; the ticket was not tried, and demands it/,
  );
  assert.match(await look(23895, asAlice()), /^ok: .* takes the Kerberos ticket, and demands it/);
  const other = { ...asAlice(), service: { name: "HTTP", hostname: "gate.lab.test" } };
  assert.match(await look(23895, other), /^failed: .* does NLA but refuses the ticket/);
  assert.match(await look(23890), /^failed: .* does no NLA/);
  assert.match(await look(1), /^failed: .* does not answer \(ECONNREFUSED\)/);
  assert.match(await look(1088), /^failed: .* does not speak RDP/);
});

test("doctor kerberos: an account with long tickets is told from a Protected User", async () => {
  const asked = { realm: "LAB.TEST", person: "alice", password: Buffer.from(labPasswords.alice) };
  assert.ok((await examine(asked)).some((line) => /^ok: .*is no member of Protected Users/.test(line)));
});

test("doctor kerberos: a ticket under RC4 is told as weak, and a person of a trusted forest where she belongs", async () => {
  const service = { name: "TERMSRV", hostname: "old.lab.test" };
  const asked = { realm: "LAB.TEST", person: "alice", password: Buffer.from(labPasswords.alice), service };
  const weak = (await examine(asked)).find((line) => line.includes("TERMSRV/old.lab.test"));
  assert.match(weak ?? "", /^warning: .*\(ticket rc4-hmac, session key aes256-cts-hmac-sha1-96\)/);
  const lines = await examine({ ...asked, service: undefined, person: "nina@other.test" });
  assert.ok(
    lines.some((line) => /^ok: .*the controller refers to OTHER\.TEST/.test(line)),
    `${lines}`,
  );
  assert.ok(
    lines.some((line) => /^ok: nina.*@OTHER\.TEST: a ticket of/.test(line)),
    `${lines}`,
  );
});
