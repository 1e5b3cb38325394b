const KEY = "poterne-screens";

/** Whether this page had further windows before it was loaded again. */
export function hadWindows(sessionId: string): boolean {
  return sessionStorage.getItem(KEY) === sessionId;
}

/** Remembers for the next load whether there are any. */
export function rememberWindows(sessionId: string, count: number): void {
  if (count > 0) sessionStorage.setItem(KEY, sessionId);
  else sessionStorage.removeItem(KEY);
}
