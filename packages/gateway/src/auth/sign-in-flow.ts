import { type confirmFactor, Failure, type PasskeyAnswer, type SignInState } from "@poterne/contract";
import type { z } from "zod";
import type { SignInOutcome } from "../identity/identity-sign-in.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { loginKey, type Person } from "../people/people-store.ts";
import { UNKNOWN_ACTOR } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import { QuestionLimit } from "./question-limit.ts";
import { checkGuarded, type GuardedAttempt } from "./sign-in-guard.ts";
import type { SignInStates } from "./sign-in-states.ts";
import type { Visit } from "./visit.ts";

/** A second factor as somebody gives it. */
export type FactorProof = z.infer<(typeof confirmFactor)["body"]>;

/** Profile of the first administrator, given with the first password. */
export interface FirstProfile {
  readonly login?: string | undefined;
  readonly name?: string | undefined;
  readonly language?: "fr" | "en" | undefined;
}

/** Somebody who failed, for the journal. */
interface FailedAttempt {
  readonly person: Person | null;
  readonly method: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** The steps of signing in. Each checks what it was given, journals it and replies the new state. */
export class SignInFlow {
  readonly #parts: AuthParts;
  readonly #states: SignInStates;
  readonly #questions: QuestionLimit;

  constructor(parts: AuthParts, states: SignInStates) {
    this.#parts = parts;
    this.#states = states;
    this.#questions = new QuestionLimit(parts.environment);
  }

  /**
   * Name and password, from nobody or in the step that asks the password. Unknown, wrong and disabled are one refusal;
   * after a right password only, somebody is told that their directory bars them.
   */
  async password(visit: Visit, typed: { login: string; password: string }): Promise<SignInState> {
    const { guard, passwords, signIns, environment, settings, factors, identity } = this.#parts;
    const key = await identity.attemptKey(typed.login);
    const attempt = await guard.attemptLogin(key, visit.sourceAddress);
    const outcome = await identity.prove(typed, visit.sourceAddress).catch(async (error: unknown) => {
      await attempt.withdraw();
      throw error;
    });
    const open = await this.#states.open(visit);
    if (outcome.result !== "in") return this.#refusePassword(visit, attempt, outcome);
    const { person, providerName } = outcome;
    if (open?.step === "password" && open.row.person_id !== person.id) {
      await this.#fail(visit, attempt, { person, method: "password" });
      throw new Failure("sign-in-refused");
    }
    await attempt.succeed();
    if (providerName === null) await passwords.refresh(person, typed.password);
    const progress = { password_at_ms: environment.now() };
    if (open?.step === "password") {
      const state = await this.#states.advance(visit, open.row, progress, "password");
      return this.#keepOwn(visit, outcome, { typed, state });
    }
    const hasDevice = (await factors.devices(person.id)).length > 0;
    if (!hasDevice && person.needs_link === 1 && settings().isFactorRequired) {
      await this.#write(visit, person, {
        kind: "sign-in.failed",
        level: "notice",
        details: { method: "password", reason: "enrolment link needed" },
      });
      if (open !== null) await signIns.end(open.row.id);
      throw new Failure("enrolment-link-needed");
    }
    const start = { person_id: person.id, link_kind: "" as const, link_id: null, ...progress };
    const state = await this.#states.begin(visit, start, "password");
    return this.#keepOwn(visit, outcome, { typed, state });
  }

  /** A directory's password stays under the sign-in for accounts "as me", where there are any. */
  async #keepOwn(
    visit: Visit,
    { person, providerName }: Extract<SignInOutcome, { result: "in" }>,
    { typed, state }: { readonly typed: { readonly password: string }; readonly state: SignInState },
  ): Promise<SignInState> {
    const { token, sourceAddress } = visit;
    const row = providerName === null ? null : await this.#parts.signIns.find(token);
    if (row === null || token === null) return state;
    const hand = { signInId: row.id, token, person, sourceAddress };
    await this.#parts.ownPasswords.keepTyped(hand, typed.password);
    return state;
  }

  /** A one-time link's token. Unknown, used and expired are one refusal. */
  async link(visit: Visit, token: string): Promise<SignInState> {
    const { guard, links, people, environment } = this.#parts;
    const attempt = await guard.attemptSource(visit.sourceAddress);
    const link = await links.take(token);
    const person = link === null ? null : await people.find(link.person_id);
    const isFirst = link?.kind === "first-administrator" && (await people.count()) === 0;
    if (link === null || (person === null ? !isFirst : person.is_disabled === 1)) {
      await this.#fail(visit, attempt, { person, method: "link" });
      throw new Failure("link-invalid");
    }
    await attempt.succeed();
    const details = { link: link.kind, linkId: link.id };
    await this.#write(visit, person, { kind: "link.opened", level: "notice", details });
    // Only the demonstration's link stands for a factor; the page says so on every page.
    const factorAtMs = link.kind === "demo" ? environment.now() : null;
    const start = {
      person_id: link.person_id,
      link_kind: link.kind,
      link_id: link.id,
      factor_at_ms: factorAtMs,
    };
    return this.#states.begin(visit, start, "link");
  }

  /** The password chosen in the step that asks a new one. Every other sign-in of the person ends. */
  async newPassword(visit: Visit, password: string, profile: FirstProfile): Promise<SignInState> {
    const { passwords, signIns, environment } = this.#parts;
    const open = await this.#states.open(visit);
    if (open === null || open.step !== "new-password") throw new Failure("not-signed-in");
    if (open.person !== null) await this.#requireOwnPassword(open.person);
    const person =
      open.person ?? (await this.#createFirst(visit, open.row.person_id, { password, ...profile }));
    await passwords.set(person, password);
    await signIns.endAll(person.id, open.row.id);
    await this.#write(visit, person, {
      kind: "password.chosen",
      level: "notice",
      details: { link: open.row.link_kind },
    });
    return this.#states.advance(visit, open.row, { password_at_ms: environment.now() }, "password");
  }

  /** The second factor in the step that asks it. */
  async factor(visit: Visit, proof: FactorProof): Promise<SignInState> {
    if (proof.method === "password") throw new Failure("not-signed-in");
    const { row, person } = await this.#states.openAt(visit, "factor");
    await this.#prove(visit, person, proof);
    return this.#states.advance(visit, row, { factor_at_ms: this.#parts.environment.now() }, proof.method);
  }

  /** A passkey alone, or as the second factor when one is asked. */
  async passkey(visit: Visit, answer: PasskeyAnswer): Promise<SignInState> {
    const open = await this.#states.open(visit);
    if (open?.step === "factor") return this.factor(visit, { method: "passkey", answer });
    const { guard, passkeys, people, environment } = this.#parts;
    const attempt = await guard.attemptSource(visit.sourceAddress);
    const proof = await passkeys.verify(answer, null).catch(async (error: unknown) => {
      await this.#fail(visit, attempt, { person: null, method: "passkey" });
      throw error;
    });
    const person = await people.find(proof.personId);
    if (person === null || person.is_disabled === 1) {
      await this.#fail(visit, attempt, { person, method: "passkey" });
      throw new Failure("passkey-refused");
    }
    await attempt.succeed();
    const now = environment.now();
    const both = { password_at_ms: now, factor_at_ms: now };
    const start = { person_id: person.id, link_kind: "" as const, link_id: null, ...both };
    return this.#states.begin(visit, start, "passkey");
  }

  /** The question for a passkey that fits where the visitor stands. */
  async askPasskey(visit: Visit) {
    this.#questions.take(visit.sourceAddress);
    const open = await this.#states.open(visit);
    const asksOne = open?.person != null && (open.step === "factor" || open.step === "done");
    if (!asksOne) return this.#parts.passkeys.ask(null);
    return this.#parts.passkeys.ask(open.row.person_id);
  }

  /** The charter's version that was shown. Throws `conflict` when a newer one is out. */
  async charter(visit: Visit, version: number): Promise<SignInState> {
    const { charters } = this.#parts;
    const { row, person } = await this.#states.openAt(visit, "charter");
    if ((await charters.current())?.version !== version)
      throw new Failure("conflict", { detail: "a newer version of the charter is out" });
    await this.#write(visit, person, { kind: "charter.accepted", level: "info", details: { version } });
    await charters.accept(person.id, version);
    return this.#states.advance(visit, row, {}, "charter");
  }

  /** A factor given again by somebody signed in: fresh from now on. */
  async confirm(visit: Visit, proof: FactorProof): Promise<SignInState> {
    const { row, person } = await this.#states.openAt(visit, "done");
    await this.#prove(visit, person, proof);
    await this.#write(visit, person, {
      kind: "factor.confirmed",
      level: "info",
      details: { method: proof.method, signInId: row.id },
    });
    return this.#states.advance(visit, row, { factor_at_ms: this.#parts.environment.now() }, proof.method);
  }

  /** Ends the visitor's sign-in, whatever its step; says where it goes on to end at a federation. */
  async signOut(visit: Visit): Promise<SignInState> {
    const open = await this.#states.open(visit);
    let endSessionUrl: string | null = null;
    if (open !== null) {
      const returnUri = new URL("/sign-in", this.#parts.settings().publicUrl).href;
      endSessionUrl = await this.#parts.identity.endSessionUrl(open.row.person_id, returnUri);
      await this.#parts.signIns.end(open.row.id);
      await this.#write(visit, open.person, {
        kind: "sign-in.ended",
        level: "info",
        details: { signInId: open.row.id },
      });
    }
    visit.forget();
    const state = await this.#states.state(visit);
    return state.state === "nobody" ? { ...state, endSessionUrl } : state;
  }

  async #refusePassword(
    visit: Visit,
    attempt: GuardedAttempt,
    outcome: Exclude<SignInOutcome, { result: "in" }>,
  ): Promise<never> {
    const { providerName, reason } = outcome;
    const about = {
      method: "password",
      details: { reason, ...(providerName === null ? {} : { provider: providerName }) },
    };
    if (outcome.result === "away") {
      await attempt.withdraw();
      await this.#writeFailure(visit, { ...about, person: null });
      throw new Failure("directory-away");
    }
    const { person, told } = outcome;
    if (told !== "sign-in-refused") {
      // The password was right: no guess is counted, none is forgotten.
      await attempt.withdraw();
      await this.#writeFailure(visit, { ...about, person });
      throw new Failure(told);
    }
    await this.#fail(visit, attempt, { ...about, person });
    throw new Failure((await this.#parts.identity.isAnyAway()) ? "directory-away" : "sign-in-refused");
  }

  /** A password is kept here only of people of this gateway. */
  async #requireOwnPassword(person: Person): Promise<void> {
    const origin = await this.#parts.identity.originOf(person.id);
    if (origin !== null) throw new Failure("password-elsewhere", { name: origin.name });
  }

  async #prove(visit: Visit, person: Person, proof: FactorProof): Promise<void> {
    const { guard } = this.#parts;
    const attempt = await (proof.method === "password"
      ? guard.attemptLogin(loginKey(person.login), visit.sourceAddress)
      : guard.attemptFactor(person.id, visit.sourceAddress));
    if (await checkGuarded(attempt, () => this.#isRight(person, proof))) return attempt.succeed();
    await this.#fail(visit, attempt, { person, method: proof.method });
    const code = { passkey: "passkey-refused", password: "sign-in-refused" } as const;
    throw new Failure(
      proof.method === "passkey" || proof.method === "password" ? code[proof.method] : "wrong-code",
    );
  }

  async #isRight(person: Person, proof: FactorProof): Promise<boolean> {
    const { factors, recoveryCodes, passkeys, hasher } = this.#parts;
    switch (proof.method) {
      case "totp":
        return factors.verifyTotp(person.id, proof.code);
      case "recovery-code": {
        return recoveryCodes.use(person.id, proof.recoveryCode);
      }
      case "passkey":
        return passkeys.verify(proof.answer, person.id).then(
          () => true,
          (error: unknown) => {
            if (error instanceof Failure && error.code === "passkey-refused") return false;
            throw error;
          },
        );
      case "password": {
        const hasDevice = (await factors.devices(person.id)).length > 0;
        return (await hasher.verify(proof.password, person.password_hash)) && !hasDevice;
      }
    }
  }

  async #createFirst(
    visit: Visit,
    personId: string,
    given: FirstProfile & { password: string },
  ): Promise<Person> {
    const { people, passwords } = this.#parts;
    if ((await people.count()) > 0) throw new Failure("link-invalid");
    const { login, name, language = "fr" } = given;
    if (login === undefined || name === undefined)
      throw new Failure("bad-request", { detail: "login and name are needed" });
    passwords.check(given.password, { login, name, email: "" });
    const details = { "after.login": login, "after.name": name, "after.roles": "administrator, user" };
    await this.#write(visit, null, { kind: "person.created", level: "notice", details }, personId);
    return people.create(
      personId,
      { login, name, email: "", language, site_id: null },
      { roles: ["administrator", "user"], administeredSiteIds: null },
    );
  }

  async #fail(visit: Visit, attempt: GuardedAttempt, about: FailedAttempt): Promise<void> {
    await this.#writeFailure(visit, about).finally(() => attempt.fail());
    if (attempt.banMs === 0) return;
    const ban = { seconds: Math.ceil(attempt.banMs / 1000) };
    await this.#write(visit, about.person, { kind: "sign-in.banned", level: "alarm", details: ban });
  }

  async #writeFailure(visit: Visit, about: FailedAttempt): Promise<void> {
    const details = { method: about.method, isKnown: about.person !== null, ...about.details };
    await this.#write(visit, about.person, { kind: "sign-in.failed", level: "notice", details });
  }

  async #write(
    visit: Visit,
    person: Person | null,
    entry: Pick<JournalEntry, "kind" | "level" | "details">,
    subjectId = person?.id,
  ): Promise<void> {
    await this.#parts.journal.append({
      ...entry,
      actor: person === null ? UNKNOWN_ACTOR : { personId: person.id, name: person.name },
      sourceAddress: visit.sourceAddress,
      subject: subjectId === undefined ? {} : { personId: subjectId },
    });
  }
}
