import { randomBytes } from "node:crypto";
import path from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { makeUuidV7 } from "@poterne/bytes";
import { foldName, searchText } from "../packages/gateway/src/store/fold-text.ts";
import { journalText } from "../packages/gateway/src/store/journal-search.ts";

/** How much a store is filled with. */
export interface FillSize {
  readonly machines: number;
  readonly people: number;
  readonly journalLines: number;
  readonly recordings: number;
}

type Row = Record<string, SQLInputValue>;

const SITES = 230;
const DAY_MS = 86_400_000;
const JOURNAL_DAYS = 360;
/** Within the 90 days that retention leaves. */
const RECORDING_DAYS = 80;
const ROWS_PER_TRANSACTION = 20_000;
const KINDS = [
  "session.opened",
  "session.ended",
  "sign-in.completed",
  "sign-in.refused",
  "file.sent",
  "grant.created",
];
const FIRST_NAMES = [
  "Aïcha",
  "Benoît",
  "Camille",
  "Dounia",
  "Élodie",
  "François",
  "Gaëlle",
  "Hugo",
  "Inès",
  "Jérôme",
];
const LAST_NAMES = [
  "Abbadie",
  "Bonnet",
  "Caradec",
  "Delmas",
  "Étienne",
  "Faure",
  "Guérin",
  "Hamel",
  "Imbert",
  "Jolivet",
];

/**
 * Fills the SQLite store of a gateway that does not run: each row is a copy of one the gateway itself wrote (there must
 * be one machine, target, person, ended session, recording and journal entry), with what tells rows apart changed.
 */
export function fillStore(dataDir: string, size: FillSize): void {
  const db = new DatabaseSync(path.join(dataDir, "store.sqlite"));
  db.exec("pragma synchronous = off; pragma cache_size = -1000000; pragma recursive_triggers = on;");
  const fill = new Fill(db);
  const sites = fill.sites();
  const machines = fill.machines(size.machines, sites);
  const people = fill.people(size.people);
  fill.recordings(size.recordings, machines, people);
  fill.journal(size.journalLines, machines, people);
  db.exec("update store_revision set revision = revision + 1; pragma wal_checkpoint(truncate);");
  db.close();
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface FilledMachine extends Named {
  readonly siteId: string;
  readonly targetId: string;
}

class Fill {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  sites(): readonly string[] {
    const template = this.#template("site");
    const ids: string[] = [];
    this.#insert("site", SITES, (index) => {
      const name = `Centre ${index} ${LAST_NAMES[index % 10] ?? ""}`;
      const row = {
        ...template,
        ...objectColumns([name]),
        name,
        folded_name: foldName(name),
        parent_id: template.id ?? null,
      };
      ids.push(row.id);
      return { ...row, unique_key: `${template.id}/${foldName(name)}` };
    });
    return ids;
  }

  machines(count: number, sites: readonly string[]): readonly FilledMachine[] {
    const template = this.#template("machine");
    const targetTemplate = this.#template("target", "protocol = 'ssh'");
    const made: FilledMachine[] = [];
    this.#insert("machine", count, (index) => {
      const name = `serveur-${index}`;
      const siteId = sites[index % sites.length] ?? "";
      const addresses = JSON.stringify([`10.${index % 250}.${(index >> 8) % 250}.7`]);
      const row = {
        ...template,
        ...objectColumns([name, addresses, `Centre ${index % SITES}`]),
        name,
        addresses,
      };
      made.push({ id: row.id, name, siteId, targetId: makeId(Date.now()) });
      return { ...row, folded_name: name, site_id: siteId, unique_key: `${siteId}/${name}` };
    });
    this.#insert("target", count, (index) => {
      const machine = made[index];
      const columns = { ...objectColumns(["ssh", machine?.name ?? ""]), id: machine?.targetId ?? "" };
      return {
        ...targetTemplate,
        ...columns,
        machine_id: machine?.id ?? "",
        unique_key: `${machine?.id}/ssh`,
      };
    });
    return made;
  }

  people(count: number): readonly Named[] {
    const template = this.#template("person");
    const made: Named[] = [];
    this.#insert("person", count, (index) => {
      const name = `${FIRST_NAMES[index % 10]} ${LAST_NAMES[Math.floor(index / 10) % 10]} ${index}`;
      const login = `personne${index}`;
      const id = makeId(Date.now());
      made.push({ id, name });
      const text = searchText([name, login]);
      return { ...template, id, login, login_key: login, name, name_key: foldName(name), search_text: text };
    });
    return made;
  }

  recordings(count: number, machines: readonly FilledMachine[], people: readonly Named[]): void {
    const templates = { session: this.#template("session"), recording: this.#template("recording") };
    const rows = Array.from({ length: count }, (_, index) => {
      const atMs = Date.now() - ((count - index) / count) * RECORDING_DAYS * DAY_MS;
      const { machine, person } = pick(index, machines, people);
      const reason = `intervention ${index * 7}`;
      const names = { person_id: person.id, person_name: person.name, target_id: machine.targetId };
      return {
        ...names,
        id: makeId(atMs),
        atMs: Math.floor(atMs),
        machine,
        shared: { machine_name: machine.name, site_id: machine.siteId, reason },
        text: searchText([person.name, machine.name, reason]),
      };
    });
    for (const table of ["session", "recording"] as const)
      this.#insert(table, count, (index) => {
        const row = rows[index];
        if (row === undefined) throw new Error("no such row");
        const { atMs, machine, shared, text, ...names } = row;
        const own =
          table === "session"
            ? { machine_id: machine.id, opened_at_ms: atMs, ended_at_ms: atMs + 600_000 }
            : {
                file_name: `bench/${row.id}.ptnr`,
                started_at_ms: atMs,
                ended_at_ms: atMs + 600_000,
                expires_at_ms: atMs + 90 * DAY_MS,
              };
        return { ...templates[table], ...names, ...shared, ...own, search_text: text };
      });
  }

  journal(count: number, machines: readonly FilledMachine[], people: readonly Named[]): void {
    const { row_number: _, ...template } = this.#template("journal_entry");
    this.#insert("journal_entry", count, (index) => {
      const atMs = Math.floor(Date.now() - DAY_MS - ((count - index) / count) * JOURNAL_DAYS * DAY_MS);
      const { machine, person } = pick(index, machines, people);
      const kind = KINDS[index % KINDS.length] ?? "";
      const address = `192.0.${index % 250}.${(index >> 8) % 250}`;
      const details = { machine: machine.name, reason: `intervention ${index}`, account: "root" };
      return {
        ...template,
        id: makeId(atMs),
        node_id: "bench",
        sequence: index,
        hash: randomBytes(32).toString("hex"),
        at_ms: atMs,
        kind,
        noun: kind.slice(0, kind.indexOf(".")),
        level: index % 100 === 0 ? "alarm" : "info",
        actor_person_id: person.id,
        actor_name: person.name,
        source_address: address,
        person_id: person.id,
        target_id: machine.targetId,
        machine_id: machine.id,
        site_id: machine.siteId,
        details: JSON.stringify(details),
        search_text: journalText([person.name, address, kind, ...Object.values(details)]),
      };
    });
  }

  #template(table: string, where = "1 = 1"): Row {
    const row = this.#db.prepare(`select * from ${table} where ${where} limit 1`).get();
    if (row === undefined) throw new Error(`the gateway wrote no ${table}`);
    return row as Row;
  }

  #insert(table: string, count: number, make: (index: number) => Row): void {
    let statement: ReturnType<DatabaseSync["prepare"]> | null = null;
    for (let index = 0; index < count; index++) {
      if (index % ROWS_PER_TRANSACTION === 0) this.#db.exec(index === 0 ? "begin" : "commit; begin");
      const row = make(index);
      const columns = Object.keys(row);
      statement ??= this.#db.prepare(
        `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`,
      );
      statement.run(...Object.values(row));
    }
    this.#db.exec("commit");
  }
}

function pick(index: number, machines: readonly FilledMachine[], people: readonly Named[]) {
  const machine = machines[(index * 7919) % machines.length];
  const person = people[(index * 104_729) % people.length];
  if (machine === undefined || person === undefined) throw new Error("nothing to choose from");
  return { machine, person };
}

function objectColumns(texts: readonly string[]): { id: string; search_text: string; deleted_at_ms: null } {
  return { id: makeId(Date.now()), search_text: searchText(texts), deleted_at_ms: null };
}

function makeId(atMs: number): string {
  return makeUuidV7(Math.floor(atMs), randomBytes(10));
}
