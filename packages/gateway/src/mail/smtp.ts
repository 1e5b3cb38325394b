import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { createTransport } from "nodemailer";
import type { Settings } from "../config/settings.ts";

/** The settings of mail. */
export type MailSettings = Settings["mail"];

/** Connecting, the greeting, an answer: each may take so long. */
const STEP_TIMEOUT_MS = 15_000;
/** One letter, from the connection to the server's last word. */
const LETTER_TIMEOUT_MS = 60_000;
/** Longest answer of a server. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Longest password file. */
const MAX_PASSWORD_BYTES = 1024;
/** Longest part of a server's words that is kept. */
const MAX_WORDS = 200;

/** What is sent. */
export interface OutgoingMail {
  readonly address: string;
  readonly subject: string;
  readonly body: string;
}

/** What stands in the way: where it is stuck, and the server's own words (no secret, no address of a person). */
export interface MailTrouble {
  readonly at:
    | "settings"
    | "name"
    | "connect"
    | "slow"
    | "tls"
    | "log-in"
    | "sender"
    | "recipient"
    | "server";
  readonly said: string;
}

/**
 * What became of a letter. `later`: this letter may be tried again. `refused`: this address or text never will be taken.
 * `down`: the server is in no state to take any letter.
 */
export type SendOutcome =
  | { readonly result: "sent" }
  | { readonly result: "later" | "refused" | "down"; readonly trouble: MailTrouble };

/** Sends one letter over a connection of its own. Never throws. */
export async function sendMail(settings: MailSettings, mail: OutgoingMail): Promise<SendOutcome> {
  const transport = openTransport(settings);
  if ("at" in transport) return { result: "down", trouble: transport };
  try {
    const info = await inTime(
      transport.sendMail({
        from: settings.sender,
        to: { name: "", address: mail.address },
        envelope: { from: settings.sender, to: [mail.address] },
        subject: mail.subject,
        text: mail.body,
        xMailer: false,
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      }),
    );
    return info.accepted.length === 1
      ? { result: "sent" }
      : { result: "refused", trouble: { at: "recipient", said: clean(info.response) } };
  } catch (error) {
    return judge(error, mail.address);
  } finally {
    transport.close();
  }
}

/** Connects, encrypts and logs in as a letter would, and sends nothing. Null when all went well. */
export async function tryServer(settings: MailSettings): Promise<MailTrouble | null> {
  const transport = openTransport(settings);
  if ("at" in transport) return transport;
  try {
    await inTime(transport.verify());
    return null;
  } catch (error) {
    const outcome = judge(error, "");
    return "trouble" in outcome ? outcome.trouble : null;
  } finally {
    transport.close();
  }
}

function openTransport(settings: MailSettings) {
  try {
    const { host, port, security, user, caFile } = settings;
    const tls = {
      minVersion: "TLSv1.2" as const,
      ...(caFile === "" ? {} : { ca: readFileSync(caFile, "utf8") }),
    };
    return createTransport({
      host,
      port,
      secure: security === "tls",
      requireTLS: security === "starttls",
      ignoreTLS: security === "off",
      tls,
      ...(user === "" ? {} : { auth: { user, pass: readPassword(settings.passwordFile) } }),
      name: hostname(),
      connectionTimeout: STEP_TIMEOUT_MS,
      greetingTimeout: STEP_TIMEOUT_MS,
      socketTimeout: STEP_TIMEOUT_MS,
      dnsTimeout: STEP_TIMEOUT_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
      logger: false,
      // The server stands in the organisation's own network more often than not.
      allowInternalNetworkInterfaces: true,
    });
  } catch (error) {
    return { at: "settings", said: clean(error instanceof Error ? error.message : "") } as const;
  }
}

function readPassword(file: string): string {
  const text = readFileSync(file, "utf8");
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line === "" || text.length > MAX_PASSWORD_BYTES)
    throw new Error(`${file}: the password is the first line, of at most ${MAX_PASSWORD_BYTES} characters`);
  return line;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error("the whole letter took too long"), { code: "ETIMEDOUT" });
    timer = setTimeout(() => reject(error), LETTER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface SmtpError {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

const TLS_CODES = /CERT|TLS|SSL|ALTNAME|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH/;

/** Where a failure stands, and whether it is the letter's or the server's. */
export function judge(error: unknown, address: string): SendOutcome {
  const { command, response, responseCode, message } = (error ?? {}) as SmtpError;
  const words = typeof response === "string" && response !== "" ? response : String(message ?? "");
  const said = clean(address === "" ? words : words.replaceAll(address, "…"));
  const step = typeof command === "string" ? command : "";
  const status = typeof responseCode === "number" ? responseCode : 0;
  if (status >= 400 && /^(RCPT TO|DATA)/.test(step)) {
    const at = step.startsWith("RCPT") ? "recipient" : "server";
    return { result: status >= 500 ? "refused" : "later", trouble: { at, said } };
  }
  return { result: "down", trouble: { at: placeOf(error, said, step), said } };
}

const PLACE_OF_CODE: Readonly<Record<string, MailTrouble["at"]>> = {
  EAUTH: "log-in",
  ENOAUTH: "log-in",
  ETLS: "tls",
  EDNS: "name",
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  ETIMEDOUT: "slow",
};
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ESOCKET",
  "ECONNECTION",
  "ECONNREFUSED",
  "ECONNRESET",
]);

function placeOf(error: unknown, said: string, step: string): MailTrouble["at"] {
  const { code } = error as SmtpError;
  const known = typeof code === "string" ? code : "";
  const place = PLACE_OF_CODE[known];
  if (place !== undefined) return place;
  if (TLS_CODES.test(`${known} ${tlsCauseOf(error)}`)) return "tls";
  if (step.startsWith("MAIL FROM")) return "sender";
  if (!CONNECTION_CODES.has(known)) return "server";
  return /certificate|SSL|TLS/i.test(said) ? "tls" : "connect";
}

function tlsCauseOf(error: unknown): string {
  const { cause } = (error ?? {}) as SmtpError;
  const code = ((cause ?? {}) as SmtpError).code;
  return typeof code === "string" ? code : "";
}

/** One line, bounded, without control characters: the server's words are a stranger's. */
function clean(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .slice(0, MAX_WORDS);
}
