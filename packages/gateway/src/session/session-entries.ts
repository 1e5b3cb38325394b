import type { AccountRecord } from "../access/access.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { OpenRequest } from "./broker-dependencies.ts";
import type { SessionFacts } from "./hub-facts.ts";

/** An opening as it is journaled. */
export interface OpenedSession {
  readonly facts: SessionFacts;
  readonly account: AccountRecord;
  /** The person's own password that goes with it, null for an account that has its own. */
  readonly own: Pick<OwnSecret, "login" | "realm"> | null;
  /** The rule that asked for a factor just before. */
  readonly ruleName: string | undefined;
}

/** A line of the journal about a session. */
export function sessionEntry(
  facts: SessionFacts,
  { sourceAddress }: Pick<OpenRequest, "sourceAddress">,
  line: Pick<JournalEntry, "kind" | "level" | "details">,
): JournalEntry {
  return {
    ...line,
    actor: { personId: facts.personId, name: facts.personName },
    sourceAddress,
    subject: {
      personId: facts.personId,
      targetId: facts.targetId,
      siteId: facts.siteId,
      sessionId: facts.sessionId,
    },
    details: { target: facts.targetName, machine: facts.machineName, ...line.details },
  };
}

/** Journals an opening, and that the person's own password goes with it. Fails when the journal does. */
export async function journalOpened(
  journal: Pick<Journal, "append">,
  request: OpenRequest,
  { facts, account, own, ruleName }: OpenedSession,
): Promise<void> {
  const details = {
    grantId: facts.lease.grantId,
    reason: request.reason,
    ticket: request.ticketNumber,
    account: account.name,
    protocol: facts.protocol,
    ...(ruleName === undefined ? {} : { factorRule: ruleName }),
  };
  await journal.append(sessionEntry(facts, request, { kind: "session.opened", level: "info", details }));
  if (own === null) return;
  const used = { account: account.name, login: own.login, realm: own.realm };
  await journal.append(
    sessionEntry(facts, request, { kind: "own-password.used", level: "info", details: used }),
  );
}
