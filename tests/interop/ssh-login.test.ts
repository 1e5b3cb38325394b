import assert from "node:assert/strict";
import { before, test } from "node:test";
import { parseIdentity } from "../../packages/gateway/src/fleet/identity-text.ts";
import { makeSshDriver } from "../../packages/gateway/src/session/drivers/ssh.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { failureOf, labHop, labIdentity, labKey, withDriver } from "../support/terminal.ts";

before(() => startLab("sshd", "sshd-legacy", "sshd-cert", "sshd-jump"));

const bob = { kind: "password", username: "bob", password: labPasswords.bob } as const;

test("a password opens a shell with terminal type, locale, colours and the viewer's size", async () => {
  const viewerSize = { columns: 101, rows: 33, widthPx: 0, heightPx: 0 };
  await withDriver(makeSshDriver, [labHop(2201)], { viewerSize }, async (harness) => {
    harness.type("echo $TERM $LANG $(stty size) $(id -un)\r");
    await harness.shows("xterm-256color C.UTF-8 33 101 bob");
    assert.equal(harness.pinned[0]?.algorithm, "ssh-ed25519");
    assert.deepEqual(
      harness.steps.map(({ name, state }) => `${name} ${state}`).filter((step) => step.endsWith("done")),
      ["network done", "encryption done", "identity done"],
    );
    assert.ok(harness.driver.targetRoundTripMs === null || harness.driver.targetRoundTripMs < 1000);
  });
});

test("the window follows the viewer and the shell's exit status ends the session", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    harness.driver.input({ type: "resize", columns: 132, rows: 50, widthPx: 0, heightPx: 0 });
    harness.type("stty size\r");
    await harness.shows("50 132");
    harness.type("exit 3\r");
    await harness.until(() => harness.end !== null);
    assert.deepEqual(harness.end, { code: "closed-by-target", details: { exitStatus: 3 } });
  });
});

test("keyboard-interactive: one hidden prompt takes the vault's password without asking the person", async () => {
  const harnessHop = labHop(2201, {
    credentials: { kind: "password", username: "alice", password: labPasswords.alice },
  });
  await withDriver(makeSshDriver, [harnessHop], {}, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-alice");
    assert.equal(harness.questions.length, 0);
  });
});

test("“ask me” asks for name and password once and keeps them nowhere", async () => {
  const hop = labHop(2201, { credentials: { kind: "ask", username: null } });
  const answer = () => ["bob", labPasswords.bob];
  await withDriver(makeSshDriver, [hop], { answer }, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-bob");
    assert.equal(harness.questions.length, 1);
    assert.deepEqual(
      harness.questions[0]?.fields.map(({ echo }) => echo),
      [true, false],
    );
    const kept = JSON.stringify([harness.steps, harness.markers, harness.warnings]) + harness.text;
    assert.ok(!kept.includes(labPasswords.bob));
  });
});

test("“ask me” lets a person correct a wrong password", async () => {
  const hop = labHop(2201, { credentials: { kind: "ask", username: "bob" } });
  let count = 0;
  const answer = () => [count++ === 0 ? "wrong" : labPasswords.bob];
  await withDriver(makeSshDriver, [hop], { answer }, async (harness) => {
    assert.equal(harness.questions.length, 2);
    assert.equal(harness.questions[1]?.details.retry, "true");
    await harness.shows("$ ");
  });
});

test("a question nobody answers ends in its own words", async () => {
  const hop = labHop(2201, { credentials: { kind: "ask", username: "bob" } });
  assert.equal((await failureOf(makeSshDriver, [hop])).code, "question-unanswered");
});

test("a wrong password from the vault is sent once and refused", async () => {
  const hop = labHop(2201, { credentials: { ...bob, password: "not-it" } });
  const { code, harness } = await failureOf(makeSshDriver, [hop]);
  assert.equal(code, "wrong-password");
  assert.equal(harness.questions.length, 0);
});

test("a key signs outside the driver and opens the shell", async () => {
  const hop = labHop(2201, { credentials: labKey("bob", "sshd/id_ed25519") });
  await withDriver(makeSshDriver, [hop], {}, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-bob");
  });
});

test("a key the target does not know is refused in words about keys", async () => {
  const hop = labHop(2201, { credentials: labKey("bob", "sshd-cert/user_ed25519") });
  assert.equal((await failureOf(makeSshDriver, [hop])).code, "key-refused");
});

for (const kind of ["ed25519", "rsa", "ecdsa"])
  test(`an OpenSSH user certificate of an ${kind} key opens the shell`, async () => {
    const credentials = labKey("alice", `sshd-cert/user_${kind}`, `sshd-cert/user_${kind}-cert.pub`);
    await withDriver(makeSshDriver, [labHop(2203, { credentials })], {}, async (harness) => {
      harness.type("echo as-$(id -un)\r");
      await harness.shows("as-alice");
    });
  });

test("an expired certificate is refused, and the plain key of one too", async () => {
  const expired = labKey("alice", "sshd-cert/user_ed25519", "sshd-cert/expired_ed25519-cert.pub");
  assert.equal(
    (await failureOf(makeSshDriver, [labHop(2203, { credentials: expired })])).code,
    "key-refused",
  );
  const plain = labKey("alice", "sshd-cert/user_ed25519");
  assert.equal((await failureOf(makeSshDriver, [labHop(2203, { credentials: plain })])).code, "key-refused");
});

test("a pinned host key is accepted, of whichever kind, and nothing is pinned again", async () => {
  for (const file of ["sshd/host_ed25519.pub", "sshd/host_rsa.pub"]) {
    const hop = labHop(2201, { identities: [labIdentity(file)] });
    await withDriver(makeSshDriver, [hop], { policy: { targetIdentity: "pinned" } }, async (harness) => {
      assert.equal(harness.pinned.length, 0);
    });
  }
});

test("a changed host key stops before any secret is sent, with both fingerprints", async () => {
  const wrong = labIdentity("sshd-cert/host_ed25519.pub");
  const right = labIdentity("sshd/host_ed25519.pub");
  const { code, details } = await failureOf(makeSshDriver, [labHop(2201, { identities: [wrong] })]);
  assert.equal(code, "identity-changed");
  assert.ok(String(details.expected).includes(wrong.fingerprint));
  assert.ok(String(details.received).includes(right.fingerprint));
});

test("an unknown host key is refused when policy wants it pinned", async () => {
  const { code, details } = await failureOf(makeSshDriver, [labHop(2201)], {
    policy: { targetIdentity: "pinned" },
  });
  assert.equal(code, "identity-unknown");
  assert.match(String(details.received), /SHA256:/);
});

test("an old switch is refused, or warned of when the target is flagged so", async () => {
  assert.equal((await failureOf(makeSshDriver, [labHop(2202)])).code, "no-common-algorithm");
  const hop = labHop(2202, { options: { legacyAlgorithms: true } });
  await withDriver(makeSshDriver, [hop], {}, async (harness) => {
    assert.equal(harness.warnings[0]?.code, "legacy-algorithms");
    assert.match(String(harness.warnings[0]?.details.algorithms), /diffie-hellman-group14-sha1.*aes128-cbc/);
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-bob");
  });
});

test("a chain of two jump hosts leads to the target, each with its own identity", async () => {
  const jumps = [2204, 2205].map((port) =>
    labHop(port, { identities: [labIdentity(`sshd-jump/host_${port}.pub`)] }),
  );
  const [first, second] = jumps;
  assert.ok(first !== undefined && second !== undefined);
  await withDriver(makeSshDriver, [first, second, labHop(2201)], {}, async (harness) => {
    harness.type("echo $SSH_CONNECTION\r");
    await harness.shows(/127\.0\.0\.1 \d+ 127\.0\.0\.1 2201/);
    assert.equal(harness.pinned.length, 1);
  });
});

test("a jump host whose identity is not known is not passed through, and is named with its fingerprint", async () => {
  const jump = labHop(2204);
  const { code, details } = await failureOf(makeSshDriver, [jump, labHop(2201)]);
  assert.equal(code, "identity-unknown");
  assert.equal(details.target, jump.name);
  assert.equal(details.received, describePinned("sshd-jump/host_2204.pub"));
});

test("jump host and target are pinned by their fingerprints alone, before any session", async () => {
  const pinned = (file: string) => [parseIdentity(describePinned(file), "ssh")];
  const jump = labHop(2204, { identities: pinned("sshd-jump/host_2204.pub") });
  const target = labHop(2201, { identities: pinned("sshd/host_ed25519.pub") });
  await withDriver(
    makeSshDriver,
    [jump, target],
    { policy: { targetIdentity: "pinned" } },
    async (harness) => {
      assert.equal(harness.pinned.length, 0);
    },
  );
  const wrong = labHop(2201, { identities: pinned("sshd-cert/host_ed25519.pub") });
  const { code, details } = await failureOf(makeSshDriver, [jump, wrong]);
  assert.deepEqual([code, details.target], ["identity-changed", wrong.name]);
});

/** A host key as a refusal shows it: kind and fingerprint. */
function describePinned(file: string): string {
  const { algorithm, fingerprint } = labIdentity(file);
  return `${algorithm} ${fingerprint}`;
}

test("a jump host that may not forward is named", async () => {
  const jump = labHop(2204, { identities: [labIdentity("sshd-jump/host_2204.pub")] });
  const { code, details } = await failureOf(makeSshDriver, [jump, labHop(2202)]);
  assert.equal(code, "jump-failed");
  assert.deepEqual(details, { jump: "lab 2204", target: "lab 2202" });
});
