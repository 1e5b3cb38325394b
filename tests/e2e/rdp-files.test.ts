import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Locator, Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { RDP_PORT } from "../support/rdp-session.ts";
import { findsNothing, openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";
import { endAlicesDesktops, findXrdpDisplay } from "../support/xrdp-desktop.ts";

// The drive of an RDP desktop from both ends: the file panel here, alice's programs on xrdp's FUSE mount there.

const HOME = "/home/alice";
const DRIVE = `${HOME}/thinclient_drives/Poterne`;
const IMAGES = "test-results/rdp-files";
const run = promisify(execFile);
const sent = randomBytes(200_000);
/** The person's own screen, whose clipboard another program of hers fills. */
const SCREEN = ":86";
const PASTED = "/tmp/rdp-pasted";
const children: ChildProcess[] = [];

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let page: Page;
let panel: Locator;
let sessionId: string;

before(async () => {
  startLab("xrdp");
  await endAlicesDesktops();
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
  needPackage("xclip");
  children.push(spawn("Xvfb", [SCREEN, "-screen", "0", "1400x900x24", "-noreset"], { stdio: "ignore" }));
  await eventually("the person's screen", async () => existsSync("/tmp/.X11-unix/X86"));
  browser = await SessionBrowser.start([], SCREEN);
  const rules = {
    clipboardToTarget: "all",
    clipboardFromTarget: "all",
    filesToTarget: true,
    filesFromTarget: true,
  };
  const { personId } = chief;
  const wish = {
    protocol: "rdp",
    port: RDP_PORT.xrdp,
    personId,
    password: labPasswords.alice,
    rules,
  } as const;
  sessionId = await openSession(chief.api, await grantTarget(chief.api, wish));
  page = await browser.newPage(await browser.newContext(chief.api, { isBarPinned: true }));
  await openSessionPage(page, sessionId);
  await page.getByRole("button", { name: "Files", exact: true }).click();
  panel = page.getByRole("region", { name: "Files of the machine" });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  for (const child of children.reverse()) child.kill();
  rmSync(PASTED, { recursive: true, force: true });
});

/** Files copied in a file manager on the person's own screen. */
function copyFiles(...files: string[]): void {
  const xclip = ["-selection", "clipboard", "-t", "text/uri-list", "-display", SCREEN];
  const owner = spawn("xclip", xclip, { stdio: ["pipe", "ignore", "ignore"] });
  owner.stdin.end(files.map((file) => `${pathToFileURL(file)}\r\n`).join(""));
  children.push(owner);
}

/** Runs a command as alice: FUSE lets nobody else in. */
async function asAlice(command: string): Promise<string> {
  const { uid, gid } = statSync(HOME);
  const who = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "timeout", "10", "sh", "-c", command];
  const { stdout, stderr } = await run("setpriv", who).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return stdout + stderr;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("what is uploaded in the panel is on the machine's drive, byte by byte", async () => {
  await panel.getByText("The machine sees this folder as a drive named “Poterne”.").waitFor();
  const file = { name: "plan d'été.bin", mimeType: "application/octet-stream", buffer: sent };
  await panel.locator('input[type="file"]').first().setInputFiles(file);
  await panel.getByRole("button", { name: "Actions for plan d'été.bin" }).waitFor();
  await eventually("the file on the drive", async (seen) => {
    const found = await asAlice(`sha256sum "${DRIVE}/plan d'été.bin"`);
    seen(found);
    return found.startsWith(sha256(sent));
  });
});

test("what the machine writes there is in the panel, and comes down whole", async () => {
  const [hash = ""] = (
    await asAlice(`cd ${DRIVE} && head -c 123456 /dev/urandom > rapport.bin && sha256sum < rapport.bin`)
  ).split(" ");
  await eventually("the file in the panel", async () => {
    await panel.getByRole("button", { name: "Refresh" }).click();
    return (await panel.getByRole("button", { name: "Actions for rapport.bin" }).count()) > 0;
  });
  await findsNothing(page, "the panel of a drive");
  await page.screenshot({ path: `${IMAGES}/en-light.png` });
  const downloading = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Actions for rapport.bin" }).click();
  await page.getByRole("menuitem", { name: "Download" }).click();
  const file = await (await downloading).path();
  assert.equal(sha256(readFileSync(file)), hash);
});

test("the journal names each file with its hash: uploaded, read there, written there, downloaded", async () => {
  await eventually("the journal", async (seen) => {
    const { items } = (await chief.api.must(
      "GET",
      `/api/v1/journal?sessionId=${sessionId}&kind=session.file&limit=100`,
    )) as {
      items: { details: { direction: string; path: string; sha256: string } }[];
    };
    const lines = items.map(({ details }) => `${details.direction} ${details.path} ${details.sha256}`);
    seen(lines.join("\n"));
    const uploads = lines.filter((line) => line === `to-target /Poterne/plan d'été.bin ${sha256(sent)}`);
    const reports = lines.filter((line) => line.startsWith("from-target /Poterne/rapport.bin "));
    return uploads.length === 2 && reports.length === 2;
  });
});

test("files pasted with Ctrl+V into the picture can be pasted on the machine, and are journaled", async () => {
  mkdirSync(PASTED, { recursive: true });
  writeFileSync(`${PASTED}/note d'été.txt`, "collée");
  writeFileSync(`${PASTED}/plan.bin`, sent);
  copyFiles(`${PASTED}/note d'été.txt`, `${PASTED}/plan.bin`);
  await page.locator(".session-host canvas").click({ position: { x: 500, y: 500 } });
  await page.keyboard.press("Control+v");
  await page.getByText("2 files in the machine's clipboard: paste there.").waitFor();
  await page.screenshot({ path: `${IMAGES}/en-pasted.png` });
  const folder = `${HOME}/thinclient_drives/.clipboard`;
  const display = await findXrdpDisplay();
  await eventually("the files on the machine", async (seen) => {
    // xrdp makes them readable once somebody asks its clipboard what can be pasted.
    const list = await outputOf("xclip", [
      ...["-o", "-selection", "clipboard", "-t", "x-special/gnome-copied-files", "-display", display],
    ]);
    const found = await asAlice(`sha256sum ${folder}/plan.bin; cat "${folder}/note d'été.txt"`);
    seen(`${list} ${found}`);
    return found.includes(sha256(sent)) && found.includes("collée");
  });
  const { items } = (await chief.api.must(
    "GET",
    `/api/v1/journal?sessionId=${sessionId}&kind=session.file&limit=100`,
  )) as { items: { details: { path: string; sha256: string } }[] };
  assert.ok(
    items.some(({ details }) => details.path === "/Clipboard/plan.bin" && details.sha256 === sha256(sent)),
  );
});

test("what is pasted next takes their place", async () => {
  copyFiles(`${PASTED}/plan.bin`);
  await page.locator(".session-host canvas").click({ position: { x: 500, y: 500 } });
  await page.keyboard.press("Control+v");
  await page.getByText("1 file in the machine's clipboard: paste there.").waitFor();
  const { entries } = await chief.api.must<{ entries: { name: string }[] }>(
    "GET",
    `/api/v1/sessions/${sessionId}/files?path=/Clipboard`,
  );
  assert.deepEqual(
    entries.map(({ name }) => name),
    ["plan.bin"],
  );
});

test("the panel in French, dark and narrow, with both folders", async () => {
  const context = await browser.newContext(chief.api, {
    isBarPinned: true,
    colorScheme: "dark",
    locale: "fr-FR",
  });
  await chief.api.must("PATCH", "/api/v1/me", { language: "fr" });
  const french = await browser.newPage(context);
  await french.addInitScript(() => localStorage.setItem("poterne-language", "fr"));
  await openSessionPage(french, sessionId);
  await french.getByRole("button", { name: "Fichiers", exact: true }).click();
  await french.getByText("La machine voit ce dossier").waitFor();
  await french.screenshot({ path: `${IMAGES}/fr-dark.png` });
  await french.setViewportSize({ width: 420, height: 760 });
  await french.screenshot({ path: `${IMAGES}/fr-dark-narrow.png` });
  await french.close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});
