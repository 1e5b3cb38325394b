import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  Failure,
  type ImportReport,
  importMachines,
  MAX_IMPORT_BYTES,
  MAX_IMPORT_LINES,
  MAX_SITES,
} from "@poterne/contract";
import type { Transaction } from "kysely";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import type { Tables } from "../store/tables.ts";
import {
  applyChange,
  freshColumns,
  type NounDependencies,
  newId,
  type Stamp,
  updateObject,
} from "./changes.ts";
import { CsvError, decodeText, findSeparator, parseCsv, type Separator } from "./csv.ts";
import { type ImportedLine, type LineError, readHeader, readLine } from "./import-columns.ts";
import { type ImportPlan, planImport } from "./import-plan.ts";
import { machineColumns } from "./machine-rows.ts";
import { siteColumns } from "./site-handlers.ts";
import { targetColumns } from "./target-rows.ts";

/** Errors told; further ones are counted. */
const MAX_ERRORS = 500;

/** Lines read before the event loop has its turn. */
const LINES_PER_TURN = 40;

/** Rows inserted at once. */
const INSERT_ROWS = 100;

/** The handler of the import. */
export function importHandlers(dependencies: NounDependencies): Handler[] {
  return [handle(importMachines, ({ query }, context) => runImport(dependencies, query, context))];
}

async function runImport(
  dependencies: NounDependencies,
  query: HandlerInput<typeof importMachines>["query"],
  context: RequestContext,
): Promise<ImportReport> {
  const bytes = await readBody(context);
  const file = await readFile(bytes);
  const held = await context.sitesWith("inventory:write");
  const facts = await dependencies.facts.current();
  const plan = await planImport(file.lines, {
    store: dependencies.store,
    facts,
    writable: held === null ? null : new Set(held),
    mayCreateSites: query.createSites,
    newId: () => newId(dependencies.environment),
  });
  if (facts.tree.sites.size + plan.sites.length > MAX_SITES) {
    throw new Failure("too-many-objects", { limit: MAX_SITES });
  }
  const errors = [...file.errors, ...plan.errors].sort((a, b) => a.line - b.line);
  const isApplied = !query.dryRun && errors.length === 0;
  const report = { ...tell(plan, file, errors), isDryRun: query.dryRun, isApplied };
  if (isApplied) await applyPlan(dependencies, context, { plan, report, bytes });
  return report;
}

async function readBody(context: RequestContext): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of context.rawBody ?? []) {
    size += chunk.length;
    if (size > MAX_IMPORT_BYTES)
      throw new Failure("import-unreadable", { detail: `> ${MAX_IMPORT_BYTES} B` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface ImportFile {
  readonly separator: Separator;
  readonly lineCount: number;
  readonly lines: readonly ImportedLine[];
  readonly errors: readonly LineError[];
}

async function readFile(bytes: Uint8Array): Promise<ImportFile> {
  const text = decodeText(bytes);
  const separator = findSeparator(text);
  const [header, ...records] = await parse(text, separator);
  if (header === undefined) throw new Failure("import-unreadable", { detail: "0 B" });
  const head = readHeader(header);
  if ("missing" in head) throw new Failure("import-unreadable", { detail: `${head.missing} ?` });
  const lines: ImportedLine[] = [];
  const errors: LineError[] = [...head.errors];
  for (const [index, record] of records.entries()) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await nextTurn();
    const line = readLine(record, head.columns);
    if ("sitePath" in line) lines.push(line);
    else errors.push(...line);
  }
  return { separator, lineCount: records.length, lines, errors };
}

async function parse(text: string, separator: Separator) {
  try {
    return await parseCsv(text, { separator, maxRecords: MAX_IMPORT_LINES + 1 });
  } catch (error) {
    if (error instanceof CsvError) throw new Failure("import-unreadable", { detail: error.message }, error);
    throw error;
  }
}

function tell(plan: ImportPlan, file: ImportFile, errors: readonly LineError[]) {
  const targets = plan.machines.flatMap((machine) => [...machine.targets.values()]);
  const count = <Item>(items: readonly Item[], test: (item: Item) => boolean) => items.filter(test).length;
  const unchanged = plan.machines.flatMap((machine): readonly unknown[] => {
    const isSame = machine.row !== null && !machine.isChanged;
    if (machine.targets.size === 0) return isSame ? [machine] : [];
    return [...machine.targets.values()].filter(
      (target) => isSame && target.row !== null && !target.isChanged,
    );
  });
  return {
    separator: file.separator,
    lineCount: file.lineCount,
    sitesCreated: plan.sites.length,
    machinesCreated: count(plan.machines, (machine) => machine.row === null),
    machinesChanged: count(plan.machines, (machine) => machine.isChanged),
    targetsCreated: count(targets, (target) => target.row === null),
    targetsChanged: count(targets, (target) => target.isChanged),
    unchangedLines: unchanged.length,
    errorCount: errors.length,
    errors: errors.slice(0, MAX_ERRORS).map((error) => ({ ...error })),
  };
}

async function applyPlan(
  dependencies: NounDependencies,
  context: RequestContext,
  work: { readonly plan: ImportPlan; readonly report: ImportReport; readonly bytes: Uint8Array },
): Promise<void> {
  const { plan, report, bytes } = work;
  const { sitesCreated, machinesCreated, machinesChanged, targetsCreated, targetsChanged, lineCount } =
    report;
  const note = {
    kind: "inventory.imported",
    subject: {},
    details: {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      ...{ lineCount, sitesCreated, machinesCreated, machinesChanged, targetsCreated, targetsChanged },
    },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await insertSites(transaction, plan, stamp);
    await insertNew(transaction, plan, stamp);
    await updateChanged(transaction, plan, stamp);
  });
}

async function insertSites(transaction: Transaction<Tables>, plan: ImportPlan, stamp: Stamp): Promise<void> {
  for (const { id, name, parentId } of plan.sites) {
    const columns = siteColumns({ name, parentId, priority: 3, code: "", notes: "" });
    await transaction
      .insertInto("site")
      .values({ ...freshColumns(id, stamp), ...columns })
      .execute();
  }
}

async function insertNew(transaction: Transaction<Tables>, plan: ImportPlan, stamp: Stamp): Promise<void> {
  // Columns are made batch by batch: between two batches the event loop has its turn.
  const machines = plan.machines.filter((machine) => machine.row === null);
  for (let start = 0; start < machines.length; start += INSERT_ROWS) {
    const batch = machines.slice(start, start + INSERT_ROWS);
    await transaction
      .insertInto("machine")
      .values(batch.map(({ id, fields }) => ({ ...freshColumns(id, stamp), ...machineColumns(fields) })))
      .execute();
  }
  const targets = plan.machines.flatMap((machine) =>
    [...machine.targets.values()]
      .filter((target) => target.row === null)
      .map(({ id, fields }) => ({ id, fields, machineId: machine.id })),
  );
  for (let start = 0; start < targets.length; start += INSERT_ROWS) {
    const batch = targets.slice(start, start + INSERT_ROWS);
    const rows = batch.map(({ id, fields, machineId }) => ({
      ...freshColumns(id, stamp),
      ...targetColumns(machineId, fields),
    }));
    await transaction.insertInto("target").values(rows).execute();
  }
}

async function updateChanged(
  transaction: Transaction<Tables>,
  plan: ImportPlan,
  stamp: Stamp,
): Promise<void> {
  for (const machine of plan.machines) {
    if (machine.row !== null && machine.isChanged) {
      const values = machineColumns(machine.fields);
      await updateObject(transaction, "machine", machine.row, { values, stamp });
    }
    for (const target of machine.targets.values()) {
      if (target.row === null || !target.isChanged) continue;
      const values = targetColumns(machine.id, target.fields);
      await updateObject(transaction, "target", target.row, { values, stamp });
    }
  }
}
