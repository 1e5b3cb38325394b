import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, before, test } from "node:test";
import { promisify } from "node:util";
import { RDPDR } from "../../packages/rdp/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";
import { endDeafDesktop, findXrdpDisplay } from "../support/xrdp-desktop.ts";

// Drive and files of the clipboard with xrdp's channel server, whose FUSE mount alice's programs use.

const PEERS = ["xrdp", "xrdp10"] as const;
const HOME = { xrdp: "/home/alice", xrdp10: "/opt/trixie/home/alice" } as const;
const BOTH = {
  clipboardToTarget: "all",
  clipboardFromTarget: "all",
  filesToTarget: true,
  filesFromTarget: true,
} as const;
const run = promisify(execFile);
const open: { close(): void }[] = [];

before(async () => {
  startLab(...PEERS);
  await endDeafDesktop();
  needPackage("xclip");
});
afterEach(() => {
  for (const session of open.splice(0)) session.close();
});

async function openSession(name: (typeof PEERS)[number], policy: RdpWish["policy"]) {
  const root = mkdtempSync(path.join(tmpdir(), "poterne-drive-"));
  const folders = { session: path.join(root, "live"), kept: path.join(root, "kept") };
  const session = makeRdpSession({ port: RDP_PORT[name], policy, folders });
  open.push({
    close: () => {
      session.driver.close();
      rmSync(root, { recursive: true, force: true });
    },
  });
  await session.driver.open();
  return { ...session, folders };
}

/** Runs a command as alice in her session: FUSE lets nobody else in. */
async function asAlice(name: (typeof PEERS)[number], command: string): Promise<string> {
  const { uid, gid } = statSync(HOME[name]);
  const who = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "timeout", "10", "sh", "-c", command];
  const { stdout, stderr } = await run("setpriv", who).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return stdout + stderr;
}

const driveOf = (name: (typeof PEERS)[number]) => `${HOME[name]}/thinclient_drives/Poterne`;

/** The drive is there once it is listed without an error. */
const mounted = (name: (typeof PEERS)[number], wanted: string) =>
  eventually("the drive", async (seen) => {
    const listed = await asAlice(name, `ls ${driveOf(name)}`);
    seen(listed);
    return listed.includes(wanted) && !listed.includes("No such file");
  });

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

for (const name of PEERS)
  test(`${name}: the drive is read, written, listed, renamed in and cleaned by the desktop, each file with its hash`, async () => {
    const { driver, host, folders } = await openSession(name, BOTH);
    const { files } = driver;
    assert.ok(files !== null);
    assert.equal(await files.home(), "/Poterne");
    await files.write("/Poterne/été.txt", 0, once("bonjour le bureau\n"));
    await files.makeFolder("/Poterne/dossier");
    await mounted(name, "dossier");
    assert.equal(await asAlice(name, `cat ${driveOf(name)}/été.txt`), "bonjour le bureau\n");
    const script = [
      "head -c 300000 /dev/urandom > big",
      "sha256sum < big",
      "mkdir sub",
      "mv big sub/moved",
      "rmdir dossier",
      "rm été.txt",
    ].join(" && ");
    const [hash = ""] = (await asAlice(name, `cd ${driveOf(name)} && ${script}`)).split(" ");
    assert.match(hash, /^[0-9a-f]{64}$/);
    const inFolder = path.join(folders.session, "drive/sub/moved");
    await eventually("what the desktop did", async () => existsSync(inFolder));
    assert.equal(sha256(readFileSync(inFolder)), hash);
    // A file goes when it is closed over there, once its hash is made.
    await eventually("the rest gone", async (seen) => {
      const { entries } = await files.list("/Poterne", 10);
      seen(JSON.stringify(entries));
      return entries.map((entry) => entry.name).join() === "sub";
    });
    const told = host.fileEvents.map(
      (event) => `${event.direction} ${event.path} ${event.sizeBytes} ${event.sha256}`,
    );
    assert.ok(
      told.includes(`to-target /Poterne/été.txt 18 ${sha256("bonjour le bureau\n")}`),
      told.join("\n"),
    );
    assert.ok(told.includes(`from-target /Poterne/big 300000 ${hash}`), told.join("\n"));
    assert.equal(host.end, null);
    assert.deepEqual(host.warnings, []);
    driver.close();
    await eventually("the session's folder gone", async () => !existsSync(folders.session));
  });

test("xrdp10: one direction only: a desktop that may give nothing out reads the drive and changes nothing", async () => {
  const { driver, folders } = await openSession("xrdp10", { filesToTarget: true });
  await driver.files?.write("/Poterne/lu.txt", 0, once("lisible"));
  await mounted("xrdp10", "lu.txt");
  assert.equal(await asAlice("xrdp10", `cat ${driveOf("xrdp10")}/lu.txt`), "lisible");
  await asAlice(
    "xrdp10",
    `cd ${driveOf("xrdp10")} && echo x > new; echo x >> lu.txt; rm lu.txt; mkdir d; mv lu.txt b`,
  );
  assert.deepEqual(
    (await driver.files?.list("/Poterne", 10))?.entries.map((entry) => entry.name),
    ["lu.txt"],
  );
  assert.equal(readFileSync(path.join(folders.session, "drive/lu.txt"), "utf8"), "lisible");
});

test("xrdp10: a full drive takes no more, and a kept one stays", async () => {
  const policy = { ...BOTH, driveQuotaBytes: 100_000, driveKept: true };
  const { driver, folders } = await openSession("xrdp10", policy);
  await driver.files?.write("/Poterne/here.txt", 0, once("x"));
  await mounted("xrdp10", "here.txt");
  await asAlice("xrdp10", `head -c 400000 /dev/zero > ${driveOf("xrdp10")}/flood`);
  assert.ok(
    !existsSync(path.join(folders.kept, "flood")) ||
      statSync(path.join(folders.kept, "flood")).size < 100_000,
  );
  driver.close();
  await eventually("the session's folder gone", async () => !existsSync(folders.session));
  assert.equal(readFileSync(path.join(folders.kept, "here.txt"), "utf8"), "x");
});

test("where policy lets no file pass, no drive is offered, and no file panel", async () => {
  const { driver } = await openSession("xrdp10", {});
  assert.equal(driver.files, null);
  const names: string[] = [];
  const { RdpChannels } = await import("../../packages/gateway/src/session/drivers/rdp/rdp-channels.ts");
  const { policyRules } = await import("../../packages/contract/src/index.ts");
  for (const rules of [{}, { filesToTarget: true, readOnly: true }, { filesFromTarget: true }]) {
    const folders = { session: "/nowhere", kept: "/nowhere" };
    const policy = policyRules.parse(rules);
    const host = makeRdpSession({ port: RDP_PORT.xrdp10 }).host;
    names.push(new RdpChannels({ policy, host, folders, clientName: "p", send: () => {} }).names.join(" "));
  }
  assert.deepEqual(names, ["cliprdr", "cliprdr", `cliprdr ${RDPDR}`]);
});

for (const name of PEERS)
  test(`${name}: files of the clipboard go both ways, bytes being asked for when somebody reads`, async () => {
    const { driver, host } = await openSession(name, BOTH);
    const { files } = driver;
    assert.ok(files !== null);
    const display = await findXrdpDisplay(name);
    const copied = `${HOME[name]}/copied-été.bin`;
    const [hash = ""] = (
      await asAlice(name, `head -c 700000 /dev/urandom > ${copied}; sha256sum < ${copied}`)
    ).split(" ");
    const uris = ["-selection", "clipboard", "-t", "text/uri-list", "-display", display];
    // Once the channel is there: what is copied again starts a new list.
    await mounted(name, "");
    const owner = spawn("xclip", uris, { stdio: ["pipe", "ignore", "ignore"] });
    owner.stdin.end("file:///home/alice/copied-été.bin\r\n");
    await eventually("the copied file", async () => {
      const { entries } = await files.list("/Clipboard", 10);
      return entries[0]?.name === "copied-été.bin" && entries[0].sizeBytes === 700_000;
    });
    const parts: Uint8Array[] = [];
    for await (const part of files.read("/Clipboard/copied-été.bin", 0)) parts.push(part);
    assert.equal(sha256(Buffer.concat(parts)), hash);
    await asAlice(name, `rm ${copied}`);
    // The file is gone over there: reading it again fails, and nothing else does.
    await assert.rejects(async () => {
      for await (const _ of files.read("/Clipboard/copied-été.bin", 0));
    }, /file-failed/);
    const ours = Buffer.alloc(500_000, 7);
    await files.write("/Clipboard/à coller.bin", 0, once(ours));
    const pasted = `${HOME[name]}/thinclient_drives/.clipboard`;
    await eventually("the file to paste", async (seen) => {
      const list = await outputOf("xclip", ["-o", ...uris]);
      seen(list);
      return list.includes(".clipboard/");
    });
    await eventually("the pasted bytes", async (seen) => {
      const found = await asAlice(name, `sha256sum "${pasted}/à coller.bin"`);
      seen(found);
      return found.startsWith(sha256(ours));
    });
    assert.equal(host.end, null);
  });
