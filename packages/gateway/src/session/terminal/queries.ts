/** Questions of a program to its terminal that the gateway answers itself (docs/decisions/0035). */
export type TerminalQuery = "primary-attributes" | "secondary-attributes" | "status" | "cursor-position";

/** Fixed answers: a VT220 with colour, as xterm.js calls itself; nothing in them comes from the target. */
export const FIXED_ANSWERS: Readonly<Record<Exclude<TerminalQuery, "cursor-position">, string>> = {
  "primary-attributes": "\x1b[?62;22c",
  "secondary-attributes": "\x1b[>0;276;0c",
  status: "\x1b[0n",
};

/** Answers within one second, and at once; more are left unanswered. */
export const ANSWERS_PER_SECOND = 20;
export const MAX_ANSWER_BURST = 20;

const ESC = 0x1b;
/** The longest query known here, without its ESC. */
const LONGEST_BYTES = 4;

const QUERIES: ReadonlyMap<string, TerminalQuery> = new Map([
  ["[c", "primary-attributes"],
  ["[0c", "primary-attributes"],
  ["Z", "primary-attributes"],
  ["[>c", "secondary-attributes"],
  ["[>0c", "secondary-attributes"],
  ["[5n", "status"],
  ["[6n", "cursor-position"],
]);

/** Finds queries in output, also those torn between two chunks. */
export class QueryScanner {
  #rest = "";

  /** The queries that end in this chunk, in order. */
  scan(bytes: Uint8Array): TerminalQuery[] {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const found: TerminalQuery[] = [];
    if (this.#rest !== "") this.#finishTorn(buffer, found);
    for (let at = buffer.indexOf(ESC); at >= 0; at = buffer.indexOf(ESC, at + 1)) {
      const match = matchQuery(latin1(buffer, at + 1, at + 1 + LONGEST_BYTES));
      if (match === "torn") this.#rest = latin1(buffer, at);
      else if (match !== null) found.push(match);
    }
    return found;
  }

  #finishTorn(buffer: Buffer, found: TerminalQuery[]): void {
    const match = matchQuery((this.#rest + latin1(buffer, 0, LONGEST_BYTES)).slice(1, 1 + LONGEST_BYTES));
    this.#rest = match === "torn" ? this.#rest + latin1(buffer) : "";
    if (match !== null && match !== "torn") found.push(match);
  }
}

function matchQuery(text: string): TerminalQuery | "torn" | null {
  for (const [form, query] of QUERIES) if (text.startsWith(form)) return query;
  for (const form of QUERIES.keys()) if (form.length > text.length && form.startsWith(text)) return "torn";
  return null;
}

function latin1(buffer: Buffer, from = 0, to = buffer.length): string {
  return buffer.toString("latin1", from, to);
}
