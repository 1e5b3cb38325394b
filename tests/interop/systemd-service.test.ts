import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { ApiClient } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, projectRoot, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { SystemdMachine } from "../support/systemd-machine.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// The installation guide, followed to the letter under a real systemd: users, units with their sandbox, the `poterne`
// command, the nightly backup, and a restore into empty folders.

const PORT = 18_443;
const URL_BASE = `https://localhost:${PORT}`;
const UNITS = ["poterne", "poterne-keeper"] as const;

const guide = readFileSync(path.join(projectRoot, "docs/guide/en/install.md"), "utf8");

/** The guide's block of commands (or file) that holds a text. */
function block(text: string): string {
  const blocks = [...guide.matchAll(/^```(?:sh|ini|toml)\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
  const found = blocks.find((candidate) => candidate.includes(text));
  if (found === undefined) throw new Error(`the guide has no block with ${text}`);
  return found;
}

let machine: SystemdMachine;
let auditor: TestPerson;
let sessionId: string;

const isListening = async () =>
  machine.run(`curl --silent --insecure --max-time 2 ${URL_BASE}/healthz`).output.trim() === "ok";

/** Puts a file of the guide in its place. */
function writeFile(name: string, mode: string, content: string): void {
  machine.must(`cat > ${name} <<'END-OF-FILE'\n${content}END-OF-FILE\nchmod ${mode} ${name}`);
}

before(async () => {
  startLab("sshd");
  machine = await SystemdMachine.boot();
  machine.must("systemctl start systemd-journald");
  // Packages and the clock are the machine's own here; the tree is this one, with its packages and pages.
  machine.must(
    block("adduser --system")
      .split("\n")
      .filter((line) => !/^(apt-get|timedatectl)/.test(line))
      .join("\n"),
  );
  machine.must(`cd /opt/poterne\n${block("install -d -m 0750 -o root -g poterne /etc/poterne")}`);
  const settings = block("[keeper]\nsocket")
    .replace('host = "0.0.0.0"', 'host = "127.0.0.1"')
    .replace("port = 443", `port = ${PORT}`)
    .replace("https://poterne.example.org", URL_BASE);
  writeFile("/etc/poterne/poterne.toml", "0640", settings);
  writeFile("/usr/local/bin/poterne", "0755", block("exec runuser"));
  writeFile("/usr/local/sbin/poterne-backup", "0755", block("poterne backup"));
  writeFile("/etc/systemd/system/poterne-backup.service", "0644", block("Type=oneshot"));
  writeFile("/etc/systemd/system/poterne-backup.timer", "0644", block("OnCalendar"));
  machine.must("install -d -m 0700 /var/backups/poterne");
  const [install = "", reload = "", enable = ""] = block("systemctl enable --now poterne-keeper").split("\n");
  machine.must(["cd /opt/poterne", install, reload, enable].join("\n"));
  await eventually("the gateway listens", isListening);
});
after(async () => {
  await machine?.stop(UNITS);
});

test("both services run under users of their own, and the gateway cannot read the keeper's folder", () => {
  assert.equal(machine.must(`systemctl is-active ${UNITS.join(" ")}`), "active\nactive\n");
  for (const unit of UNITS) {
    const processId = machine.must(`systemctl show -p MainPID --value ${unit}`).trim();
    assert.equal(machine.must(`ps -o user:32= -p ${processId}`).trim(), unit);
  }
  const refused = machine.run("runuser -u poterne -- ls /var/lib/poterne-keeper");
  assert.notEqual(refused.status, 0);
  assert.match(refused.output, /Permission denied/);
});

test("the journal of systemd has the first sign-in, and a recorded session works inside the sandbox", async () => {
  const line = machine.must(block("systemctl enable --now").split("\n")[3] ?? "");
  const link = /First sign-in: (\S+)/.exec(line)?.[1] ?? "";
  const gateway = { url: URL_BASE };
  const chief = await enrolAdministrator({ ...gateway, link });
  auditor = await enrolPerson(gateway, chief, { login: "audit", name: "Audrey", roles: ["auditor"] });
  const target = await grantTarget(chief.api, {
    protocol: "ssh",
    port: 2201,
    personId: chief.personId,
    password: labPasswords.alice,
    rules: { recording: "must" },
  });
  sessionId = await openSession(chief.api, target);
  const viewer = await HeadlessViewer.attach(chief.api, sessionId);
  await viewer.untilOpen();
  viewer.type("echo under-$((40+2))-systemd\r");
  await viewer.until("the answer", ({ text }) => text.includes("under-42-systemd"));
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
});

test("the command verifies recordings and journal, and doctor finds both services well", () => {
  const verified = machine.must("poterne verify /var/lib/poterne/recordings/*/*.ptnr --lang en");
  assert.match(verified, /[Cc]omplete/);
  assert.match(machine.must("poterne verify-journal --lang en"), /Intact/);
  const doctor = machine.run("poterne doctor --lang en").output;
  assert.match(doctor, /Keys present|with the keeper/);
  assert.doesNotMatch(doctor, /does not answer/);
});

test("a gateway that was killed comes back by itself", async () => {
  const before = machine.must("systemctl show -p MainPID --value poterne").trim();
  machine.must("systemctl kill --signal=SIGKILL poterne");
  await eventually("another process", async () => {
    const now = machine.run("systemctl show -p MainPID --value poterne").output.trim();
    return now !== "0" && now !== before && (await isListening());
  });
});

test("the nightly backup runs as a unit, and restores into two empty folders of their services", async () => {
  machine.must("systemctl daemon-reload && systemctl enable --now poterne-backup.timer");
  assert.match(machine.must("systemctl list-timers poterne-backup.timer"), /02:30/);
  machine.must("systemctl start poterne-backup.service");
  const file = machine.must("ls /var/backups/poterne").trim();
  assert.match(file, /^\d{4}-\d\d-\d\d\.backup$/);
  machine.must("systemctl stop poterne poterne-keeper && rm -rf /var/lib/poterne /var/lib/poterne-keeper");
  machine.must(block("poterne restore").replace(/\d{4}-\d\d-\d\d\.backup/, file));
  await eventually("the gateway listens", isListening);
  const { status } = await new ApiClient({ url: URL_BASE }).call("GET", "/api/v1/sign-in");
  assert.equal(status, 200);
  const frames = await auditor.api.send("GET", `/api/v1/recordings/${sessionId}/frames?fromMs=0`, null, "");
  assert.match(frames.bytes.toString("utf8"), /under-42-systemd/);
  assert.match(machine.must("poterne verify-journal --lang en"), /epoch/i);
});
