import type { WrittenEntry } from "../journal-entry.ts";
import { type JournalLine, parseLine } from "../journal-line.ts";

/** RFC 5424 §6.2.1: facility 13 is *log audit*. */
const FACILITY_LOG_AUDIT = 13;

/** RFC 5424 §6.2.1: severities by level. */
const SEVERITIES = { info: 6, notice: 5, alarm: 1 } as const;

/** RFC 5424 §6: longest HOSTNAME, PROCID and MSGID. */
const MAX_HOSTNAME = 255;
const MAX_PROCID = 128;
const MAX_MSGID = 32;

/** SD-ID with the enterprise number that RFC 5612 sets aside for documentation: Poterne has none of its own. */
const SD_ID = "poterne@32473";

const BOM = "\uFEFF";

/** Who sends. */
export interface SyslogSender {
  readonly hostName: string;
  readonly nodeId: string;
}

/**
 * [RFC 5424] §6 SYSLOG-MSG of one line of the journal. The message is the line itself, so that the collector's copy can
 * be compared with the file byte by byte; the entry's id, place and hash also stand in the structured data.
 */
export function formatSyslogMessage(
  sender: SyslogSender,
  line: { readonly epoch: number; readonly text: string },
): string {
  const parsed = parseLine(line.text);
  if (parsed === null) throw new Error("a line of the journal's file cannot be read");
  const entry = parsed.type === "entry" ? (parsed.entry as WrittenEntry) : null;
  const priority = FACILITY_LOG_AUDIT * 8 + SEVERITIES[entry?.level ?? "info"];
  const host = printable(sender.hostName, MAX_HOSTNAME);
  const procId = printable(sender.nodeId, MAX_PROCID);
  const messageId = printable(entry?.kind ?? `journal.${parsed.type}`, MAX_MSGID);
  const data = structuredData(parsed, { epoch: line.epoch, entryId: entry?.entryId ?? null });
  return `<${priority}>1 ${parsed.at} ${host} poterne ${procId} ${messageId} ${data} ${BOM}${line.text}`;
}

/** [RFC 5425] §4.3 octet counting: length of the UTF-8 message, a space, the message. */
export function frameSyslogMessage(message: string): Uint8Array {
  const body = Buffer.from(message, "utf8");
  return Buffer.concat([Buffer.from(`${body.length} `, "ascii"), body]);
}

function structuredData(
  line: JournalLine,
  place: { readonly epoch: number; readonly entryId: string | null },
): string {
  const parameters = [
    ...(place.entryId === null ? [] : [["entryId", place.entryId]]),
    ["epoch", String(place.epoch)],
    ["sequence", String(line.sequence)],
    ["hash", line.hash],
  ];
  return `[${SD_ID}${parameters.map(([name, value]) => ` ${name}="${escapeValue(value ?? "")}"`).join("")}]`;
}

/** RFC 5424 §6.3.3: `"`, `\` and `]` are escaped. */
function escapeValue(value: string): string {
  return value.replace(/["\\\]]/g, "\\$&");
}

/** PRINTUSASCII without spaces, `-` for nothing. */
function printable(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, maxLength) || "-";
}
