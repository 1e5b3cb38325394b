/** Name of the query parameter that says where a person was going. */
export const RETURN_PARAMETER = "to";

/** Where to go after sign-in: a page of our own only, the first page otherwise. */
export function returnAddress(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get(RETURN_PARAMETER) ?? "/";
  if (!wanted.startsWith("/") || wanted.startsWith("/sign-in")) return "/";
  const url = new URL(wanted, origin);
  return url.origin === origin ? url.pathname + url.search : "/";
}
