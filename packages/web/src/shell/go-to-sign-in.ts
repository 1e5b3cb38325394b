import { RETURN_PARAMETER } from "../sign-in/return-address.ts";

/** Leaves for the sign-in page, remembering where the person was. */
export function goToSignIn(): void {
  const here = location.pathname + location.search;
  location.replace(here === "/" ? "/sign-in" : `/sign-in?${RETURN_PARAMETER}=${encodeURIComponent(here)}`);
}
