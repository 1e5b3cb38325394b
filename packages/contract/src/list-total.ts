import { z } from "zod";

/** How many rows of a long list `total` counts at most: beyond it counting would take longer than reading the page. */
export const MAX_LIST_COUNT = 10_000;

/** How a long list tells its length: what the filters match, up to `MAX_LIST_COUNT`. */
export const listTotal = {
  total: z.int().min(0),
  /** False where more match than `total`. */
  isTotalExact: z.boolean(),
};
