// A way to real KDCs on which somebody sits who lies, repeats, delays or swallows; and a KDC that is away while people work.
import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import type { JournalItem } from "@poterne/contract";
import { serviceName } from "@poterne/kerberos";
import { Channel } from "@poterne/wire";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { type Bend, BentKdc } from "../support/bent-kdc.ts";
import { addProvider, enterByPassword } from "../support/directory-people.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { environmentWith, granted, labClient, person, refusal, routeBy } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { sambaConfig } from "../support/ldap.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const AS_REP = 0x6b;
const TGS_REP = 0x6d;
const KRB_ERROR = 0x7e;
const password = Buffer.from(labPasswords.alice);
const proof = person("proof", "MIT.TEST");
const service = serviceName("host", "ssh.mit.test");

let mit: BentKdc;
let samba: BentKdc;
let gateway: TestGateway;
let admin: TestPerson;
let carol: TestPerson;
let desktop: GrantedTarget;

before(async () => {
  startLab("samba-ad", "mit-kdc", "shadow3-ad");
  mit = await BentKdc.start("127.0.0.1", 1088);
  samba = await BentKdc.start("127.0.0.10", 88);
  gateway = await TestGateway.start([
    ...["--set", `kerberos.kdcs=LAB.TEST ${samba.address}`],
    ...["--set", `kerberos.keytab=${path.join(labDir, "samba-ad/http.keytab")}`],
  ]);
  admin = await enrolAdministrator(gateway);
  await addProvider(admin.api, "Domaine", sambaConfig({ ticketRealms: ["LAB.TEST"] }), "gate-Passw0rd");
  carol = await enterByPassword(gateway, "carol", labPasswords.carol);
  desktop = await grantTarget(admin.api, {
    protocol: "rdp",
    port: 23895,
    personId: carol.personId,
    username: "carol@LAB.TEST",
    password: labPasswords.carol,
    kerberosName: "rdp.lab.test",
    options: { kerberos: "only" },
  });
});
afterEach(() => {
  for (const kdc of [mit, samba]) kdc.bend = (answer) => answer;
});
after(async () => {
  await gateway?.stop();
  for (const kdc of [mit, samba]) kdc?.close();
});

/** A client whose way to MIT.TEST is the bent one, and after it others. */
const clientBy = (...next: string[]) =>
  labClient({ settings: { kdcs: [`MIT.TEST ${[mit.address, ...next].join(" ")}`] } });

/** Every occurrence of a text by another of the same length. */
function replace(message: Buffer, from: string, to: string): Buffer {
  assert.equal(from.length, to.length);
  return Buffer.from(message.toString("latin1").replaceAll(from, to), "latin1");
}

test("the answer to an earlier question is found out, a person's and a service's: another nonce, another key", async () => {
  let kept: Buffer | undefined;
  mit.bend = (answer) => {
    if (answer[0] === AS_REP) kept ??= answer;
    return answer[0] === AS_REP && kept !== undefined ? kept : answer;
  };
  const tgt = granted(await clientBy().signIn(proof, password));
  const replayed = await clientBy().signIn(proof, password);
  assert.equal(refusal(replayed), "bad-answer");
  assert.ok(!replayed.isGranted && /nonce|another request/.test(replayed.failure.detail));
  let ticket: Buffer | undefined;
  mit.bend = (answer) => {
    if (answer[0] === TGS_REP) ticket ??= answer;
    return answer[0] === TGS_REP && ticket !== undefined ? ticket : answer;
  };
  granted(await clientBy().getServiceTicket(tgt, service));
  assert.equal(refusal(await clientBy().getServiceTicket(tgt, service)), "bad-answer");
});

test("another realm, another person and another service in an answer are found out", async () => {
  mit.bend = (answer) => (answer[0] === AS_REP ? replace(answer, "MIT.TEST", "EVL.TEST") : answer);
  assert.equal(refusal(await clientBy().signIn(proof, password)), "bad-answer");
  mit.bend = (answer) => answer;
  const tgt = granted(await clientBy().signIn(proof, password));
  for (const [from, to] of [
    ["proof", "alice"],
    ["ssh.mit.test", "evl.mit.test"],
    ["MIT.TEST", "EVL.TEST"],
  ] as const) {
    mit.bend = (answer) => (answer[0] === TGS_REP ? replace(answer, from, to) : answer);
    assert.equal(refusal(await clientBy().getServiceTicket(tgt, service)), "bad-answer", from);
  }
  // A KDC of another realm in the place of the right one.
  const elsewhere = labClient({ settings: { kdcs: [`MIT.TEST ${samba.address}`] } });
  assert.match(
    refusal(await elsewhere.signIn(proof, password)),
    /^(?:unknown-person|unknown-realm|refused)$/,
  );
});

test("wherever a byte of an answer is changed, there is no ticket, or the one that was given", async (t) => {
  const client = clientBy();
  let at = 0;
  let length = 1;
  let refused = 0;
  mit.bend = (answer) => {
    if (answer[0] === KRB_ERROR) return answer;
    const changed = Buffer.from(answer);
    length = answer.length;
    changed[at] = (changed[at] ?? 0) ^ (1 << (at & 7));
    return changed;
  };
  for (at = 0; at < length; at += 7) {
    const outcome = await client.signIn(proof, password);
    if (!outcome.isGranted) {
      assert.ok(["bad-answer", "encryption-unsupported", "wrong-password"].includes(outcome.failure.reason));
      refused++;
    } else assert.deepEqual(outcome.credential.client, proof);
  }
  t.diagnostic(
    `${refused} of ${Math.ceil(length / 7)} refused; the others only hurt the ticket, which is the KDC's own`,
  );
  assert.ok(refused > length / 7 / 3);
});

test("a KDC that is slow, floods, or ends in the middle is passed over, within its time, for the next one", async () => {
  const flood = Buffer.alloc(4, 0x7f);
  const half = Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.alloc(20, AS_REP)]);
  const bends: readonly (readonly [Bend, RegExp])[] = [
    [() => ({ isSilent: true }), /ETIMEDOUT/],
    [() => ({ raw: half }), /ETIMEDOUT/],
    [() => ({ raw: flood }), /over the limit/],
    [() => Buffer.alloc(300_000, AS_REP), /over the limit/],
  ];
  await Promise.all(
    bends.map(async ([bend, problem]) => {
      const kdc = await BentKdc.start("127.0.0.1", 1088);
      kdc.bend = bend;
      const clientOf = (...kdcs: string[]) => {
        const route = routeBy({ kdcs: [`MIT.TEST ${kdcs.join(" ")}`] });
        const { monotonicMs } = environmentWith();
        return labClient({ kdcs: new KdcClient({ ...route, monotonicMs, attemptTimeoutMs: 500 }) });
      };
      const alone = await clientOf(kdc.address).signIn(proof, password);
      assert.equal(refusal(alone), "kdc-unreachable");
      assert.ok(!alone.isGranted && problem.test(alone.failure.detail), JSON.stringify(alone));
      granted(await clientOf(kdc.address, "127.0.0.1:1088").signIn(proof, password));
      kdc.close();
    }),
  );
});

test("a controller that refers a person back and forth is left after eight realms", async () => {
  // Samba's own referral, with other realms in it; every one of them is this very controller.
  const realms = Array.from({ length: 12 }, (_, at) => `R${String(at).padStart(4, "0")}.TEST`);
  const kdcs = ["LAB.TEST", "OTHER.TEST", ...realms].map((realm) => `${realm} ${samba.address}`);
  let referral: Buffer | undefined;
  let count = 0;
  samba.bend = (answer) => {
    referral ??= answer;
    return replace(referral, "OTHER.TEST", realms[count++] ?? "");
  };
  const client = labClient({ settings: { kdcs } });
  const outcome = await client.signIn(person("nina@other.test", "LAB.TEST"), password);
  assert.equal(refusal(outcome), "unknown-realm");
  assert.ok(!outcome.isGranted && outcome.failure.detail === "referrals go round");
  assert.equal(count, 9);
});

test("a KDC's refusal is signed by nobody: an invented one opens nothing, and never leads to NTLM", async () => {
  const codes = { 6: "kerberos-person-unknown", 24: "kerberos-wrong-password", 68: "kerberos-kdc-silent" };
  for (const [code, expected] of Object.entries(codes)) {
    samba.bend = (answer) => (answer[0] === KRB_ERROR ? withCode(answer, Number(code)) : answer);
    assert.equal(await refusedCode(), expected, `code ${code}`);
  }
});

/** KRB-ERROR's error-code (RFC 4120 §5.9.1 [6]) changed in place: its field is `a6 03 02 01 CODE`. */
function withCode(error: Buffer, code: number): Buffer {
  const changed = Buffer.from(error);
  const at = changed.indexOf(Buffer.from([0xa6, 0x03, 0x02, 0x01]));
  assert.ok(at > 0);
  changed[at + 4] = code;
  return changed;
}

/** The code of a session that does not open. */
async function refusedCode(): Promise<string> {
  const viewer = await openDesktop().catch((error: unknown) => String(error));
  if (typeof viewer !== "string") throw new Error("it opened");
  return /kerberos-[a-z-]+/.exec(viewer)?.[0] ?? viewer;
}

async function openDesktop(): Promise<HeadlessViewer> {
  const { targetId } = desktop;
  const { sessionId } = await carol.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", { targetId });
  const viewer = await HeadlessViewer.attach(carol.api, sessionId);
  await viewer.untilOpen();
  return viewer;
}

test("a session goes on while the KDC is away; a new one is refused with the reason, and opens once it is back", async () => {
  const viewer = await openDesktop();
  samba.bend = () => ({ raw: Buffer.from([0xff, 0xff, 0xff, 0xff]) });
  assert.equal(await refusedCode(), "kerberos-kdc-silent");
  const before = viewer.frames.length;
  viewer.control({ type: "need-entry" });
  const isPicture = ({ channel }: { channel: number }) => channel === Channel.picture;
  await viewer.until("a picture from the target", () => viewer.frames.slice(before).some(isPicture));
  assert.equal(viewer.find("ended"), undefined);
  samba.bend = (answer) => answer;
  (await openDesktop()).control({ type: "end" });
  viewer.control({ type: "end" });
});

test("at the sign-in form a lying KDC looks as a wrong password does; the journal has the reason", async () => {
  const enter = async (login: string, secret: string) => {
    const body = { login, password: secret };
    const answer = await new ApiClient(gateway).call<{ code: string }>(
      "POST",
      "/api/v1/sign-in/password",
      body,
    );
    return [answer.status, answer.body.code] as const;
  };
  const wrong = await enter("carol", "not-hers");
  assert.equal(wrong[1], "sign-in-refused");
  let kept: Buffer | undefined;
  samba.bend = (answer) => {
    if (answer[0] !== AS_REP) return answer;
    kept ??= replace(answer, "LAB.TEST", "EVL.TEST");
    return kept;
  };
  assert.deepEqual(await enter("carol", labPasswords.carol), wrong);
  const { items } = await admin.api.must<{ items: JournalItem[] }>(
    "GET",
    "/api/v1/journal?kind=sign-in.failed",
  );
  assert.ok(JSON.stringify(items).includes("bad-answer"), "the administrator reads why");
});
