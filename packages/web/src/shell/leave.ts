import { signOut } from "@poterne/contract";
import { call } from "../api/call.ts";

/** Ends the sign-in and leaves: for the federation's own sign-out where there is one, else for the sign-in page. */
export async function leave(): Promise<void> {
  const state = await call(signOut).catch(() => null);
  const elsewhere = state?.state === "nobody" ? state.endSessionUrl : null;
  location.replace(elsewhere ?? "/sign-in");
}
