declare module "poterne-errors:fr" {
  /** What happened and what to do next, by code of the error catalogue: all codes, in French. */
  export const errors: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}

declare module "poterne-errors:fr-entry" {
  /** What happened and what to do next, by code of the error catalogue: the codes of signing in, in French. */
  export const errors: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}

declare module "poterne-errors:en" {
  /** What happened and what to do next, by code of the error catalogue: all codes, in English. */
  export const errors: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}

declare module "poterne-errors:en-entry" {
  /** What happened and what to do next, by code of the error catalogue: the codes of signing in, in English. */
  export const errors: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}
