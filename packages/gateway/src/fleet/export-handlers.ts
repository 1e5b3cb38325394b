import { exportMachines } from "@poterne/contract";
import { inPages } from "../access/object-names.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import type { NounDependencies } from "./changes.ts";
import { formatRecord, type Separator } from "./csv.ts";
import type { MachineTableRow, TargetTableRow } from "./fleet-tables.ts";
import { COLUMNS, FACT_PREFIX, joinPath } from "./import-columns.ts";
import { type MachineFilter, selectMachines, toMachineFields } from "./machine-rows.ts";
import { visibleSites } from "./scope.ts";
import type { SiteTree } from "./site-tree.ts";
import { toTargetFields } from "./target-rows.ts";

/** Machines read at once. */
const PAGE_ROWS = 500;

/** Fact columns written; a machine has 40 at most, all together may have more names than a sheet should. */
const MAX_FACT_COLUMNS = 60;

/** The handler of the export. */
export function exportHandlers(dependencies: NounDependencies): Handler[] {
  return [handle(exportMachines, ({ query }, context) => runExport(dependencies, query, context))];
}

async function runExport(
  dependencies: NounDependencies,
  query: HandlerInput<typeof exportMachines>["query"],
  context: RequestContext,
): Promise<AsyncIterable<Uint8Array>> {
  const { tree } = await dependencies.facts.current();
  const siteIds = await visibleSites(context, "inventory:read", { tree, underSiteId: query.siteId });
  const filter: MachineFilter = {
    siteIds: siteIds?.length === 0 ? [""] : siteIds,
    search: query.search,
    protocol: query.protocol,
    isDisabled: query.isDisabled,
    isDeleted: false,
  };
  const facts = await factColumns(dependencies, filter);
  context.setHeader("content-disposition", 'attachment; filename="machines.csv"');
  return writeFile(dependencies, { filter, facts, separator: query.separator, tree });
}

interface Export {
  readonly filter: MachineFilter;
  readonly facts: readonly string[];
  readonly separator: Separator;
  readonly tree: SiteTree;
}

async function* writeFile(dependencies: NounDependencies, work: Export): AsyncGenerator<Uint8Array> {
  const { separator } = work;
  const header = [...COLUMNS, ...work.facts.map((fact) => FACT_PREFIX + fact)];
  // The mark tells spreadsheets that it is UTF-8.
  yield Buffer.from(`\ufeff${formatRecord(header, separator)}`);
  for await (const machines of pagesOf(dependencies, work.filter)) {
    const targets = await inPages(
      machines.map((machine) => machine.id),
      (some) =>
        dependencies.store.db
          .selectFrom("target")
          .selectAll()
          .where("machine_id", "in", some)
          .where("deleted_at_ms", "is", null)
          .orderBy("folded_name")
          .execute(),
    );
    let text = "";
    for (const machine of machines) {
      const own = targets.filter((target) => target.machine_id === machine.id);
      for (const target of own.length > 0 ? own : [null]) {
        text += formatRecord(toCells(work, machine, target), separator);
      }
    }
    yield Buffer.from(text);
  }
}

function toCells(work: Export, machine: MachineTableRow, target: TargetTableRow | null): string[] {
  const fields = toMachineFields(machine);
  const way = target === null ? null : toTargetFields(target);
  return [
    joinPath(work.tree.pathOf(fields.siteId)),
    fields.name,
    fields.addresses.join(" "),
    fields.isDisabled ? "yes" : "no",
    fields.kerberosName,
    fields.notes,
    way?.name ?? "",
    way?.protocol ?? "",
    way === null ? "" : String(way.port),
    way?.address ?? "",
    way === null ? "" : way.isDisabled ? "yes" : "no",
    way === null ? "" : JSON.stringify(way.options),
    ...work.facts.map((fact) => fields.facts[fact] ?? ""),
  ];
}

async function factColumns(
  dependencies: NounDependencies,
  filter: MachineFilter,
): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const machines of pagesOf(dependencies, filter)) {
    for (const machine of machines) {
      for (const name of Object.keys(toMachineFields(machine).facts)) names.add(name);
    }
  }
  return [...names].sort().slice(0, MAX_FACT_COLUMNS);
}

async function* pagesOf(
  { store }: NounDependencies,
  filter: MachineFilter,
): AsyncGenerator<readonly MachineTableRow[]> {
  const { rows: matching } = await selectMachines(store, filter);
  let after = { folded_name: "", id: "" };
  for (;;) {
    const rows = await matching
      .selectAll("machine")
      .where((where) =>
        where.or([
          where("machine.folded_name", ">", after.folded_name),
          where.and([
            where("machine.folded_name", "=", after.folded_name),
            where("machine.id", ">", after.id),
          ]),
        ]),
      )
      .orderBy("machine.folded_name")
      .orderBy("machine.id")
      .limit(PAGE_ROWS)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = last;
  }
}
