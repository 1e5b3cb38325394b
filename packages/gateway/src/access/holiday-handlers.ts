import { Failure, type Holiday, listHolidays, proposeHolidays, setHolidays } from "@poterne/contract";
import { applyChange } from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { frenchHolidays } from "./french-holidays.ts";

/** Rows inserted at once. */
const INSERT_ROWS = 200;

/** Handlers of the public holidays that policies with hours look at. */
export function holidayHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listHolidays, () => list(dependencies)),
    handle(proposeHolidays, async ({ params }) => ({ items: [...frenchHolidays(params.year)] })),
    handle(setHolidays, ({ body }, context) => replace(dependencies, body.items, context)),
  ];
}

async function list({ store }: AccessNounDependencies): Promise<{ items: Holiday[] }> {
  return { items: await store.db.selectFrom("holiday").select(["day", "name"]).orderBy("day").execute() };
}

async function replace(
  dependencies: AccessNounDependencies,
  items: readonly Holiday[],
  context: RequestContext,
): Promise<{ items: Holiday[] }> {
  // The list is the whole organisation's.
  await context.requireAt("access:write", null);
  const days = new Set(items.map(({ day }) => day));
  if (days.size !== items.length) throw new Failure("bad-request", { detail: "a day stands twice" });
  const before = new Set((await list(dependencies)).items.map(({ day }) => day));
  const added = [...days].filter((day) => !before.has(day));
  const removed = [...before].filter((day) => !days.has(day));
  const note = {
    kind: "holidays.changed",
    subject: {},
    details: {
      count: items.length,
      added: added.join(", ").slice(0, 1000),
      removed: removed.join(", ").slice(0, 1000),
    },
  };
  await applyChange(dependencies, context, note, async (transaction) => {
    await transaction.deleteFrom("holiday").execute();
    for (let start = 0; start < items.length; start += INSERT_ROWS) {
      const rows = items.slice(start, start + INSERT_ROWS).map(({ day, name }) => ({ day, name }));
      await transaction.insertInto("holiday").values(rows).execute();
    }
  });
  return list(dependencies);
}
