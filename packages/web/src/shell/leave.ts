import { signOut } from "@poterne/contract";
import { call } from "../api/call.ts";

/** Ends the sign-in and leaves for the sign-in page, also when the gateway does not answer. */
export async function leave(): Promise<void> {
  await call(signOut).catch(() => null);
  location.replace("/sign-in");
}
