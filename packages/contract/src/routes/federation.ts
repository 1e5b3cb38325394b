import { z } from "zod";
import { defineRoute } from "../route.ts";
import { signInState } from "./sign-in.ts";

// Apart from the administration of providers, whose schemas the sign-in page does not need.
const none = z.object({});
const onFederation = { scope: "none", params: none, query: none } as const;

/** Begins a sign-in at a federation: the page goes to `url`. Fails with `federation-refused`. */
export const beginFederation = defineRoute({
  ...onFederation,
  method: "POST",
  path: "/api/v1/sign-in/federation",
  summary: "Begin a sign-in at a federation",
  right: "public",
  body: z.strictObject({ providerId: z.uuid() }),
  reply: z.object({ url: z.string() }),
});

/** Longest answer of a federation that is looked at, characters. */
export const MAX_FEDERATION_ANSWER = 8192;

/**
 * Ends it: `answer` is the query the federation sent the browser back with. The cookie set by `beginFederation` must be
 * the browser's. Any flaw is the one refusal `federation-refused`; the journal says which.
 */
export const endFederation = defineRoute({
  ...onFederation,
  method: "POST",
  path: "/api/v1/sign-in/federation/answer",
  summary: "Sign in with a federation's answer",
  right: "public",
  body: z.strictObject({ answer: z.string().max(MAX_FEDERATION_ANSWER) }),
  reply: signInState,
});
