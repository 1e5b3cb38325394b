import { Failure } from "@poterne/contract";
import type { Credentials } from "@poterne/rdp";
import type { DriverHop, DriverHost } from "../../driver.ts";

/**
 * A log-in's parts: `DOMAIN\user` names the domain, `user@domain` goes as it is (the server's directory finds the
 * domain), a plain name takes the target's.
 */
export function splitLogin(
  login: string,
  targetDomain: string,
): { readonly domain: string; readonly username: string } {
  const at = login.indexOf("\\");
  if (at >= 0) return { domain: login.slice(0, at), username: login.slice(at + 1) };
  return { domain: login.includes("@") ? "" : targetDomain, username: login };
}

/**
 * Who signs in: the account's name and password, or asked of the person. Rejects with the Failure
 * `question-unanswered` when nobody answers.
 */
export async function findCredentials(
  hop: DriverHop,
  host: Pick<DriverHost, "ask">,
  targetDomain: string,
): Promise<Credentials> {
  const { credentials } = hop;
  const known = credentials.kind === "ssh-key" ? null : credentials.username;
  const login = known === null || known === "" ? null : known;
  if (credentials.kind === "password" && login !== null)
    return { ...splitLogin(login, targetDomain), password: credentials.password };
  const needsPassword = credentials.kind !== "password";
  const answers = await host.ask({
    kind: "credentials",
    details: { target: hop.name, ...(login === null ? {} : { username: login }) },
    fields: [
      ...(login === null ? [{ prompt: "username", echo: true }] : []),
      ...(needsPassword ? [{ prompt: "password", echo: false }] : []),
    ],
  });
  if (answers === null) throw new Failure("question-unanswered");
  const password = credentials.kind === "password" ? credentials.password : (answers.at(-1) ?? "");
  return { ...splitLogin(login ?? answers[0] ?? "", targetDomain), password };
}
