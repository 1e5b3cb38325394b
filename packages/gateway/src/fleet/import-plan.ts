import { setImmediate as nextTurn } from "node:timers/promises";
import { Failure } from "@poterne/contract";
import type { AccessFacts } from "../access/facts.ts";
import { inPages } from "../access/object-names.ts";
import { foldName } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { MachineTableRow, TargetTableRow } from "./fleet-tables.ts";
import type { ImportedLine, LineError } from "./import-columns.ts";
import { type MachineFields, toMachineFields } from "./machine-rows.ts";
import { checkOptions } from "./target-options.ts";
import { type TargetFields, toTargetFields } from "./target-rows.ts";

/** Lines planned before the event loop has its turn. */
const LINES_PER_TURN = 100;

/** A site that the import makes. */
interface PlannedSite {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
}

/** A machine that the import makes (`row` null), changes, or leaves as it is. */
interface PlannedMachine {
  readonly id: string;
  readonly row: MachineTableRow | null;
  readonly fields: MachineFields;
  readonly isChanged: boolean;
  readonly targets: Map<string, PlannedTarget>;
}

/** A target likewise. */
interface PlannedTarget {
  readonly id: string;
  readonly row: TargetTableRow | null;
  readonly fields: TargetFields;
  readonly isChanged: boolean;
}

/** All that an import would do. */
export interface ImportPlan {
  readonly sites: readonly PlannedSite[];
  readonly machines: readonly PlannedMachine[];
  readonly errors: readonly LineError[];
}

/** What a plan is made against. */
export interface PlanWorld {
  readonly store: Store;
  readonly facts: AccessFacts;
  /** Sites where the caller may write, null for everywhere. */
  readonly writable: ReadonlySet<string> | null;
  readonly mayCreateSites: boolean;
  newId(): string;
}

/** Compares good lines with the inventory; nothing is written. */
export async function planImport(lines: readonly ImportedLine[], world: PlanWorld): Promise<ImportPlan> {
  const planner = new Planner(world);
  await planner.readExisting(lines);
  for (const [index, line] of lines.entries()) {
    planner.add(line);
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await nextTurn();
  }
  return planner;
}

class Planner implements ImportPlan {
  readonly sites: PlannedSite[] = [];
  readonly errors: LineError[] = [];
  readonly #world: PlanWorld;
  readonly #siteOfPath = new Map<string, string | null>();
  readonly #foundOfPath = new Map<string, string | null>();
  readonly #machineOfKey = new Map<string, PlannedMachine>();
  readonly #machineRows = new Map<string, MachineTableRow>();
  readonly #targetRows = new Map<string, TargetTableRow>();
  readonly #firstLine = new Map<string, string>();
  readonly #namesOfSite = new Map<string, ReadonlyMap<string, string>>();

  constructor(world: PlanWorld) {
    this.#world = world;
  }

  get machines(): readonly PlannedMachine[] {
    return [...this.#machineOfKey.values()];
  }

  /** Reads the rows of the machines and targets that the lines name, by what is known in memory. */
  async readExisting(lines: readonly ImportedLine[]): Promise<void> {
    const { db } = this.#world.store;
    const ids = new Set<string>();
    for (const [index, line] of lines.entries()) {
      if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await nextTurn();
      const siteId = this.#findSite(line.sitePath);
      const machineId = siteId === null ? null : this.#machineIn(siteId, foldName(line.machineName));
      if (machineId !== null) ids.add(machineId);
    }
    const machines = await inPages([...ids], (some) =>
      db
        .selectFrom("machine")
        .selectAll()
        .where("id", "in", some)
        .where("deleted_at_ms", "is", null)
        .execute(),
    );
    const targets = await inPages([...ids], (some) =>
      db
        .selectFrom("target")
        .selectAll()
        .where("machine_id", "in", some)
        .where("deleted_at_ms", "is", null)
        .execute(),
    );
    for (const row of machines) this.#machineRows.set(row.unique_key ?? "", row);
    for (const row of targets) this.#targetRows.set(row.unique_key ?? "", row);
  }

  add(line: ImportedLine): void {
    const siteId = this.#placeSite(line.sitePath);
    if (siteId === null) {
      this.#fail(line, "site", { code: "import-site-unknown", value: line.sitePath.join(" / ") });
      return;
    }
    const machine = this.#placeMachine(line, siteId);
    if (machine !== null && line.target !== null) this.#placeTarget(line, machine);
  }

  #placeMachine(line: ImportedLine, siteId: string): PlannedMachine | null {
    const key = `${siteId}/${foldName(line.machineName)}`;
    const said = JSON.stringify([line.machineName, line.machine]);
    const planned = this.#machineOfKey.get(key);
    if (planned !== undefined) {
      if (this.#firstLine.get(key) === said) return planned;
      this.#fail(line, "machine", { code: "import-machine-differs", value: line.machineName });
      return null;
    }
    const row = this.#machineRows.get(key) ?? null;
    const before = row === null ? null : toMachineFields(row);
    const addresses = line.machine.addresses ?? before?.addresses;
    if (addresses === undefined) {
      this.#fail(line, "addresses", { code: "import-value-missing", value: "" });
      return null;
    }
    const fields: MachineFields = {
      name: line.machineName,
      siteId,
      addresses,
      facts: mergeFacts(before?.facts ?? {}, line.machine.facts),
      kerberosName: line.machine.kerberosName ?? before?.kerberosName ?? "",
      notes: line.machine.notes ?? before?.notes ?? "",
      isDisabled: line.machine.isDisabled ?? before?.isDisabled ?? false,
    };
    const machine: PlannedMachine = {
      id: row?.id ?? this.#world.newId(),
      row,
      fields,
      isChanged: before !== null && !isSame(before, fields),
      targets: new Map(),
    };
    this.#machineOfKey.set(key, machine);
    this.#firstLine.set(key, said);
    return machine;
  }

  #placeTarget(line: ImportedLine, machine: PlannedMachine): void {
    if (line.target === null) return;
    const { fields: given, given: columns } = line.target;
    const key = foldName(given.name);
    const row = this.#targetRows.get(`${machine.id}/${key}`) ?? null;
    if (machine.targets.has(key) || (row !== null && row.protocol !== given.protocol)) {
      this.#fail(line, "target", { code: "import-target-twice", value: given.name });
      return;
    }
    const before = row === null ? null : toTargetFields(row);
    const merged = before === null ? given : { ...before, ...pick(given, columns) };
    const options = this.#checkedOptions(line, merged, row?.id ?? null);
    if (options === null) return;
    const fields: TargetFields = { ...merged, options };
    machine.targets.set(key, {
      id: row?.id ?? this.#world.newId(),
      row,
      fields,
      isChanged: before !== null && !isSame(before, fields),
    });
  }

  #checkedOptions(
    line: ImportedLine,
    fields: TargetFields,
    ownTargetId: string | null,
  ): Readonly<Record<string, unknown>> | null {
    try {
      const { facts } = this.#world;
      const options = checkOptions(fields.protocol, fields.options, { facts, ownTargetId });
      this.#requireJumps(options);
      return options;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const known = error.code === "jump-target-invalid" || error.code === "bad-prompt-pattern";
      const code = known ? (error.code as LineError["code"]) : "import-value-wrong";
      this.#fail(line, "options", { code, value: JSON.stringify(fields.options).slice(0, 200) });
      return null;
    }
  }

  #requireJumps(options: Readonly<Record<string, unknown>>): void {
    const { facts, writable } = this.#world;
    if (writable === null || !Array.isArray(options.jumpTargetIds)) return;
    for (const id of options.jumpTargetIds as readonly string[]) {
      const siteId = facts.machines.get(facts.targets.get(id)?.machineId ?? "")?.siteId ?? "";
      if (!writable.has(siteId)) throw new Failure("jump-target-invalid");
    }
  }

  #machineIn(siteId: string, foldedName: string): string | null {
    const names = this.#namesIn(siteId);
    return names.get(foldedName) ?? null;
  }

  #namesIn(siteId: string): ReadonlyMap<string, string> {
    const known = this.#namesOfSite.get(siteId);
    if (known !== undefined) return known;
    const machines = [...this.#world.facts.machinesOfSite.get(siteId)];
    const names = new Map(machines.map((machine) => [machine.foldedName, machine.machineId]));
    this.#namesOfSite.set(siteId, names);
    return names;
  }

  #findSite(path: readonly string[]): string | null {
    const key = path.map(foldName).join("\u0000");
    const known = this.#foundOfPath.get(key);
    if (known !== undefined) return known;
    const found = this.#walkTo(path);
    this.#foundOfPath.set(key, found);
    return found;
  }

  #walkTo(path: readonly string[]): string | null {
    let found: string | null = null;
    for (const name of path) {
      const children = this.#world.facts.tree.childrenOf(found);
      const child = children.find((site) => site.foldedName === foldName(name));
      if (child === undefined) return null;
      found = child.siteId;
    }
    return found;
  }

  /** The site of a path, planned if it does not exist; null when the caller may not write there. */
  #placeSite(path: readonly string[]): string | null {
    const key = path.map(foldName).join("\u0000");
    const known = this.#siteOfPath.get(key);
    if (known !== undefined) return known;
    const siteId = this.#findOrPlan(path);
    this.#siteOfPath.set(key, siteId);
    return siteId;
  }

  #findOrPlan(path: readonly string[]): string | null {
    const found = this.#findSite(path);
    if (found !== null) return this.#mayWrite(found) ? found : null;
    const name = path.at(-1);
    if (name === undefined || !this.#world.mayCreateSites || path.length > MAX_PATH) return null;
    const isTop = path.length === 1;
    const parentId = isTop ? null : this.#placeSite(path.slice(0, -1));
    if (isTop ? this.#world.writable !== null : parentId === null) return null;
    const planned = { id: this.#world.newId(), name, parentId };
    this.sites.push(planned);
    return planned.id;
  }

  #mayWrite(siteId: string): boolean {
    return this.#world.writable === null || this.#world.writable.has(siteId);
  }

  #fail(
    line: ImportedLine,
    column: string,
    what: { readonly code: LineError["code"]; readonly value: string },
  ): void {
    this.errors.push({ line: line.line, column, code: what.code, value: what.value.slice(0, 200) });
  }
}

/** Deepest path of sites that an import makes: `MAX_SITE_DEPTH` of the contract. */
const MAX_PATH = 12;

function mergeFacts(
  before: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  // An empty cell takes the fact away; facts without a column stay.
  return Object.fromEntries(Object.entries({ ...before, ...given }).filter(([, value]) => value !== ""));
}

function pick(fields: TargetFields, keys: ReadonlySet<keyof TargetFields>): Partial<TargetFields> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => keys.has(key as keyof TargetFields)));
}

function isSame(before: object, after: object): boolean {
  return JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
