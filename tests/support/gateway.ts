import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { projectRoot } from "./lab.ts";

const START_TIMEOUT_MS = 60_000;

/** What Node is given to run the gateway. */
export function gatewayNodeFlags(): readonly string[] {
  return JSON.parse(readFileSync(path.join(projectRoot, "packages/gateway/node-flags.json"), "utf8"));
}

/** A gateway of its own process, on a data folder of its own. */
export class TestGateway {
  readonly url: string;
  /** The one-time link it printed: first sign-in, or the demo's. */
  readonly link: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  readonly #log: { text: string };

  private constructor(parts: {
    url: string;
    link: string;
    dataDir: string;
    child: ChildProcess;
    log: { text: string };
  }) {
    this.url = parts.url;
    this.link = parts.link;
    this.dataDir = parts.dataDir;
    this.child = parts.child;
    this.#log = parts.log;
  }

  /** What it printed so far. */
  get log(): string {
    return this.#log.text;
  }

  /** The own CA's certificate, PEM. */
  get ca(): string {
    return readFileSync(path.join(this.dataDir, "tls/ca.crt"), "utf8");
  }

  /** Starts one; `options` are further command-line words. */
  static async start(
    options: readonly string[] = [],
    dataDir = mkdtempSync(path.join(tmpdir(), "poterne-test-")),
  ): Promise<TestGateway> {
    const words = [...gatewayNodeFlags(), path.join(projectRoot, "packages/gateway/src/main.ts"), "serve"];
    mkdirSync(dataDir, { recursive: true });
    const child = spawn(process.execPath, [...words, "--port", "0", "--data", dataDir, ...options], {
      cwd: dataDir,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = { text: "" };
    child.stdout.on("data", (chunk) => (log.text += chunk));
    child.stderr.on("data", (chunk) => (log.text += chunk));
    const expectsLink = options.includes("--demo");
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const url = /^Poterne listening on (\S+)$/m.exec(log.text)?.[1];
      const link = /^(?:First|Demo) sign-in: (\S+)$/m.exec(log.text)?.[1];
      if (url !== undefined && (link !== undefined || !expectsLink)) {
        if (!expectsLink) await new Promise((resolve) => setTimeout(resolve, 100));
        const late = /^(?:First|Demo) sign-in: (\S+)$/m.exec(log.text)?.[1];
        return new TestGateway({ url, link: link ?? late ?? "", dataDir, child, log });
      }
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill("SIGKILL");
        throw new Error(`the gateway did not start:\n${log.text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it as systemd would and resolves with its exit code. */
  async stop(options: { keepData?: boolean; signal?: "SIGTERM" | "SIGKILL" } = {}): Promise<number | null> {
    const ended =
      this.child.exitCode !== null
        ? Promise.resolve()
        : new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill(options.signal ?? "SIGTERM");
    await ended;
    if (options.keepData !== true) rmSync(this.dataDir, { recursive: true, force: true });
    return this.child.exitCode;
  }
}

/** An answer of the API. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A person's browser as far as the API goes: cookies, CSRF token, origin. */
export class ApiClient {
  readonly #gateway: Pick<TestGateway, "url">;
  readonly #cookies = new Map<string, string>();
  csrfToken = "";
  /** The address a proxy in front of the gateway would name. */
  forwardedFor: string | null = null;
  /** An `Authorization` header for the next requests. */
  authorization: string | null = null;
  /** Connections of its own, as a browser has; null: those of this process, shared with other clients. */
  agent: Agent | null = null;

  constructor(gateway: Pick<TestGateway, "url">) {
    this.#gateway = gateway;
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get origin(): string {
    return new URL(this.#gateway.url).origin;
  }

  async call<T = Record<string, unknown>>(
    method: string,
    url: string,
    body?: unknown,
  ): Promise<ApiAnswer<T>> {
    const { status, headers, bytes } = await this.send(
      method,
      url,
      body === undefined ? null : Buffer.from(JSON.stringify(body)),
      "application/json",
    );
    const isJson = String(headers["content-type"] ?? "").includes("json");
    return { status, headers, body: (isJson ? JSON.parse(bytes.toString("utf8")) : bytes) as T };
  }

  /** Like `call`, but anything other than success is an error with the answer in its text. */
  async must<T = Record<string, unknown>>(method: string, url: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, url, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  send(
    method: string,
    url: string,
    body: Buffer | null,
    contentType: string,
  ): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; bytes: Buffer }> {
    const headers: Record<string, string> = {
      origin: this.origin,
      cookie: this.cookies,
      "x-poterne-csrf": this.csrfToken,
    };
    if (this.forwardedFor !== null) headers["x-forwarded-for"] = this.forwardedFor;
    if (this.authorization !== null) headers.authorization = this.authorization;
    if (body !== null)
      Object.assign(headers, { "content-type": contentType, "content-length": String(body.length) });
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        new URL(url, this.#gateway.url),
        { method, headers, rejectUnauthorized: false, ...(this.agent === null ? {} : { agent: this.agent }) },
        (response) => {
          for (const cookie of response.headers["set-cookie"] ?? []) this.#keep(cookie);
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes: Buffer.concat(chunks),
            }),
          );
          response.on("error", reject);
        },
      );
      request.on("error", reject);
      request.end(body ?? undefined);
    });
  }

  #keep(cookie: string): void {
    const match = /^([^=]+)=([^;]*)/.exec(cookie);
    if (match === null) return;
    if (/max-age=0/i.test(cookie)) this.#cookies.delete(match[1] ?? "");
    else this.#cookies.set(match[1] ?? "", match[2] ?? "");
  }
}
