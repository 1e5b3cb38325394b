import assert from "node:assert/strict";
import { before, test } from "node:test";
import { makeTelnetDriver } from "../../packages/gateway/src/session/drivers/telnet.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { failureOf, labHop, withDriver } from "../support/terminal.ts";

before(() => startLab("telnet"));

const alice = { kind: "password", username: "alice", password: labPasswords.alice } as const;
const admin = { kind: "password", username: "admin", password: labPasswords.switch } as const;

test("telnetd: logs in by prompts, with terminal type, window size and resize; the secret is never shown", async () => {
  const viewerSize = { columns: 97, rows: 31, widthPx: 0, heightPx: 0 };
  await withDriver(
    makeTelnetDriver,
    [labHop(2301, { credentials: alice })],
    { viewerSize },
    async (harness) => {
      harness.type("echo $TERM on $(stty size) as $(id -un)\r");
      await harness.shows("xterm-256color on 31 97 as alice");
      harness.driver.input({ type: "resize", columns: 120, rows: 40, widthPx: 0, heightPx: 0 });
      await harness.until(() => true);
      harness.type("stty size\r");
      await harness.shows("40 120");
      assert.ok(!harness.text.includes(labPasswords.alice));
      harness.type("exit\r");
      await harness.until(() => harness.end !== null);
      assert.equal(harness.end?.code, "closed-by-target");
    },
  );
});

test("an old switch: logs in and pages through its interfaces", async () => {
  await withDriver(makeTelnetDriver, [labHop(2302, { credentials: admin })], {}, async (harness) => {
    await harness.shows("switch#");
    harness.type("show interfaces\r");
    await harness.shows("--More--");
    harness.type("\r");
    await harness.shows("FastEthernet0/40 is up");
    harness.type("\r");
    await harness.shows("FastEthernet0/48 is up");
    assert.ok(!harness.text.includes(labPasswords.switch));
  });
});

test("a wrong password is sent once and refused, on both", async () => {
  const one = await failureOf(makeTelnetDriver, [
    labHop(2301, { credentials: { ...alice, password: "not-it" } }),
  ]);
  assert.equal(one.code, "wrong-password");
  const two = await failureOf(makeTelnetDriver, [
    labHop(2302, { credentials: { ...admin, password: "not-it" } }),
  ]);
  assert.equal(two.code, "wrong-password");
  assert.equal(two.harness.text.split("Password:").length, 2);
});

test("“ask me” asks the person at the prompt", async () => {
  const hop = labHop(2302, { credentials: { kind: "ask", username: null } });
  const answer = () => ["admin", labPasswords.switch];
  await withDriver(makeTelnetDriver, [hop], { answer }, async (harness) => {
    await harness.shows("switch#");
    assert.equal(harness.questions.length, 1);
  });
});

test("a costly prompt pattern is refused before anything is sent", async () => {
  const hop = labHop(2302, { credentials: admin, options: { loginPrompt: "(a+)+$" } });
  const { code, details } = await failureOf(makeTelnetDriver, [hop]);
  assert.equal(code, "bad-prompt-pattern");
  assert.equal(details.name, "loginPrompt");
});
