import { createMachine, newTarget, type Protocol, protocol } from "@poterne/contract";
import { type CsvRecord, restoreCell } from "./csv.ts";
import { completeTarget, type TargetFields } from "./target-rows.ts";

/** Columns of the file, in the order of the export; further ones are `fact:NAME`. */
export const COLUMNS = [
  "site",
  "machine",
  "addresses",
  "machine_disabled",
  "kerberos_name",
  "notes",
  "target",
  "protocol",
  "port",
  "address",
  "target_disabled",
  "options",
] as const;
type Column = (typeof COLUMNS)[number];

/** Prefix of the columns of asset facts. */
export const FACT_PREFIX = "fact:";

/** Characters of a cell that an error repeats, at most. */
const MAX_TOLD_LENGTH = 200;

/** What French files call the columns. */
const FRENCH: Readonly<Record<string, Column>> = {
  adresses: "addresses",
  "machine desactivee": "machine_disabled",
  "nom kerberos": "kerberos_name",
  remarques: "notes",
  cible: "target",
  protocole: "protocol",
  adresse: "address",
  "cible desactivee": "target_disabled",
};

const YES = new Set(["1", "yes", "true", "oui", "vrai", "x"]);
const NO = new Set(["", "0", "no", "false", "non", "faux"]);

/** What is wrong with a cell; `code` is one of the catalogue's. */
export interface LineError {
  readonly line: number;
  readonly column: string;
  readonly code:
    | "import-column-count"
    | "import-column-unknown"
    | "import-value-missing"
    | "import-value-wrong"
    | "import-site-unknown"
    | "import-target-twice"
    | "import-machine-differs"
    | "jump-target-invalid"
    | "bad-prompt-pattern";
  readonly value: string;
}

/** Machine values of a line; what the file has no column for is left out. */
interface ImportedMachine {
  readonly addresses?: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  readonly kerberosName?: string;
  readonly notes?: string;
  readonly isDisabled?: boolean;
}

/** Target values of a line; `given` are those the file has a column for. */
interface ImportedTarget {
  readonly fields: TargetFields;
  readonly given: ReadonlySet<keyof TargetFields>;
}

/** One good line. */
export interface ImportedLine {
  readonly line: number;
  readonly sitePath: readonly string[];
  readonly machineName: string;
  readonly machine: ImportedMachine;
  readonly target: ImportedTarget | null;
}

/** Columns of a file by place (the empty name where the header says nothing), and what is wrong with them. */
interface Header {
  readonly columns: readonly string[];
  readonly errors: readonly LineError[];
}

const KNOWN: ReadonlySet<string> = new Set(["", ...COLUMNS]);

/** Reads the header's record: its columns, each unknown one as an error, or the name of a needed one that is missing. */
export function readHeader({ line, cells }: CsvRecord): Header | { readonly missing: string } {
  const columns = cells.map((cell) => {
    const name = restoreCell(cell).trim();
    if (name.toLowerCase().startsWith(FACT_PREFIX))
      return FACT_PREFIX + name.slice(FACT_PREFIX.length).trim();
    const folded = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return FRENCH[folded] ?? folded.replace(/[\s-]+/g, "_");
  });
  const missing = ["site", "machine"].find((column) => !columns.includes(column));
  if (missing !== undefined) return { missing };
  const errors = columns.flatMap((column, place): readonly LineError[] => {
    if (KNOWN.has(column) || column.startsWith(FACT_PREFIX)) return [];
    const value = restoreCell(cells[place] ?? "").trim();
    return [{ line, column: value.slice(0, MAX_TOLD_LENGTH), code: "import-column-unknown", value: "" }];
  });
  return { columns, errors };
}

/** Splits `A / B / C` or `A/B/C`; a slash that belongs to a name is written `//`. */
function splitPath(path: string): readonly string[] {
  return path
    .split(/(?<!\/)\/(?!\/)/)
    .map((part) => part.replaceAll("//", "/").trim())
    .filter((part) => part !== "");
}

/** The reverse of `splitPath`. */
export function joinPath(path: readonly string[]): string {
  return path.map((name) => name.replaceAll("/", "//")).join(" / ");
}

/** Reads one record against the header: a line, or what is wrong with it. */
export function readLine(record: CsvRecord, columns: readonly string[]): ImportedLine | readonly LineError[] {
  if (record.cells.length !== columns.length) {
    const value = `${record.cells.length} ≠ ${columns.length}`;
    return [{ line: record.line, column: "", code: "import-column-count", value }];
  }
  const texts = record.cells.map((cell) => restoreCell(cell).trim());
  // Spreadsheets write columns that nobody named; they may stand there as long as nothing is in them.
  const nameless = texts.find((text, place) => columns[place] === "" && text !== "");
  if (nameless !== undefined) {
    const value = nameless.slice(0, MAX_TOLD_LENGTH);
    return [{ line: record.line, column: "", code: "import-column-unknown", value }];
  }
  const cells = new Map(columns.map((column, place) => [column, texts[place] ?? ""]));
  const reader = new LineReader(record.line, cells);
  const sitePath = splitPath(reader.needed("site"));
  const machineName = reader.needed("machine");
  const machine = reader.machine();
  const target = reader.target();
  if (reader.errors.length > 0) return reader.errors;
  return { line: record.line, sitePath, machineName, machine, target };
}

const { name: nameSchema, addresses: addressesSchema, facts: factsSchema } = createMachine.body.shape;

class LineReader {
  readonly errors: LineError[] = [];
  readonly #line: number;
  readonly #cells: ReadonlyMap<string, string>;

  constructor(line: number, cells: ReadonlyMap<string, string>) {
    this.#line = line;
    this.#cells = cells;
  }

  needed(column: "site" | "machine"): string {
    const value = this.#cells.get(column) ?? "";
    const names = column === "site" ? splitPath(value) : [value];
    if (value === "") this.#fail(column, "import-value-missing");
    else if (!names.every((name) => nameSchema.safeParse(name).success))
      this.#fail(column, "import-value-wrong");
    return value;
  }

  machine(): ImportedMachine {
    const facts: Record<string, string> = {};
    for (const [column, value] of this.#cells) {
      if (!column.startsWith(FACT_PREFIX)) continue;
      const key = column.slice(FACT_PREFIX.length);
      if (!factsSchema.safeParse({ [key]: value }).success) this.#fail(column, "import-value-wrong");
      facts[key] = value;
    }
    return {
      facts,
      ...this.#addresses(),
      ...this.#text("kerberos_name", "kerberosName", createMachine.body.shape.kerberosName),
      ...this.#text("notes", "notes", createMachine.body.shape.notes),
      ...(this.#cells.has("machine_disabled") ? { isDisabled: this.#flag("machine_disabled") } : {}),
    };
  }

  target(): ImportedTarget | null {
    const text = (column: Column) => this.#cells.get(column) ?? "";
    const protocolText = text("protocol").toLowerCase();
    if (protocolText === "") {
      if (text("target") !== "") this.#fail("protocol", "import-value-missing");
      return null;
    }
    const known = protocol.safeParse(protocolText);
    if (!known.success) {
      this.#fail("protocol", "import-value-wrong");
      return null;
    }
    const options = this.#options();
    const candidate = {
      protocol: known.data,
      ...(text("target") === "" ? {} : { name: text("target") }),
      ...(text("port") === "" ? {} : { port: Number(text("port")) }),
      address: text("address") === "" ? null : text("address"),
      isDisabled: this.#flag("target_disabled"),
      ...(options === null ? {} : { options }),
    };
    return this.#checkedTarget(known.data, candidate);
  }

  #checkedTarget(known: Protocol, candidate: object): ImportedTarget | null {
    const parsed = newTarget.safeParse(candidate);
    if (!parsed.success) {
      const field = String(parsed.error.issues[0]?.path[0] ?? "target");
      this.#fail(field === "name" ? "target" : field, "import-value-wrong");
      return null;
    }
    const given = new Set<keyof TargetFields>(["name"]);
    const has = (column: Column) => (this.#cells.get(column) ?? "") !== "";
    if (has("port")) given.add("port");
    if (this.#cells.has("address")) given.add("address");
    if (this.#cells.has("target_disabled")) given.add("isDisabled");
    if (has("options")) given.add("options");
    return { fields: { ...completeTarget(parsed.data, parsed.data.options), protocol: known }, given };
  }

  #addresses(): { readonly addresses?: readonly string[] } {
    const cell = this.#cells.get("addresses");
    if (cell === undefined || cell === "") return {};
    const addresses = cell.split(/[\s|,;]+/).filter((address) => address !== "");
    if (!addressesSchema.safeParse(addresses).success) this.#fail("addresses", "import-value-wrong");
    return { addresses };
  }

  #text<Key extends string>(
    column: Column,
    key: Key,
    schema: { safeParse(value: unknown): { readonly success: boolean } },
  ): { readonly [Name in Key]?: string } {
    const value = this.#cells.get(column);
    if (value === undefined) return {};
    if (!schema.safeParse(value).success) this.#fail(column, "import-value-wrong");
    return { [key]: value } as { readonly [Name in Key]?: string };
  }

  #flag(column: Column): boolean {
    const value = (this.#cells.get(column) ?? "").toLowerCase();
    if (YES.has(value)) return true;
    if (!NO.has(value)) this.#fail(column, "import-value-wrong");
    return false;
  }

  #options(): unknown {
    const cell = this.#cells.get("options") ?? "";
    if (cell === "") return null;
    try {
      return JSON.parse(cell);
    } catch {
      this.#fail("options", "import-value-wrong");
      return null;
    }
  }

  #fail(column: string, code: LineError["code"]): void {
    const value = (this.#cells.get(column) ?? "").slice(0, MAX_TOLD_LENGTH);
    this.errors.push({ line: this.#line, column, code, value });
  }
}
