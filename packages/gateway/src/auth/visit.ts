import type { RequestContext } from "../http/context.ts";
import { DEVICE_COOKIE } from "./remembered-devices.ts";
import { SIGN_IN_COOKIE } from "./sign-in-store.ts";

/** The cookie of a remembered browser as a request brought it, and how to write it anew. */
export interface DeviceCookie {
  readonly token: string | null;
  keep(token: string, maxAgeMs: number): void;
  forget(): void;
}

/**
 * One request of somebody who signs in: the cookie's token of the moment, and where it comes from. A step that changes
 * the token writes the cookie anew.
 */
export class Visit {
  readonly sourceAddress: string;
  readonly userAgent: string;
  readonly #cookie: {
    set(token: string, maxAgeSeconds: number): void;
    clear(): void;
  };
  /** The cookie of a remembered browser. */
  readonly device: DeviceCookie;
  #token: string | null;

  constructor(
    request: { readonly token: string | null; readonly sourceAddress: string; readonly userAgent: string },
    cookie: { set(token: string, maxAgeSeconds: number): void; clear(): void },
    device: DeviceCookie,
  ) {
    this.device = device;
    this.#token = request.token;
    this.sourceAddress = request.sourceAddress;
    this.userAgent = request.userAgent;
    this.#cookie = cookie;
  }

  /** The cookie's token, null when there is none. */
  get token(): string | null {
    return this.#token;
  }

  /** Gives the browser another token for at most so long. */
  keep(token: string, maxAgeMs: number): void {
    this.#token = token;
    this.#cookie.set(token, Math.max(1, Math.ceil(maxAgeMs / 1000)));
  }

  /** Takes the token from the browser. */
  forget(): void {
    this.#token = null;
    this.#cookie.clear();
  }
}

/** The visit of an HTTP request. */
export function visitOf(context: RequestContext): Visit {
  const token = context.cookies[SIGN_IN_COOKIE] ?? null;
  const { sourceAddress, userAgent } = context;
  return new Visit(
    { token, sourceAddress, userAgent },
    {
      set: (value, maxAgeSeconds) => context.setCookie(SIGN_IN_COOKIE, value, maxAgeSeconds),
      clear: () => context.clearCookie(SIGN_IN_COOKIE),
    },
    {
      token: context.cookies[DEVICE_COOKIE] ?? null,
      keep: (value, maxAgeMs) =>
        context.setCookie(DEVICE_COOKIE, value, Math.max(1, Math.ceil(maxAgeMs / 1000))),
      forget: () => context.clearCookie(DEVICE_COOKIE),
    },
  );
}
