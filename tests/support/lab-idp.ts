import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { labDir } from "./lab.ts";

/** Hops a sign-in takes at most. */
const MAX_HOPS = 12;

/** The lab's OpenID provider, started again on a port of its own for the redirect addresses of one test. */
export class LabIdp {
  readonly issuer: string;
  readonly #child: ChildProcess;

  private constructor(issuer: string, child: ChildProcess) {
    this.issuer = issuer;
    this.#child = child;
  }

  /**
   * Starts one; the lab's `idp` must have been started once, which installs it. `layFront` puts something in front of its port and
   * says by which port it is reached then.
   */
  static async start(
    redirects: readonly string[],
    logouts: readonly string[] = redirects,
    layFront?: (port: number) => Promise<number>,
  ): Promise<LabIdp> {
    const port = await freePort();
    const front = (await layFront?.(port)) ?? port;
    const child = spawn(process.execPath, [path.join(labDir, "idp/server.mjs")], {
      env: {
        ...process.env,
        PORT: String(port),
        FRONT: String(front),
        REDIRECTS: redirects.join(","),
        LOGOUTS: logouts.join(","),
        CERT: path.join(labDir, "ca/idp.lab.test.crt"),
        KEY: path.join(labDir, "ca/idp.lab.test.key"),
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let trouble = "";
    child.stderr?.on("data", (chunk) => (trouble += chunk));
    const issuer = `http://127.0.0.1:${front}/oidc`;
    for (let turn = 0; ; turn++) {
      const answer = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => null);
      if (answer?.ok === true) return new LabIdp(issuer, child);
      if (child.exitCode !== null || turn > 200) throw new Error(`the lab's idp did not start: ${trouble}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Goes through its sign-in pages as a browser would; the query it comes back with. */
  async signIn(address: string, login: string): Promise<string> {
    const jar = new Map<string, string>();
    let url = address;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const page = await this.#load(url, jar);
      let next = page.location;
      if (next === null && url.includes("/interaction/")) {
        const form = page.text.includes('name="login"')
          ? { prompt: "login", login, password: "x" }
          : { prompt: "consent" };
        next = (await this.#load(url, jar, form)).location;
      }
      if (next === null) throw new Error(`no way on from ${url}: ${page.text.slice(0, 300)}`);
      const target = new URL(next, url);
      if (target.origin !== new URL(this.issuer).origin) return target.search.slice(1);
      url = target.href;
    }
    throw new Error("the sign-in went round in circles");
  }

  /** Ends it. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }

  async #load(url: string, jar: Map<string, string>, form?: Record<string, string>) {
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split(/=(.*)/s);
      jar.set(name, value);
    }
    return { location: answer.headers.get("location"), text: await answer.text() };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
