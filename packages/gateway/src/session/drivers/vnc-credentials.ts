import { Failure } from "@poterne/contract";
import type { DriverHop, DriverHost } from "../driver.ts";

/**
 * Name and password for a VNC server: the account's, or asked of the person. Rejects with the Failure
 * `question-unanswered` when nobody answers.
 */
export async function askVncCredentials(
  hop: DriverHop,
  host: DriverHost,
  needsUsername: boolean,
): Promise<{ readonly username: string; readonly password: string }> {
  const { credentials } = hop;
  if (credentials.kind === "password") return credentials;
  const username = credentials.kind === "ask" ? credentials.username : null;
  const asksUsername = needsUsername && (username === null || username === "");
  const answers = await host.ask({
    kind: "credentials",
    details: { target: hop.name, ...(username === null ? {} : { username }) },
    fields: [
      ...(asksUsername ? [{ prompt: "username", echo: true }] : []),
      { prompt: "password", echo: false },
    ],
  });
  if (answers === null) throw new Failure("question-unanswered");
  return {
    username: asksUsername ? (answers[0] ?? "") : (username ?? ""),
    password: answers.at(-1) ?? "",
  };
}
