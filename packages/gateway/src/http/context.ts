import type { Right, Role } from "@poterne/contract";

/** Who calls, once authenticated. */
export interface Caller {
  readonly personId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Where the administrator's role holds: site ids of the subtree's roots, null for everywhere. */
  readonly administeredSiteIds: readonly string[] | null;
  /** A sign-in session of the browser, or a script's token. */
  readonly by:
    | { readonly kind: "sign-in"; readonly signInId: string; readonly factorAtMs: number }
    | { readonly kind: "token"; readonly tokenId: string };
  /** Password given, but a factor, the charter or enrolment is still due: only `pending` routes answer. */
  readonly isPending: boolean;
  /** An outside person outside the slot of a vendor pass: only `public` and `pending` routes answer. */
  readonly isClosed?: boolean;
  /** The language of the person's profile; absent before there is one. */
  readonly language?: "fr" | "en";
}

/** What a handler gets beside its parsed parameters, query and body. */
export interface RequestContext {
  /** Null only on `public` routes. */
  readonly caller: Caller | null;
  readonly sourceAddress: string;
  readonly userAgent: string;
  /** The person's language, from its profile or Accept-Language. */
  readonly language: "fr" | "en";
  /** The caller; throws the Failure `not-signed-in` when there is none. */
  person(): Caller;
  /** Throws `not-found` unless the caller holds `right` at this site (null: everywhere). Use for every object with a site. */
  requireAt(right: Right, siteId: string | null): Promise<void>;
  /** Site ids where the caller holds `right`, null for everywhere: the filter of every list. */
  sitesWith(right: Right): Promise<readonly string[] | null>;
  /** For a `replyMediaType` route: reply headers; the handler then returns a stream or buffer. */
  setHeader(name: string, value: string): void;
  /** For a `replyMediaType` route: another status than 200, such as 206 for a part of a file. */
  setStatus(status: number): void;
  /** The `Range` header as it came, null without one. */
  readonly range: string | null;
  /** The raw body of an `isRawBody` route. */
  readonly rawBody: AsyncIterable<Uint8Array> | null;
  /** The `Authorization` header as it came, for sign-in by ticket; null or absent without one. */
  readonly authorization?: string | null;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  setCookie(name: string, value: string, maxAgeSeconds: number): void;
  clearCookie(name: string): void;
  readonly cookies: Readonly<Record<string, string>>;
}
