import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type MailSettings, sendMail, tryServer } from "../../packages/gateway/src/mail/smtp.ts";
import { poterne } from "../support/commands.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { startLab } from "../support/lab.ts";
import { deliveredMail, hostileMailServer, labMail, talk } from "../support/mail-server.ts";
import { enrolAdministrator } from "../support/people.ts";

// The lab's Exim takes letters over STARTTLS and TLS with a log-in; servers of the test misbehave in every way.

const folder = mkdtempSync(path.join(tmpdir(), "poterne-mail-"));
const passwordFile = path.join(folder, "password");
const wrongFile = path.join(folder, "wrong");

const settings: MailSettings = {
  host: labMail.host,
  port: labMail.startTlsPort,
  security: "starttls",
  caFile: labMail.caFile,
  sender: "poterne@lab.test",
  user: labMail.user,
  passwordFile,
};
const letter = (address: string, subject = "Essai") => ({ address, subject, body: "Bonjour, ça marche.\n" });
const troubleOf = (outcome: Awaited<ReturnType<typeof sendMail>>) =>
  "trouble" in outcome ? [outcome.result, outcome.trouble.at] : [outcome.result];
const inClear: MailSettings = { ...settings, host: "127.0.0.1", security: "off", user: "", passwordFile: "" };

before(() => {
  writeFileSync(passwordFile, `${labMail.password}\nsecond line\n`);
  writeFileSync(wrongFile, "no-such-password\n");
  startLab("smtp");
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("Exim takes letters", () => {
  for (const [name, more] of [
    ["STARTTLS", {}],
    ["TLS from the first byte", { port: labMail.tlsPort, security: "tls" as const }],
  ] as const)
    test(`over ${name}, with accents and without a second recipient`, async () => {
      const subject = `Accès approuvé : été ${name} ${Date.now()}`;
      assert.deepEqual(await sendMail({ ...settings, ...more }, letter("alice@lab.test", subject)), {
        result: "sent",
      });
      const mail = await eventually(
        "the letter",
        async () => deliveredMail().find((one) => one.subject === subject) ?? null,
      );
      assert.equal(mail.text.trim(), "Bonjour, ça marche.");
      assert.match(mail.headers, /^Auto-Submitted: auto-generated$/m);
      assert.match(mail.headers, /with esmtpsa/);
    });

  test("a mailbox that is not there is refused for good, a busy one for now", async () => {
    assert.deepEqual(troubleOf(await sendMail(settings, letter("refused@lab.test"))), [
      "refused",
      "recipient",
    ]);
    assert.deepEqual(troubleOf(await sendMail(settings, letter("later@lab.test"))), ["later", "recipient"]);
    assert.deepEqual(troubleOf(await sendMail(settings, letter("x@elsewhere.test"))), [
      "refused",
      "recipient",
    ]);
  });

  test("a wrong password, no password, an unknown authority and a missing file are told apart", async () => {
    const at = async (more: Partial<MailSettings>) => (await tryServer({ ...settings, ...more }))?.at ?? null;
    assert.equal(await at({}), null);
    assert.equal(await at({ passwordFile: wrongFile }), "log-in");
    assert.equal(await at({ caFile: "" }), "tls");
    assert.equal(await at({ passwordFile: path.join(folder, "none") }), "settings");
    assert.equal(await at({ port: 1 }), "connect");
    assert.equal(await at({ host: "no-such-host.invalid" }), "name");
    const anonymous = await sendMail({ ...settings, user: "" }, letter("alice@lab.test"));
    assert.deepEqual(troubleOf(anonymous), ["down", "sender"]);
    const trouble = await tryServer({ ...settings, passwordFile: wrongFile });
    assert.doesNotMatch(JSON.stringify(trouble), /no-such-password/);
  });

  test("`poterne doctor mail` says in French what is wrong, and sends a letter", () => {
    const file = path.join(folder, "poterne.toml");
    const lines = (password: string) =>
      `[mail]\nhost = "${labMail.host}"\nport = ${labMail.startTlsPort}\ncaFile = "${labMail.caFile}"\nsender = "poterne@lab.test"\nuser = "poterne"\npasswordFile = "${password}"\n`;
    writeFileSync(file, lines(passwordFile));
    const fine = poterne("doctor", "mail", "bob@lab.test", "--config", file, "--lang", "fr");
    assert.equal(fine.status, 0, fine.output);
    assert.match(fine.output, /a accepté un message d'essai pour bob@lab\.test/);
    writeFileSync(file, lines(wrongFile));
    const sick = poterne("doctor", "mail", "--config", file, "--lang", "fr");
    assert.equal(sick.status, 1, sick.output);
    assert.match(sick.output, /refuse le compte ou son mot de passe/);
    assert.doesNotMatch(sick.output, /no-such-password/);
  });
});

describe("a mail server that misbehaves", () => {
  const against = async (play: Parameters<typeof hostileMailServer>[0], more: Partial<MailSettings> = {}) => {
    const server = await hostileMailServer(play);
    try {
      return troubleOf(await sendMail({ ...inClear, port: server.port, ...more }, letter("a@lab.test")));
    } finally {
      await server.close();
    }
  };

  test("offers no STARTTLS where it is demanded: no letter, no password leaves", async () => {
    const heard: string[] = [];
    const outcome = await against(
      (socket) =>
        talk(socket, (line) => {
          heard.push(line);
          return line.startsWith("EHLO") ? "250-hostile\r\n250 AUTH PLAIN LOGIN\r\n" : "502 no\r\n";
        }),
      { security: "starttls", user: "poterne", passwordFile },
    );
    assert.deepEqual(outcome, ["down", "tls"]);
    assert.equal(
      heard.some((line) => /AUTH|MAIL|RCPT/.test(line)),
      false,
      heard.join(" | "),
    );
  });

  test("speaks on after STARTTLS in clear: what it injects is not believed", async () => {
    const heard: string[] = [];
    const outcome = await against(
      (socket) =>
        talk(socket, (line) => {
          heard.push(line);
          if (line.startsWith("EHLO")) return "250-hostile\r\n250 STARTTLS\r\n";
          return line === "STARTTLS" ? "220 go\r\n250 AUTH PLAIN\r\n235 welcome\r\n" : null;
        }),
      { security: "starttls", user: "poterne", passwordFile },
    );
    assert.deepEqual(outcome.slice(0, 1), ["down"]);
    assert.equal(
      heard.some((line) => /AUTH|MAIL/.test(line)),
      false,
    );
  });

  test("never ends its answer: it is cut off, memory stays", async () => {
    const outcome = await against((socket) => {
      socket.write("220-");
      const timer = setInterval(() => socket.write("x".repeat(65_536)), 5);
      socket.on("close", () => clearInterval(timer));
    });
    assert.equal(outcome[0], "down");
  });

  test("sends one byte a second: the whole letter has an end", async () => {
    const before = Date.now();
    const outcome = await against((socket) => {
      const timer = setInterval(() => socket.write("2"), 1000);
      socket.on("close", () => clearInterval(timer));
    });
    assert.equal(outcome[0], "down");
    assert.ok(Date.now() - before < 70_000);
  });

  test("says nothing at all: given up after 15 seconds", async () => {
    const before = Date.now();
    assert.deepEqual(await against(() => undefined), ["down", "slow"]);
    assert.ok(Date.now() - before < 25_000);
  });

  test("talks garbage, hangs up, or takes the letter only to refuse it", async () => {
    assert.equal((await against((socket) => socket.end("\u0000\u0001 what\r\n")))[0], "down");
    assert.equal((await against((socket) => socket.destroy()))[0], "down");
    const late = await against((socket) => {
      let isText = false;
      talk(socket, (line) => {
        if (isText) return line === "." ? "554 not after all\r\n" : null;
        if (line === "DATA") {
          isText = true;
          return "354 go\r\n";
        }
        return "250 fine\r\n";
      });
    });
    assert.equal(late[0], "refused");
  });
});

test("the page's button tries the server, and a gateway keeps its secret out of log and configuration", async () => {
  const gateway = await TestGateway.start([
    ...["host=localhost", `port=${labMail.startTlsPort}`, `caFile=${labMail.caFile}`].flatMap((word) => [
      "--set",
      `mail.${word}`,
    ]),
    ...["sender=poterne@lab.test", "user=poterne", `passwordFile=${passwordFile}`].flatMap((word) => [
      "--set",
      `mail.${word}`,
    ]),
  ]);
  try {
    const { api, personId } = await enrolAdministrator(gateway);
    const first = await api.call<{ code?: string }>("POST", "/api/v1/mail/test", {});
    assert.equal(first.body.code, "mail-no-address");
    await api.must("PATCH", `/api/v1/people/${personId}`, { email: "chief@lab.test" });
    const { checks } = await api.must<{ checks: { state: string }[] }>("POST", "/api/v1/mail/test", {});
    assert.deepEqual(
      checks.map(({ state }) => state),
      ["ok", "ok"],
    );
    await eventually(
      "the test letter",
      async () => deliveredMail().find(({ to }) => to.includes("chief@lab.test")) ?? null,
    );
    const shown = JSON.stringify([
      await api.must("GET", "/api/v1/configuration"),
      await api.must("GET", "/api/v1/mail"),
    ]);
    assert.doesNotMatch(shown + gateway.log, new RegExp(labMail.password));
  } finally {
    await gateway.stop();
  }
});
