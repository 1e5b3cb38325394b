import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { startViewerHarness, type ViewerHarness } from "./viewer-harness.ts";

interface Told {
  readonly input: number[][];
  readonly titles: string[];
  readonly links: string[];
  readonly pasted: string[];
  readonly osc52: string[];
  readonly sizes: string[];
}
interface TerminalHarness {
  readonly told: Told;
  print(text: string): Promise<void>;
  enter(columns: number, rows: number, screen: string): Promise<void>;
  lines(): string[];
  readonly view: {
    setDriving(isDriving: boolean): void;
    paste(text: string): void;
    focus(): void;
    find(text: string, direction: "next" | "previous"): boolean;
    readonly terminal: { readonly cols: number; readonly rows: number; getSelection(): string };
  };
}
declare const harness: TerminalHarness;

let viewer: ViewerHarness;
before(async () => {
  viewer = await startViewerHarness();
});
after(() => viewer.close());

const told = (page: Page): Promise<Told> => page.evaluate(() => harness.told);
const print = (page: Page, text: string): Promise<void> =>
  page.evaluate((value) => harness.print(value), text);
const typed = async (page: Page): Promise<string> => Buffer.from((await told(page)).input.flat()).toString();

test("nothing a target prints is ever answered: every short control sequence there is", async () => {
  const { page, violations } = await viewer.open("terminal");
  const sequences: string[] = ["\x05", "\x1bZ"];
  const prefixes = ["", "?", ">", "=", "<"];
  const intermediates = ["", "$", "!", " ", '"', "'", "*", "+", "#", "&"];
  const parameters = ["", "0", "1", "5", "6", "14", "18", "21", "25", "1004", "2026", "4;1", "6;1;1;1"];
  for (let final = 0x40; final < 0x7f; final++) {
    sequences.push(`\x1b${String.fromCharCode(final)}\x18`);
    for (const prefix of prefixes)
      for (const intermediate of intermediates)
        for (const parameter of parameters)
          sequences.push(`\x1b[${prefix}${parameter}${intermediate}${String.fromCharCode(final)}`);
  }
  for (let code = 0; code < 120; code++)
    for (const text of ["?", "0;?", "1;?", "c;?", "p;?", "", "0;rgb:11/22/33"])
      sequences.push(`\x1b]${code};${text}\x07`);
  for (const text of ["m", "r", '"p', " q", "s", "t", "544e"])
    for (const start of ["$q", "+q", "+Q", "", ">|", "!|"]) sequences.push(`\x1bP${start}${text}\x1b\\`);
  sequences.push("\x1b[?1004h", "\x1b[?1004l", "\x1b[c\x1b[>c\x1b[6n\x1b[?6n\x1b[?1;2c");
  await print(page, sequences.join(""));
  await page.evaluate(() => harness.view.focus());
  await page.waitForTimeout(200);
  assert.deepEqual((await told(page)).input, []);
  assert.deepEqual(violations, []);
  await page.close();
});

test("focus reports a target asked for are not sent either", async () => {
  const { page } = await viewer.open("terminal");
  await print(page, "\x1b[?1004h");
  await page.evaluate(() => harness.view.focus());
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.evaluate(() => harness.view.focus());
  assert.deepEqual((await told(page)).input, []);
  await page.close();
});

test("keys, composed letters, function keys and the mouse still go to the target", async () => {
  const { page, violations } = await viewer.open("terminal");
  await page.evaluate(() => harness.view.focus());
  await page.keyboard.type("ls é€");
  await page.keyboard.press("Enter");
  await page.keyboard.press("F5");
  await page.keyboard.press("Control+F3");
  await page.keyboard.press("Control+c");
  assert.equal(await typed(page), "ls é€\r\x1b[15~\x1b[1;5R\x03");
  await print(page, "\x1b[?1000h\x1b[?1006h");
  await page.mouse.click(100, 100);
  const reports = (await typed(page)).replaceAll("\x1b", "ESC");
  assert.match(reports, /ESC\[<0;\d+;\d+MESC\[<0;\d+;\d+m$/);
  assert.deepEqual(violations, []);
  await page.close();
});

test("titles are bounded and clean, links are only told when they are safe", async () => {
  const { page } = await viewer.open("terminal");
  await print(page, `\x1b]0;${"x".repeat(9000)}\x07`);
  await print(page, "\x1b]2;a\u202eb\x07");
  const { titles } = await told(page);
  assert.deepEqual([titles[0]?.length, titles.at(-1)], [200, "ab"]);
  await print(page, "\x1b[2J\x1b[H\x1b]8;;javascript:alert(1)\x07bad link\x1b]8;;\x07\r\n");
  await print(page, "\x1b]8;;https://example.org/real\x07shown elsewhere\x1b]8;;\x07");
  // The good one second: once it was told, the bad one had every chance.
  for (const row of [0, 1]) {
    await page.mouse.move(30, 6 + row * 17);
    await page.waitForTimeout(120);
    await page.mouse.click(30, 6 + row * 17);
  }
  for (let attempt = 0; attempt < 40 && (await told(page)).links.length === 0; attempt++) {
    await page.mouse.move(28 + (attempt % 2), 23);
    await page.waitForTimeout(120);
    if ((await page.locator(".xterm-cursor-pointer").count()) > 0) await page.mouse.click(30, 23);
  }
  assert.deepEqual([...new Set((await told(page)).links)], ["https://example.org/real"]);
  assert.equal(viewer.browser.contexts().flatMap((context) => context.pages()).length, 1);
  await page.close();
});

test("OSC 52 is told to the page, which asks the policy, and a read is never answered", async () => {
  const { page } = await viewer.open("terminal");
  await print(page, "\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07");
  assert.deepEqual((await told(page)).osc52, ["hello"]);
  assert.deepEqual((await told(page)).input, []);
  await page.close();
});

test("a paste is told to the page first and then goes in brackets when the target wants them", async () => {
  const { page } = await viewer.open("terminal");
  await print(page, "\x1b[?2004h");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "one\ntwo");
    harness.view.focus();
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  assert.deepEqual((await told(page)).pasted, ["one\ntwo"]);
  assert.equal(await typed(page), "");
  await page.evaluate(() => harness.view.paste("one\ntwo"));
  assert.equal(await typed(page), "\x1b[200~one\rtwo\x1b[201~");
  await page.close();
});

test("an entry point replaces the screen and brings the grid; true colour is drawn without inline style", async () => {
  const { page, violations } = await viewer.open("terminal");
  await print(page, "old text\r\n");
  await page.evaluate(() => harness.view.setDriving(false));
  await page.evaluate(() => harness.enter(100, 30, "\x1b[38;2;255;100;0mnew\x1b[0m screen"));
  const state = await page.evaluate(() => ({
    lines: harness.lines().filter((line) => line !== ""),
    grid: `${harness.view.terminal.cols}x${harness.view.terminal.rows}`,
  }));
  assert.deepEqual(state, { lines: ["new screen"], grid: "100x30" });
  await page.waitForTimeout(200);
  assert.deepEqual(violations, []);
  await page.close();
});

test("the window's grid is told once it is known, and text is found in the scrollback", async () => {
  const { page } = await viewer.open("terminal");
  assert.match((await told(page)).sizes[0] ?? "", /^\d{2,3}x\d{2}$/);
  await print(page, `needle\r\n${"line\r\n".repeat(500)}`);
  const found = await page.evaluate(() => {
    const isFound = harness.view.find("needle", "previous");
    return { isFound, selection: harness.view.terminal.getSelection() };
  });
  assert.deepEqual(found, { isFound: true, selection: "needle" });
  await page.close();
});

test("without WebGL the terminal draws with elements, in colour, within the content policy", async () => {
  const plain = await startViewerHarness({ args: ["--disable-3d-apis"] });
  try {
    const { page, violations } = await plain.open("terminal");
    await print(page, "\x1b[38;2;255;100;0mtrue colour\x1b[0m");
    const span = page.locator(".xterm-rows span", { hasText: /^true colour$/ });
    await span.waitFor();
    assert.equal(await span.evaluate((element) => getComputedStyle(element).color), "rgb(255, 100, 0)");
    assert.deepEqual(violations, []);
  } finally {
    await plain.close();
  }
});
