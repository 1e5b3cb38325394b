import { Failure, RIGHTS, type Route } from "@poterne/contract";
import type { z } from "zod";
import type { Caller, RequestContext } from "./context.ts";
import type { Handler } from "./handlers.ts";

/** Calls routes from inside the process with every right, as the API would: same validation, same journal. */
export class InternalCaller {
  readonly #handlers: readonly Handler[];
  readonly #caller: Caller;

  constructor(handlers: readonly Handler[], person: { readonly personId: string; readonly name: string }) {
    this.#handlers = handlers;
    this.#caller = {
      ...person,
      roles: ["administrator", "user"],
      administeredSiteIds: null,
      by: { kind: "token", tokenId: person.personId },
      isPending: false,
    };
  }

  async call<R extends Route>(
    route: R,
    input: {
      readonly params?: z.input<R["params"]>;
      readonly query?: z.input<R["query"]>;
      readonly body?: z.input<R["body"]>;
    },
  ): Promise<z.infer<R["reply"]>> {
    const handler = this.#handlers.find((candidate) => candidate.route === route);
    if (handler === undefined) throw new Error(`no handler for ${route.path}`);
    const parsed = {
      params: route.params.parse(input.params ?? {}),
      query: route.query.parse(input.query ?? {}),
      body: route.body.parse(input.body ?? {}),
    };
    return route.reply.parse(await handler.run(parsed, makeInternalContext(this.#caller))) as z.infer<
      R["reply"]
    >;
  }
}

function makeInternalContext(caller: Caller): RequestContext {
  const refuse = () => {
    throw new Failure("bad-request", { detail: "not over HTTP" });
  };
  return {
    caller,
    sourceAddress: "",
    userAgent: "",
    language: "fr",
    person: () => caller,
    requireAt: async (right) => {
      if (!RIGHTS.includes(right)) throw new Failure("not-allowed");
    },
    sitesWith: async () => null,
    setHeader: refuse,
    setStatus: refuse,
    range: null,
    rawBody: null,
    signal: new AbortController().signal,
    setCookie: refuse,
    clearCookie: refuse,
    cookies: {},
  };
}
