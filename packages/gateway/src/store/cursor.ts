import { Failure } from "@poterne/contract";

/** Longest cursor accepted, in characters. */
const MAX_CURSOR = 400;

/** Makes a list's cursor from the sort key and id of the page's last row. */
function encodeCursor(key: string | number, id: string): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

/** Reads a cursor back; throws `bad-request` for anything that `encodeCursor` did not make. */
export function decodeCursor<Kind extends "text" | "number">(
  cursor: string,
  kind: Kind,
): { readonly key: Kind extends "text" ? string : number; readonly id: string } {
  const parsed = cursor.length <= MAX_CURSOR ? parse(cursor) : null;
  const expected = kind === "text" ? "string" : "number";
  if (!Array.isArray(parsed) || parsed.length !== 2) throw new Failure("bad-request", { detail: "cursor" });
  const [key, id] = parsed as [unknown, unknown];
  if (typeof key !== expected || typeof id !== "string")
    throw new Failure("bad-request", { detail: "cursor" });
  return { key: key as Kind extends "text" ? string : number, id };
}

/** Cuts the one row read beyond the page and makes the cursor of the next page from the last row kept. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly [string | number, string],
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { page, nextCursor: null };
  return { page, nextCursor: encodeCursor(...keyOf(last)) };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
