import type { TargetRecord } from "../access/access.ts";

/** How an account "as me" is written on a target: `{login}` must be there, `{realm}` may be. */
export const OWN_NAME_LOGIN = "{login}";
const OWN_NAME_REALM = "{realm}";

/** Whether a text says how the person's own name is written; empty is the target's usual way. */
export function isOwnNamePattern(text: string): boolean {
  return text === "" || text.includes(OWN_NAME_LOGIN);
}

/**
 * The person's own name as a target takes it. Without a pattern: with the realm for Remote Desktop and where the target's
 * options ask for tickets, else alone, as Unix machines, VNC servers and switches know people.
 */
export function ownNameOn(
  target: Pick<TargetRecord, "protocol" | "options">,
  pattern: string,
  own: { readonly login: string; readonly realm: string | null },
): string {
  const { login, realm } = own;
  if (pattern !== "")
    return pattern.replaceAll(OWN_NAME_LOGIN, login).replaceAll(OWN_NAME_REALM, realm ?? "");
  const usesTickets = target.protocol === "rdp" || (target.options.kerberos ?? "no") !== "no";
  return realm === null || !usesTickets ? login : `${login}@${realm}`;
}
