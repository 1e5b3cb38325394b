import { Failure, getMail, testMail } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Journal } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";
import { mailFails, mailIsFine, mailIsOff, mailTested, testLetter } from "./mail-checks.ts";
import type { Post } from "./post.ts";
import { type MailSettings, sendMail, tryServer } from "./smtp.ts";

/** Letters shown, the newest first. */
const MAX_ROWS = 100;

/** What the handlers of mail work with. */
export interface MailDependencies {
  readonly store: Store;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly post: Post;
  readonly mail: MailSettings;
  readonly organisation: string;
}

/** Handlers of the page of mail. */
export function mailHandlers(dependencies: MailDependencies): Handler[] {
  const { store, mail, post } = dependencies;
  return [
    handle(getMail, async () => {
      const rows = await store.db
        .selectFrom("mail")
        .innerJoin("person", "person.id", "mail.person_id")
        .select(["mail.id", "mail.kind", "mail.state", "mail.attempts", "mail.last_error"])
        .select(["mail.created_at_ms", "mail.ended_at_ms", "mail.next_at_ms", "person.name"])
        .orderBy("mail.id", "desc")
        .limit(MAX_ROWS)
        .execute();
      const { host, port, security, sender, user } = mail;
      return {
        server: host === "" ? null : { host, port, security, sender, user },
        trouble: post.trouble === null ? null : mailFails(mail, post.trouble),
        letters: rows.map((row) => ({
          mailId: row.id,
          kind: row.kind,
          personName: row.name,
          state: row.state,
          attempts: row.attempts,
          lastError: row.last_error,
          createdAtMs: row.created_at_ms,
          endedAtMs: row.ended_at_ms,
          nextAtMs: row.state === "waiting" ? row.next_at_ms : null,
        })),
      };
    }),
    handle(testMail, async (_, context) => {
      const caller = context.person();
      const person = await store.db
        .selectFrom("person")
        .select("email")
        .where("id", "=", caller.personId)
        .executeTakeFirst();
      const address = person?.email ?? "";
      if (mail.host !== "" && address === "") throw new Failure("mail-no-address");
      if (mail.host === "") return { checks: [mailIsOff] };
      const trouble = await tryServer(mail);
      const letter = testLetter(address, dependencies.organisation);
      const checks =
        trouble !== null
          ? [mailFails(mail, trouble)]
          : [mailIsFine(mail), mailTested(mail, await sendMail(mail, letter), address)];
      await dependencies.journal.append({
        kind: "mail.tested",
        level: "info",
        actor: { personId: caller.personId, name: caller.name },
        sourceAddress: context.sourceAddress,
        subject: {},
        details: { isSent: checks.every(({ state }) => state !== "failed") },
      });
      return { checks };
    }),
  ];
}
