// Makes the pictures of README and guides anew: `node tools/run.mjs tools/make-pictures.ts`, as root on Debian 12.
// It starts the lab's servers, a desktop and a demo gateway of its own and Chromium, and works as a person would.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { type Demo, startDemo } from "../tests/support/demo.ts";
import { projectRoot, startLab } from "../tests/support/lab.ts";
import { openWatchedPage, startBrowser } from "../tests/support/watched-page.ts";

const folder = path.join(projectRoot, "docs/images");
const VIEWPORT = { width: 1280, height: 680 };
/** A README must load on a thin link. */
const MAX_BYTES = 120_000;
/** Screens settle: fonts, first full picture, the shell's answer. */
const SETTLE_MS = 2000;
/** A desktop nobody else uses, unlike the lab's. */
const DISPLAY = ":93";
const DESKTOP_PORT = 5993;
const SHELL_LINES = ["clear", "echo « Accents : é è à ç ù ê œ € »", "ls -l --color /etc/ssh | tail -n 9"];

await makePictures();

async function makePictures(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  startLab("sshd", "telnet", "vnc");
  const stopDesktop = await startDesktop();
  const demo = await startDemo();
  const browser = await startBrowser();
  try {
    await useDesktop(demo);
    const { page } = await openWatchedPage(browser, demo.gateway.url, {
      locale: "fr-FR",
      colorScheme: "light",
      viewport: VIEWPORT,
      storageState: { cookies: demoCookies(demo), origins: [] },
    });
    const sessionId = await pictureTerminal(page);
    await pictureDesktop(page);
    await picturePlayer(page, sessionId);
    await picturePolicy(page, demo);
    await page.goto("/");
    await page.getByText("SRV-LINUX-01").first().waitFor();
    await page.waitForTimeout(SETTLE_MS);
    await take(page, "machines");
  } finally {
    await browser.close();
    await demo.gateway.stop();
    stopDesktop();
  }
}

/** The browser takes over the sign-in made over the API. */
function demoCookies(demo: Demo) {
  return demo.api.cookies.split("; ").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    const fixed = { domain: "localhost", path: "/", expires: -1, httpOnly: true, secure: true } as const;
    return { name, value: value.join("="), sameSite: "Strict" as const, ...fixed };
  });
}

/** A quiet X display over VNC with a terminal and a clock; resolves with what ends it. */
async function startDesktop(): Promise<() => void> {
  const scratch = mkdtempSync(path.join(tmpdir(), "poterne-pictures-"));
  const children: ChildProcess[] = [];
  const run = (command: string, ...words: string[]) => {
    const env = { ...process.env, DISPLAY, LC_ALL: "C.UTF-8" };
    children.push(spawn(command, words, { stdio: "ignore", env, cwd: scratch }));
  };
  const password = path.join(scratch, "passwd");
  writeFileSync(password, spawnSync("tigervncpasswd", ["-f"], { input: "vnc-pass" }).stdout, { mode: 0o600 });
  const security = ["-SecurityTypes", "VncAuth", "-rfbauth", password, "-localhost"];
  run("Xtigervnc", DISPLAY, "-rfbport", String(DESKTOP_PORT), "-geometry", "1280x680", ...security);
  await pause();
  run("xsetroot", "-solid", "#33555c");
  run("openbox");
  await pause();
  const show = "LC_ALL=C date +%F; ls -C -w 44 /usr/share | head -n 12; exec sleep 600";
  run("xterm", "-u8", "-fa", "monospace", "-fs", "12", "-geometry", "46x18+20+60", "-e", "bash", "-c", show);
  run("xclock", "-geometry", "180x180+1000+100");
  await pause();
  return () => {
    for (const child of children.reverse()) child.kill();
    rmSync(scratch, { recursive: true, force: true });
  };
}

/** Points the demo's VNC machine at that desktop. */
async function useDesktop({ api, targets }: Demo): Promise<void> {
  const address = `/api/v1/targets/${targets.vnc.targetId}`;
  const { version } = await api.must<{ version: number }>("GET", address);
  await api.must("PATCH", address, { version, port: DESKTOP_PORT });
}

/** Works in a shell, then leaves; resolves with the session's id. */
async function pictureTerminal(page: Page): Promise<string> {
  const sessionId = await openMachine(page, "SRV-LINUX-01");
  await page.mouse.move(VIEWPORT.width / 2, 2);
  await page.getByRole("button", { name: "Garder la barre affichée" }).click();
  await page.mouse.click(VIEWPORT.width / 2, VIEWPORT.height - 100);
  for (const line of SHELL_LINES) {
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(SETTLE_MS);
  }
  await page.getByRole("button", { name: "Fichiers" }).first().click();
  await page.waitForTimeout(SETTLE_MS);
  await take(page, "session-ssh");
  await leave(page);
  return sessionId;
}

async function pictureDesktop(page: Page): Promise<void> {
  await openMachine(page, "PC-BUREAU-01");
  await page.getByRole("button", { name: "Touches" }).first().click();
  await page.waitForTimeout(SETTLE_MS);
  await take(page, "session-vnc");
  await page.keyboard.press("Escape");
  await leave(page);
}

async function picturePlayer(page: Page, sessionId: string): Promise<void> {
  await page.goto(`/recordings/${sessionId}?t=11.6`);
  await page.getByRole("button", { name: "Lire" }).waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await take(page, "player");
}

async function picturePolicy(page: Page, { api }: Demo): Promise<void> {
  type Policies = { items: { policyId: string; name: string }[] };
  const { items } = await api.must<Policies>("GET", "/api/v1/policies?search=enregistr");
  await page.goto(`/admin/policies/${items[0]?.policyId}`);
  await page.getByText("En toutes lettres").first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await take(page, "policies");
}

async function openMachine(page: Page, name: string): Promise<string> {
  await page.goto("/");
  await page
    .getByRole("button", { name: new RegExp(`Ouvrir ${name}`) })
    .first()
    .click();
  await page.waitForURL(/\/s\/[0-9a-f-]{36}/);
  await page.getByText("Cette session est enregistrée").first().waitFor({ state: "attached" });
  await page.waitForTimeout(SETTLE_MS);
  return new URL(page.url()).pathname.slice("/s/".length);
}

async function leave(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Quitter", exact: true }).first().click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: "Quitter", exact: true });
  await confirm.click();
  await page.getByText(/Vous avez quitté la session/).waitFor();
}

async function take(page: Page, name: string): Promise<void> {
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  // 256 colours are enough for pages and terminals, and a third of the size.
  spawnSync("convert", [file, "-strip", "+dither", "-colors", "256", `png8:${file}`]);
  const { size } = statSync(file);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
  if (size > MAX_BYTES) throw new Error(`${file} is over ${MAX_BYTES} bytes`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}
