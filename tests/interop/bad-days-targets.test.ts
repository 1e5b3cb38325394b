import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { errorCatalogue } from "../../packages/contract/src/index.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { assertRecorded, endCodeOf } from "../support/evidence.ts";
import { HostileTarget, MISBEHAVIOURS, type Misbehaviour } from "../support/hostile-target.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { startLab } from "../support/lab.ts";
import { residentBytes } from "../support/processes.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const PROTOCOLS = ["ssh", "telnet", "vnc"] as const;
/** The longest a driver waits, twice over, for a busy machine. */
const END_WAIT_MS = 60_000;
/** Eighteen bad targets at once, some of which send hundreds of megabytes, may cost no more: garbage not yet collected. */
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

/** What the person must be told; anything else is a wrong word at 3 a.m. */
const EXPECTED: Readonly<
  Record<Misbehaviour, Readonly<Record<(typeof PROTOCOLS)[number], readonly string[]>>>
> = {
  unreachable: {
    ssh: ["target-unreachable"],
    telnet: ["target-unreachable"],
    vnc: ["target-unreachable"],
  },
  refuses: { ssh: ["target-refused"], telnet: ["target-refused"], vnc: ["target-refused"] },
  closes: { ssh: ["target-closed"], telnet: ["target-closed"], vnc: ["target-closed"] },
  // Telnet has no form that bytes could break: what matters is that no prompt came.
  garbage: {
    ssh: ["protocol-error"],
    telnet: ["login-not-recognised", "protocol-error"],
    vnc: ["protocol-error"],
  },
  flood: {
    ssh: ["protocol-error"],
    telnet: ["login-not-recognised"],
    vnc: ["protocol-error", "no-common-security"],
  },
  silent: {
    ssh: ["target-silent"],
    telnet: ["target-silent", "login-not-recognised"],
    vnc: ["target-silent"],
  },
};

let demo: Demo;
let personId: string;
const hostile: HostileTarget[] = [];
before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
  personId = await personIdOf(demo.api);
});
after(async () => {
  for (const target of hostile) target.stop();
  await demo.gateway.stop();
});

/** Opens a session that must fail; resolves with what the person was told. */
async function failing(target: { targetId: string; name: string; protocol: string }) {
  const sessionId = await openSession(demo.api, target);
  const viewer = await HeadlessViewer.attach(demo.api, sessionId);
  await viewer.until("the end", ({ closed }) => closed !== null, END_WAIT_MS);
  const ended = viewer.find("ended");
  assert.ok(ended !== undefined, `${target.name}: closed without a word`);
  return { sessionId, viewer, code: ended.code, details: ended.details };
}

/** The words exist in both languages, and every place in them is filled. */
function assertWords(code: string, details: Readonly<Record<string, unknown>>): void {
  assert.ok(Object.hasOwn(errorCatalogue, code), code);
  const { fr, en } = errorCatalogue[code as keyof typeof errorCatalogue];
  for (const text of [fr.what, fr.next, en.what, en.next]) {
    assert.ok(text.length > 5);
    for (const [, place = ""] of text.matchAll(/\{(\w+)\}/g))
      assert.notEqual(details[place], undefined, `${code} says {${place}}`);
  }
}

test("bad targets of every protocol end with the right word and a whole recording, beside a session that goes on", async () => {
  const pid = demo.gateway.child.pid ?? 0;
  const good = await HeadlessViewer.attach(demo.api, await openSession(demo.api, demo.targets.ssh));
  await good.untilOpen();
  good.type("i=0; while :; do i=$((i+1)); echo tick-$i-; sleep 0.2; done\r");
  await good.until("the first line", ({ text }) => text.includes("tick-1-"));
  const beforeBytes = residentBytes(pid);
  const cases = MISBEHAVIOURS.flatMap((misbehaviour) =>
    PROTOCOLS.map((protocol) => ({ misbehaviour, protocol })),
  );
  const granted = [];
  for (const { misbehaviour, protocol } of cases) {
    const target = await HostileTarget.start(protocol, misbehaviour, randomBytes);
    hostile.push(target);
    const options = protocol === "vnc" ? { minimumSecurity: "none" } : {};
    const { port } = target;
    granted.push({
      misbehaviour,
      protocol,
      target: await grantTarget(demo.api, {
        protocol,
        port,
        personId,
        options,
        username: protocol === "vnc" ? "" : "alice",
      }),
    });
  }
  const ends = await Promise.all(
    granted.map(async ({ misbehaviour, protocol, target }) => ({
      misbehaviour,
      protocol,
      ...(await failing(target)),
    })),
  );
  const wrong = ends
    .filter(({ misbehaviour, protocol, code }) => !EXPECTED[misbehaviour][protocol].includes(code))
    .map(
      ({ misbehaviour, protocol, code, details }) =>
        `${protocol} ${misbehaviour}: ${code} ${JSON.stringify(details)}`,
    );
  assert.deepEqual(wrong, []);
  for (const { code, details, sessionId } of ends) {
    assertWords(code, details);
    assert.equal(await endCodeOf(demo.api, sessionId), code);
  }
  assertRecorded(
    demo.gateway,
    ends.map(({ sessionId }) => sessionId),
  );
  const seen = [...good.text.matchAll(/tick-(\d+)-/g)].length;
  await good.until("more lines", ({ text }) => [...text.matchAll(/tick-(\d+)-/g)].length > seen + 3);
  const numbers = [...good.text.matchAll(/tick-(\d+)-/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
    "no line was lost",
  );
  const growth = residentBytes(pid) - beforeBytes;
  assert.ok(growth < MAX_GROWTH_BYTES, `${Math.round(growth / 1e6)} MB more`);
  good.control({ type: "end" });
});

test("a wrong password is said as such, on every protocol, and is in no answer", async () => {
  const ports = { ssh: 2201, telnet: 2302, vnc: 5945 } as const;
  const secret = "Not-The-Password-1";
  const ends = await Promise.all(
    PROTOCOLS.map(async (protocol) => {
      const username = { ssh: "alice", telnet: "admin", vnc: "" }[protocol];
      const wish = { protocol, port: ports[protocol], personId, username, password: secret };
      return failing(await grantTarget(demo.api, wish));
    }),
  );
  assert.deepEqual(
    ends.map(({ code }) => code),
    ["wrong-password", "wrong-password", "wrong-password"],
  );
  for (const { viewer } of ends)
    assert.equal(JSON.stringify(viewer.status).includes(secret) || viewer.text.includes(secret), false);
});

test("a changed host key stops the session before the secret leaves, and shows both fingerprints", async () => {
  const wish = { protocol: "ssh", port: 2201, personId, password: "alice-Passw0rd" } as const;
  const target = await grantTarget(demo.api, wish);
  const url = `/api/v1/targets/${target.targetId}/identities`;
  const pinned = await demo.api.must<{ identities: { fingerprint: string }[] }>("POST", url, {
    text: otherHostKey(),
  });
  const { code, details, viewer } = await failing(target);
  assert.equal(code, "identity-changed");
  assertWords(code, details);
  assert.ok(String(details.expected).includes(pinned.identities[0]?.fingerprint ?? "?"));
  assert.match(String(details.received), /SHA256:[A-Za-z0-9+/]{43}/);
  assert.notEqual(details.received, details.expected);
  assert.ok(viewer.status.every((message) => message.type !== "open"));
});

/** An Ed25519 host key that no server of the lab has, as `ssh-keyscan` prints one. */
function otherHostKey(): string {
  const { publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from("ssh-ed25519")), part(raw)]).toString("base64")}`;
}
