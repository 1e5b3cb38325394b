import type { Caller } from "./context.ts";

/** Turns a request's cookies or bearer token into a caller; the http layer asks it once per request. */
export interface Authenticator {
  /**
   * The caller, null when nobody is signed in or the session or token has ended. Checks the CSRF token (header
   * `x-poterne-csrf` against the sign-in session) when the method is not GET and the caller came by cookie:
   * throws the Failure `wrong-origin`. Checks a token's scopes and source addresses.
   */
  authenticate(request: {
    readonly method: string;
    readonly cookies: Readonly<Record<string, string>>;
    readonly authorization: string | null;
    readonly csrfToken: string | null;
    readonly sourceAddress: string;
  }): Promise<Caller | null>;
  /** Sites where a caller holds a right by role and delegated subtree, null for everywhere, empty for nowhere. */
  sitesWith(caller: Caller, right: import("@poterne/contract").Right): Promise<readonly string[] | null>;
  /** Whether the caller gave a factor so recently that dangerous acts need no confirmation; never for a token. */
  isFactorFresh(caller: Caller): boolean;
}
