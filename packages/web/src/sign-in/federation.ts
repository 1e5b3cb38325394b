import { beginFederation } from "@poterne/contract";
import { call } from "../api/call.ts";

/** Where the page asked for is kept while the browser is away at a federation. */
const RETURN_KEY = "poterne-return";

/** The query a federation sent the browser back with, null when it did not. */
export function federationAnswer(search: string): string | null {
  const query = new URLSearchParams(search);
  const isAnswer = query.has("state") && (query.has("code") || query.has("error"));
  return isAnswer ? search.slice(1) : null;
}

/** Takes a federation's answer out of the address bar, which shows again where the person was going. */
export function takeFederationAnswer(): string | null {
  const answer = federationAnswer(location.search);
  if (answer === null) return null;
  history.replaceState(null, "", `/sign-in${readReturn()}`);
  return answer;
}

/** Leaves for a federation; the page asked for is kept in this tab. */
export async function goToFederation(providerId: string): Promise<null> {
  const { url } = await call(beginFederation, { body: { providerId } });
  try {
    sessionStorage.setItem(RETURN_KEY, location.search);
  } catch {
    // Without storage the person comes back to the first page.
  }
  location.assign(url);
  return null;
}

function readReturn(): string {
  try {
    const search = sessionStorage.getItem(RETURN_KEY) ?? "";
    sessionStorage.removeItem(RETURN_KEY);
    return federationAnswer(search) === null && /^(\?|$)/.test(search) ? search : "";
  } catch {
    return "";
  }
}
