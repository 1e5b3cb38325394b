import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { CDPSession, Locator, Page } from "@playwright/test";
import { CutLine } from "../support/cut-line.ts";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { findsNothing, openSessionPage, SessionBrowser } from "../support/session-page.ts";

// The file panel against a real sshd: what is dropped, sent, cut, resumed and received is compared on the disk.

/** Large enough that a slowed upload is caught on its way. */
const LARGE_BYTES = 6_000_000;
const SLOW_BYTES_PER_SECOND = 600_000;

let gateway: TestGateway;
let line: CutLine;
let browser: SessionBrowser;
let chief: TestPerson;
let page: Page;
let devtools: CDPSession;
let panel: Locator;
let sessionId = "";
/** What is sent from. */
let local: string;
/** Made by the page in alice's home. */
const folderName = `panel-${process.pid}-${Date.now()}`;
const onTarget = (name = ""): string => path.join("/home/alice", folderName, name);
const note = "Été à Orléans\n".repeat(400);
const picture = randomBytes(300_000);
const large = randomBytes(LARGE_BYTES);

before(async () => {
  startLab("sshd");
  local = mkdtempSync(path.join(tmpdir(), "poterne-files-"));
  mkdirSync(path.join(local, "dossier à plans/étage 1/vide"), { recursive: true });
  writeFileSync(path.join(local, "note.txt"), note);
  writeFileSync(path.join(local, "large.bin"), large);
  writeFileSync(path.join(local, "dossier à plans/plan.txt"), "plan\n");
  writeFileSync(path.join(local, "dossier à plans/étage 1/photo.bin"), picture);
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
  line = await CutLine.to(gateway.url);
  browser = await SessionBrowser.start([line.chromiumSwitch]);
  ({ page, panel, sessionId } = await openPanel({ filesToTarget: true, filesFromTarget: true }));
  devtools = await page.context().newCDPSession(page);
});
after(async () => {
  await browser?.close();
  line?.close();
  await gateway?.stop();
  rmSync(local, { recursive: true, force: true });
  rmSync(onTarget(), { recursive: true, force: true });
});

/** A page with the file panel open, on a session under a policy of its own. */
async function openPanel(rules: Readonly<Record<string, unknown>>) {
  const { personId } = chief;
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice, rules } as const;
  const openedId = await openSession(chief.api, await grantTarget(chief.api, wish));
  const opened = await browser.newPage(await browser.newContext(chief.api, { isBarPinned: true }));
  await openSessionPage(opened, openedId);
  await opened.getByRole("button", { name: "Files", exact: true }).click();
  const files = opened.getByRole("region", { name: "Files of the machine" });
  await files.waitFor();
  return { page: opened, panel: files, sessionId: openedId };
}

/** Drags files and folders of this machine over an element, as the system's file manager does, and lets them go. */
async function drop(onto: Locator, names: readonly string[], whileOver = async () => {}): Promise<void> {
  const box = await onto.boundingBox();
  assert.ok(box);
  const session = await onto.page().context().newCDPSession(onto.page());
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: names.map((name) => path.join(local, name)), dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver"] as const)
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
  await whileOver();
  await session.send("Input.dispatchDragEvent", { type: "drop", ...at, data });
}

/** The panel's line of a transfer. */
const transfer = (name: string): Locator =>
  panel
    .locator("div")
    .filter({ hasText: name })
    .filter({ hasText: / · .* \/ / })
    .last();

async function act(name: string, action: string): Promise<void> {
  await panel.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

/** Slows what the page sends; null lifts it. */
async function slowDown(bytesPerSecond: number | null): Promise<void> {
  const uploadThroughput = bytesPerSecond ?? -1;
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput };
  await devtools.send("Network.emulateNetworkConditions", conditions);
}

/** Waits until the progress shown has passed the first tenth. */
async function underWay(name: string): Promise<void> {
  const bar = panel.getByRole("progressbar", { name: `Progress of ${name}` });
  await bar.waitFor();
  const handle = await bar.elementHandle();
  await page.waitForFunction((element) => Number(element?.getAttribute("aria-valuenow")) > 10, handle);
}

test("a folder is made, and what is dropped on the panel arrives whole, folders included", async () => {
  await panel.getByRole("button", { name: "New folder" }).click();
  await page.getByRole("dialog").getByLabel("Name of the folder").fill(folderName);
  await page.getByRole("dialog").getByRole("button", { name: "New folder" }).click();
  await panel.getByRole("button", { name: `Open folder ${folderName}` }).click();
  await panel.getByText("This folder is empty.").waitFor();
  await drop(panel, ["note.txt", "dossier à plans"], async () => {
    await panel.getByText("Drop here to upload", { exact: true }).waitFor();
  });
  await panel.getByRole("button", { name: "Actions for note.txt" }).waitFor();
  for (const name of ["étage 1/photo.bin", "étage 1/vide", "plan.txt"])
    await transfer(name).getByText("done").waitFor();
  assert.equal(readFileSync(onTarget("note.txt"), "utf8"), note);
  assert.deepEqual(readFileSync(onTarget("dossier à plans/étage 1/photo.bin")), picture);
  assert.equal(readFileSync(onTarget("dossier à plans/plan.txt"), "utf8"), "plan\n");
  assert.ok(
    statSync(onTarget("dossier à plans/étage 1/vide")).isDirectory(),
    "an empty folder is a folder too",
  );
  await findsNothing(page, "the panel with transfers");
  await panel.getByRole("button", { name: "Clear finished transfers" }).click();
});

test("a folder comes back as a ZIP with everything in it", async () => {
  const downloading = page.waitForEvent("download");
  await act("dossier à plans", "Download as a ZIP archive");
  const download = await downloading;
  assert.equal(download.suggestedFilename(), "dossier à plans.zip");
  const archive = path.join(local, "received.zip");
  await download.saveAs(archive);
  execFileSync("python3", ["-m", "zipfile", "-e", archive, path.join(local, "received")]);
  const received = path.join(local, "received/dossier à plans");
  assert.deepEqual(readFileSync(path.join(received, "étage 1/photo.bin")), picture);
  assert.equal(readFileSync(path.join(received, "plan.txt"), "utf8"), "plan\n");
  assert.ok(existsSync(path.join(received, "étage 1/vide")));
});

test("files are renamed, given permissions, replaced only when asked, and deleted with their folder", async () => {
  await act("note.txt", "Rename");
  await page.getByRole("dialog").getByLabel("New name").fill("note é.txt");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await panel.getByRole("button", { name: "Actions for note é.txt" }).waitFor();
  assert.deepEqual([existsSync(onTarget("note.txt")), existsSync(onTarget("note é.txt"))], [false, true]);

  await act("note é.txt", "Permissions");
  const dialogue = page.getByRole("dialog");
  await dialogue.getByLabel("Owner : execute").check();
  await dialogue.getByLabel("Group : read").uncheck();
  await dialogue.getByLabel("Others : read").uncheck();
  await dialogue.getByRole("button", { name: "Apply" }).click();
  await dialogue.waitFor({ state: "detached" });
  assert.equal((statSync(onTarget("note é.txt")).mode & 0o777).toString(8), "700");
  await panel.getByText("rwx------").first().waitFor();

  writeFileSync(path.join(local, "note é.txt"), "newer\n");
  await drop(panel, ["note é.txt"]);
  await page.getByRole("dialog", { name: "note é.txt exists already" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(readFileSync(onTarget("note é.txt"), "utf8"), note);
  await drop(panel, ["note é.txt"]);
  await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
  await transfer("note é.txt").getByText("done").waitFor();
  assert.equal(readFileSync(onTarget("note é.txt"), "utf8"), "newer\n");

  await act("dossier à plans", "Delete");
  await page.getByRole("dialog").getByText("The folder and all it holds").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await panel.getByRole("button", { name: "Actions for dossier à plans" }).waitFor({ state: "detached" });
  assert.equal(existsSync(onTarget("dossier à plans")), false);
});

test("an upload shows its progress, is cancelled, and goes on from where it stopped", async () => {
  await slowDown(SLOW_BYTES_PER_SECOND);
  await drop(panel, ["large.bin"]);
  await underWay("large.bin");
  await transfer("large.bin").getByRole("button", { name: "Cancel" }).click();
  await transfer("large.bin").getByText("cancelled").waitFor();
  await slowDown(null);
  await transfer("large.bin").getByRole("button", { name: "Resume" }).click();
  await transfer("large.bin").getByText("done").waitFor();
  assert.ok(readFileSync(onTarget("large.bin")).equals(large));
  const [cancelled, resumed] = await journaled("large.bin", 2);
  assert.equal(cancelled?.outcome, "cancelled");
  assert.equal(resumed?.outcome, "done");
  assert.ok((resumed?.offset ?? 0) > 0, "only the rest was sent");
  await panel.getByRole("button", { name: "Clear finished transfers" }).click();
  rmSync(onTarget("large.bin"));
});

test("an upload that the network cuts says so, and is resumed", async () => {
  await panel.getByRole("button", { name: "Refresh" }).click();
  await panel.getByRole("button", { name: "Actions for large.bin" }).waitFor({ state: "detached" });
  await slowDown(SLOW_BYTES_PER_SECOND);
  await drop(panel, ["large.bin"]);
  await underWay("large.bin");
  line.cut();
  await transfer("large.bin").getByText("interrupted").waitFor();
  await panel.getByRole("alert").getByText("The gateway does not answer").waitFor();
  await page.getByRole("heading", { name: "Connection lost" }).waitFor();
  line.mend();
  await slowDown(null);
  await page.getByRole("heading", { name: "Connection lost" }).waitFor({ state: "detached" });
  await transfer("large.bin").getByRole("button", { name: "Resume" }).click();
  await transfer("large.bin").getByText("done").waitFor();
  assert.ok(readFileSync(onTarget("large.bin")).equals(large));
  assert.ok(((await journaled("large.bin", 4)).at(-1)?.offset ?? 0) > 0, "only the rest was sent");
  await page.context().close();
});

test("a direction that the policy forbids is not offered, and the page says why", async () => {
  for (const [rules, words, missing] of [
    [{ filesFromTarget: true }, "The policy forbids sending files to this machine.", "Upload files"],
    [{ filesToTarget: true }, "The policy forbids receiving files from this machine.", "Download"],
  ] as const) {
    const opened = await openPanel(rules);
    ({ page, panel } = opened);
    await panel.getByText(words).first().waitFor();
    const entry = panel.getByRole("button", { name: `Actions for ${folderName}` });
    await entry.click();
    const offered = await page.getByRole("menuitem").allTextContents();
    assert.equal(
      offered.some((word) => word.startsWith(missing)),
      false,
      String(offered),
    );
    assert.equal(
      await panel.getByRole("button", { name: "Upload files" }).count(),
      "filesToTarget" in rules ? 1 : 0,
    );
    await page.keyboard.press("Escape");
    if (!("filesToTarget" in rules)) {
      await drop(panel, ["note.txt"], async () => {
        await panel.locator(".session-files-drop").getByText(words).waitFor();
      });
      assert.equal(await panel.getByText("Transfers", { exact: true }).count(), 0);
    }
    await page.context().close();
  }
  ({ page, panel } = await openPanel({}));
  await panel.getByText("The policy of this access allows no file transfer.").waitFor();
  assert.equal(await panel.getByRole("button", { name: "Try again" }).count(), 0);
  await findsNothing(page, "the panel that the policy closes");
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

interface FileEntry {
  readonly path: string;
  readonly outcome: string;
  readonly offset?: number;
}

/** The journal's entries of a file's transfers in the first session, oldest first, once there are `count`. */
async function journaled(name: string, count: number): Promise<FileEntry[]> {
  type Answer = { items: { details: FileEntry }[] };
  const query = `sessionId=${sessionId}&kind=session.file&limit=100`;
  return eventually(`${count} entries of ${name}`, async (seen) => {
    const { items } = await chief.api.must<Answer>("GET", `/api/v1/journal?${query}`);
    const entries = items.map(({ details }) => details).filter((details) => details.path === onTarget(name));
    seen(String(entries.length));
    return entries.length >= count && entries.toReversed();
  });
}
