import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { eventually } from "./eventually.ts";

/** All text of the page, styles and scripts aside; runs inside it. */
function readText(): string {
  const copy = document.body.cloneNode(true) as HTMLElement;
  for (const part of copy.querySelectorAll("style, script, noscript")) part.remove();
  return copy.textContent.replaceAll("\u00a0", " ");
}

/** NS_BINDING_ABORTED: the page was left before its font was there, which Firefox logs as an error of the page. */
const LEFT_BEFORE_LOADED = "status=2152398850";
const WAIT_MS = 60_000;

/** Debian's Firefox ESR, driven over WebDriver BiDi: Playwright drives only a Firefox of its own (decision 0062). */
export class Firefox {
  readonly page: Page;
  /** As the browser names itself, `firefox/140.5.0`. */
  readonly version: string;
  /** Errors of scripts. */
  readonly errors: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page, version: string) {
    this.#browser = browser;
    this.page = page;
    this.version = version;
    page.setDefaultTimeout(WAIT_MS);
    page.on("pageerror", (error) => {
      if (!String(error).includes(LEFT_BEFORE_LOADED)) this.errors.push(String(error));
    });
  }

  /** Starts it with one page that notes every refusal of the content policy and shows the terminal's text. */
  static async start(): Promise<Firefox> {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: process.env.POTERNE_TEST_FIREFOX ?? "/usr/bin/firefox-esr",
      headless: true,
      acceptInsecureCerts: true,
      defaultViewport: { width: 1280, height: 760 },
      timeout: WAIT_MS,
      protocolTimeout: WAIT_MS,
    });
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      // The empty page before the first one has no storage.
      if (location.protocol !== "https:") return;
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
        const noted = JSON.parse(sessionStorage.getItem("violations") ?? "[]") as string[];
        noted.push(`${violatedDirective} ${blockedURI} ${sample}`);
        sessionStorage.setItem("violations", JSON.stringify(noted));
      });
      if (localStorage.getItem("poterne-session") !== null) return;
      const liking = { terminal: { isScreenReader: true }, isBarPinned: true };
      localStorage.setItem("poterne-session", JSON.stringify(liking));
    });
    return new Firefox(browser, page, await browser.version());
  }

  /** Refusals of the content policy on the present origin since the start. */
  violations(): Promise<string[]> {
    return this.page.evaluate(() => JSON.parse(sessionStorage.getItem("violations") ?? "[]") as string[]);
  }

  /** Waits until the page shows a text somewhere. */
  async sees(text: string): Promise<void> {
    await eventually(`${text} in Firefox`, async (seen) => {
      const shown = await this.page.evaluate(readText).catch(() => "");
      seen(`${this.page.url()} shows ${shown}`);
      return shown.includes(text);
    });
  }

  /** Fills a field found by the beginning of its label. */
  async fill(label: string, value: string): Promise<void> {
    const id = await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll("label")].find((one) => one.textContent.startsWith(wanted))?.htmlFor ??
        "",
      {},
      label,
    );
    await this.page.locator(`[id="${await id.jsonValue()}"]`).fill(value);
  }

  /** Clicks a button by its accessible name. */
  async press(name: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}
