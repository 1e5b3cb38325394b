import { Failure } from "@poterne/contract";
import type { Caller, RequestContext } from "../http/context.ts";

/** The caller by a browser's sign-in. A script's token cannot touch its owner's own settings: `not-allowed`. */
export function requireBrowser(context: RequestContext): Caller & { readonly signInId: string } {
  const caller = context.person();
  if (caller.by.kind !== "sign-in") throw new Failure("not-allowed");
  return { ...caller, signInId: caller.by.signInId };
}
