// Waits in real time: `npm test` only.
// The end of a password kept "as me": that of the ticket a real KDC gives, however short, never four hours of our own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JournalItem, OwnPasswordState } from "@poterne/contract";
import { addProvider, enterByPassword } from "../support/directory-people.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { addToSlapd, deleteFromSlapd, slapdConfig } from "../support/ldap.ts";
import { addBriefPerson, removePerson } from "../support/mit-kdc.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const OWN = "/api/v1/me/own-password";
const PASSWORD = "brief-Passw0rd";
const DN = "uid=brief,ou=people,dc=lab,dc=test";
/** What the KDC gives at most: long enough to sign in and open on a loaded machine, short enough to be waited for. */
const LIFE_SECONDS = 45;

let gateway: TestGateway;
let admin: TestPerson;

before(async () => {
  startLab("slapd", "mit-kdc", "shadow3-krb");
  addBriefPerson("brief", PASSWORD, LIFE_SECONDS);
  const [cn, mail] = ["brief", "brief@lab.test"];
  await addToSlapd({
    [DN]: { objectClass: "inetOrgPerson", cn, sn: "Lab", mail, userPassword: PASSWORD },
  });
  gateway = await TestGateway.start(["--set", "kerberos.kdcs=MIT.TEST 127.0.0.1:1088"]);
  admin = await enrolAdministrator(gateway);
  // The first account "as me": from now on passwords of directories are kept.
  await desktopOf(admin.personId);
  const config = slapdConfig({ accountRealm: "MIT.TEST" });
  await addProvider(admin.api, "Annuaire", config, labPasswords.bob);
});
after(async () => {
  await gateway?.stop();
  await deleteFromSlapd(DN).catch(() => {});
  removePerson("brief");
});

const desktopOf = (personId: string): Promise<GrantedTarget> =>
  grantTarget(admin.api, {
    protocol: "rdp",
    port: 23894,
    personId,
    kind: "as-me",
    kerberosName: "rdp.mit.test",
    options: { kerberos: "only" },
  });

async function open({ api }: TestPerson, { targetId }: GrantedTarget): Promise<HeadlessViewer> {
  const { sessionId } = await api.must<{ sessionId: string }>("POST", "/api/v1/sessions", { targetId });
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  return viewer;
}

const stateOf = ({ api }: TestPerson) => api.must<OwnPasswordState>("GET", OWN);

/** What is kept, once the KDC's word is there: until when, and that it is no longer than the ticket. */
async function judged(person: TestPerson): Promise<OwnPasswordState & { readonly endsAtMs: number }> {
  const state = await eventually("the KDC's word", async () => {
    const now = await stateOf(person);
    return now.isProtected === null ? null : now;
  });
  const { keptAtMs, endsAtMs } = state;
  assert.ok(keptAtMs !== null && endsAtMs !== null, "it has an end");
  const lasts = endsAtMs - keptAtMs;
  assert.ok(lasts > (LIFE_SECONDS - 5) * 1000 && lasts <= (LIFE_SECONDS + 5) * 1000, `kept for ${lasts} ms`);
  return { ...state, endsAtMs };
}

const untilOver = (person: TestPerson) =>
  eventually("the end", async () => ((await stateOf(person)).state === "none" ? Date.now() : null));

test("what is kept ends with the ticket a KDC gave, earlier than four hours; the person is asked again", async () => {
  const alice = await enterByPassword(gateway, "alice", labPasswords.alice);
  const brief = await enterByPassword(gateway, "brief", PASSWORD);
  const target = await desktopOf(brief.personId);
  const { endsAtMs } = await judged(brief);
  const viewer = await open(brief, target);
  assert.ok((await untilOver(brief)) >= endsAtMs, "not before its time");

  const refused = await brief.api.call<{ code: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  assert.equal(refused.body.code, "own-password-needed");
  const forgotten = await eventually("the journal's word", async () => {
    const { items } = await admin.api.must<{ items: JournalItem[] }>(
      "GET",
      "/api/v1/journal?kind=own-password.forgotten",
    );
    return items.find(({ subject }) => subject.personId === brief.personId) ?? null;
  });
  assert.equal(forgotten.details.reason, "expired");
  assert.equal(viewer.closed, null, "the session that it opened goes on");
  viewer.control({ type: "end" });

  // Who has an ordinary ticket (ten hours asked for) loses nothing.
  const hers = await stateOf(alice);
  assert.deepEqual([hers.state, hers.isProtected, hers.endsAtMs], ["kept", false, null]);

  // What is typed when asked again has the next ticket's end.
  await brief.api.must("POST", OWN, { password: PASSWORD });
  const next = await judged(brief);
  assert.ok(next.endsAtMs > endsAtMs);
  (await open(brief, target)).control({ type: "end" });
  await untilOver(brief);
});
