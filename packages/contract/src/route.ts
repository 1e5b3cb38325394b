import type { z } from "zod";
import type { Right } from "./rights.ts";

/** HTTP methods of the API. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * One route of the API, the single source for the server, the browser's client, the OpenAPI document and the
 * route × role test. Everything the pages do goes through such a route.
 */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** Path with `:name` parameters, starting with `/api/v1/`. */
  readonly path: string;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  /**
   * The right the caller needs. `public`: nobody need be signed in. `signed-in`: any person fully signed in.
   * `pending`: a person in mid-sign-in (password given, factor or charter or enrolment still due) as well.
   */
  readonly right: Right | "public" | "signed-in" | "pending";
  /** On a `signed-in` route: the scope an API token must have; without it tokens are refused there. */
  readonly tokenRight?: Right;
  /** Refuse API tokens and demand that the person proved a factor within the last minutes. */
  readonly needsFreshFactor?: boolean;
  /**
   * How the right is scoped: by the object's site (the handler calls `context.requireAt`), by ownership (only one's own
   * objects), or not at all. The test of routes × roles × someone else's object reads this.
   */
  readonly scope: "none" | "site" | "own";
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The reply's schema, or a media type for streams (`text/csv`, `application/octet-stream`). */
  readonly reply: Reply;
  readonly replyMediaType?: string;
  /** Body is a raw stream (uploads), not JSON. */
  readonly isRawBody?: boolean;
  /** On an `isRawBody` route: the media types it takes, the one to prefer first. */
  readonly bodyMediaTypes?: readonly string[];
  /** Largest JSON body, 1 MiB when left out. */
  readonly maxBodyBytes?: number;
}

/** Declares a route; parts left out take nothing. */
export function defineRoute<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
>(route: Route<Params, Query, Body, Reply>): Route<Params, Query, Body, Reply> {
  return route;
}
