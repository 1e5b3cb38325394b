import { z } from "zod";

/** Schemas that the routes of sites, machines, accounts, policies and grants share. Not re-exported. */

export const none = z.object({});

/** Rows of one page of a list. */
const MAX_PAGE = 200;

/** Query of every list: page size, the cursor of the previous page, words to search for. */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  cursor: z.string().max(400).optional(),
  /** Words that must all occur, whatever their case and accents. */
  search: z.string().trim().max(200).optional(),
};

/** A yes or no in a query. */
export const queryFlag = z.enum(["true", "false"]).transform((text) => text === "true");

/** One page of a list. `total` counts what the filters match, not only this page. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.number() });
}

/** One line of text without control characters. */
export function line(maxLength: number) {
  return z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, "no control characters")
    .max(maxLength);
}

/** The name of a thing: one line, not empty. */
export const name = line(120).min(1);

/** Free text of several lines. */
export const notes = z
  .string()
  .trim()
  .max(4000)
  .refine((text) => !text.includes("\u0000"), "no NUL character");

/** The version of the object that the person saw; another one by now answers `conflict`. */
export const version = z.int().min(1);

/** Unix milliseconds. */
export const timeMs = z.int().min(0).max(8_640_000_000_000_000);

/** What every object of the inventory tells of itself. */
export const objectFields = {
  version: z.number(),
  createdAtMs: z.number(),
  changedAtMs: z.number(),
  /** When it was deleted; it can be restored for 30 days. Null while it lives. */
  deletedAtMs: z.number().nullable(),
};

/** A host name, IPv4 or IPv6 address to connect to. */
export const address = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9._:%-]+$/, "a host name or an IP address");
