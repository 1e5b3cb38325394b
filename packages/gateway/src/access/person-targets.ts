import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";

/** Favourites of one person. */
export const MAX_FAVOURITES = 500;

/** Marks of one person read at once: favourites and what was opened last. */
const MAX_MARKS = 2000;

/** A person's marks by target. */
export type Marks = ReadonlyMap<
  string,
  { readonly isFavourite: boolean; readonly lastOpenedAtMs: number | null }
>;

/** A person's favourites and the targets it opened, the latest ones. */
export async function readMarks(store: Store, personId: string): Promise<Marks> {
  const rows = await store.db
    .selectFrom("person_target")
    .select(["target_id", "is_favourite", "last_opened_at_ms"])
    .where("person_id", "=", personId)
    .orderBy("is_favourite", "desc")
    .orderBy("last_opened_at_ms", "desc")
    .limit(MAX_MARKS)
    .execute();
  return new Map(
    rows.map((row) => [
      row.target_id,
      { isFavourite: row.is_favourite !== 0, lastOpenedAtMs: row.last_opened_at_ms },
    ]),
  );
}

/** Sets or removes a favourite. */
export async function writeFavourite(
  store: Store,
  mark: { readonly personId: string; readonly targetId: string; readonly isFavourite: boolean },
): Promise<void> {
  await writeMark(store, mark, { is_favourite: mark.isFavourite ? 1 : 0 });
}

/** Remembers that a person opened a target, for *recent*; called when a session has opened. */
export async function noteOpened(
  store: Store,
  opened: { readonly personId: string; readonly targetId: string; readonly atMs: number },
): Promise<void> {
  await writeMark(store, opened, { last_opened_at_ms: opened.atMs });
}

async function writeMark(
  store: Store,
  of: { readonly personId: string; readonly targetId: string },
  values: { readonly is_favourite?: number; readonly last_opened_at_ms?: number },
): Promise<void> {
  const key = { person_id: of.personId, target_id: of.targetId };
  const update = () =>
    store.db
      .updateTable("person_target")
      .set(values)
      .where("person_id", "=", key.person_id)
      .where("target_id", "=", key.target_id)
      .executeTakeFirst();
  if ((await update()).numUpdatedRows > 0n) return;
  try {
    await store.db
      .insertInto("person_target")
      .values({ ...key, is_favourite: 0, last_opened_at_ms: null, ...values })
      .execute();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await update();
  }
}
