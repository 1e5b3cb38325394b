import type { Route } from "@poterne/contract";
import type { z } from "zod";
import type { RequestContext } from "./context.ts";

/** What a handler is called with: the parsed and validated parts of the request. */
export interface HandlerInput<R extends Route> {
  readonly params: z.infer<R["params"]>;
  readonly query: z.infer<R["query"]>;
  readonly body: z.infer<R["body"]>;
}

/** A route with the function that answers it. */
export interface Handler {
  readonly route: Route;
  readonly run: (
    input: { params: unknown; query: unknown; body: unknown },
    context: RequestContext,
  ) => Promise<unknown>;
}

/** Binds a function to a route; the types of both must agree. Each noun exports a function that returns its handlers. */
export function handle<R extends Route>(
  route: R,
  run: (
    input: HandlerInput<R>,
    context: RequestContext,
  ) => Promise<z.input<R["reply"]> | AsyncIterable<Uint8Array>>,
): Handler {
  return { route, run: run as Handler["run"] };
}
