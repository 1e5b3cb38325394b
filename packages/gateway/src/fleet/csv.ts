import { setImmediate as nextTurn } from "node:timers/promises";

/** Separators a file may use; French spreadsheets write `;`. */
export type Separator = "," | ";" | "\t";

/** Longest cell and most columns read. */
export const MAX_CELL = 8_000;
export const MAX_COLUMNS = 80;

/** Characters parsed before the event loop has its turn. */
const CHARACTERS_PER_TURN = 65_536;

/** One record with the line of the file it begins at, the first being 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What is wrong with a file as a whole. */
export class CsvError extends Error {}

/** Bytes as text: UTF-16 or UTF-8 by their mark, UTF-8 without one, Windows-1252 for what is no UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The separator of a file: whichever its first line has most of, outside quotes. */
export function findSeparator(text: string): Separator {
  const counts = { ",": 0, ";": 0, "\t": 0 };
  let isQuoted = false;
  for (const character of text.slice(0, MAX_CELL)) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) break;
    else if (!isQuoted && character in counts) counts[character as Separator]++;
  }
  return (["\t", ";", ","] as const).reduce((best, next) => (counts[next] >= counts[best] ? next : best));
}

/**
 * Reads RFC 4180 records with CRLF, LF or CR ends; empty lines are left out. Throws a `CsvError` for an open quote, or
 * more records, columns or characters of a cell than allowed. Gives way to the event loop on long files.
 */
export async function parseCsv(
  text: string,
  format: { readonly separator: Separator; readonly maxRecords: number },
): Promise<readonly CsvRecord[]> {
  const reader = new CsvReader(text, format.separator);
  const records: CsvRecord[] = [];
  let nextPause = CHARACTERS_PER_TURN;
  for (let record = reader.next(); record !== null; record = reader.next()) {
    const isEmpty = record.cells.length === 1 && record.cells[0] === "";
    if (!isEmpty) records.push(record);
    if (records.length > format.maxRecords) throw new CsvError(`> ${format.maxRecords} lines`);
    if (reader.offset > nextPause) {
      nextPause = reader.offset + CHARACTERS_PER_TURN;
      await nextTurn();
    }
  }
  return records;
}

class CsvReader {
  offset = 0;
  readonly #text: string;
  readonly #separator: string;
  #line = 1;

  constructor(text: string, separator: string) {
    this.#text = text;
    this.#separator = separator;
  }

  next(): CsvRecord | null {
    if (this.offset >= this.#text.length) return null;
    const line = this.#line;
    const cells: string[] = [];
    for (;;) {
      cells.push(this.#cell());
      if (cells.length > MAX_COLUMNS) throw new CsvError(`line ${line}: > ${MAX_COLUMNS} columns`);
      const end = this.#text[this.offset];
      this.offset++;
      if (end === this.#separator) continue;
      if (end === "\r" && this.#text[this.offset] === "\n") this.offset++;
      this.#line++;
      return { line, cells };
    }
  }

  #cell(): string {
    if (this.#text[this.offset] === '"') return this.#quoted();
    const start = this.offset;
    while (this.offset < this.#text.length) {
      const character = this.#text[this.offset];
      if (character === this.#separator || character === "\n" || character === "\r") break;
      this.offset++;
    }
    return this.#checked(this.#text.slice(start, this.offset));
  }

  #quoted(): string {
    const line = this.#line;
    let cell = "";
    this.offset++;
    for (;;) {
      const end = this.#text.indexOf('"', this.offset);
      if (end === -1) throw new CsvError(`line ${line}: quote not closed`);
      const part = this.#text.slice(this.offset, end);
      this.#line += part.split("\n").length - 1;
      cell = this.#checked(cell + part);
      this.offset = end + 1;
      if (this.#text[this.offset] !== '"') break;
      cell += '"';
      this.offset++;
    }
    const end = this.#text[this.offset];
    if (end !== undefined && end !== this.#separator && end !== "\n" && end !== "\r") {
      throw new CsvError(`line ${line}: text after a quote`);
    }
    return cell;
  }

  #checked(cell: string): string {
    if (cell.length > MAX_CELL) throw new CsvError(`line ${this.#line}: > ${MAX_CELL} characters`);
    return cell;
  }
}

/** One record as text, with its end. Cells that a spreadsheet would run as a formula get an apostrophe before. */
export function formatRecord(cells: readonly string[], separator: Separator): string {
  return `${cells.map((cell) => formatCell(cell, separator)).join(separator)}\r\n`;
}

/** A cell as it was before `formatRecord` neutralised it. */
export function restoreCell(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function formatCell(cell: string, separator: string): string {
  const safe = /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  const needsQuotes = safe.includes(separator) || /["\r\n\t;,]|^\s|\s$/.test(safe);
  return needsQuotes ? `"${safe.replaceAll('"', '""')}"` : safe;
}
