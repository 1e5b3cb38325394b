import { type FactorMethod, Failure, RIGHTS_OF_ROLE, type SignInState } from "@poterne/contract";
import type { Person } from "../people/people-store.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { SignInRow } from "./auth-tables.ts";
import { nextStep, type Step } from "./next-step.ts";
import { PASSWORD_MAX_BYTES } from "./password-hasher.ts";
import { csrfTokenOf } from "./secret-token.ts";
import type { SignInProgress } from "./sign-in-store.ts";
import type { Visit } from "./visit.ts";

/** A sign-in in the hand of its visitor. `person` is null only for a first administrator before the profile is given. */
export interface OpenSignIn {
  readonly row: SignInRow;
  readonly person: Person | null;
  readonly step: Step;
}

/** Where sign-ins stand, how they go on, and what the page is told of it. */
export class SignInStates {
  readonly #parts: AuthParts;

  constructor(parts: AuthParts) {
    this.#parts = parts;
  }

  /** The visitor's sign-in, null for none. One of a person disabled or erased is ended on sight. */
  async open(visit: Visit): Promise<OpenSignIn | null> {
    const row = await this.#parts.signIns.find(visit.token);
    if (row === null) return null;
    const person = await this.#parts.people.find(row.person_id);
    const isNobody = person === null && row.link_kind !== "first-administrator";
    if (isNobody || (person !== null && person.is_disabled === 1)) {
      await this.#parts.signIns.end(row.id);
      return null;
    }
    return { row, person, step: await this.#stepOf(row, person) };
  }

  /** The visitor's sign-in at a step. Throws `not-signed-in` when there is none or it stands elsewhere. */
  async openAt(visit: Visit, step: Step): Promise<OpenSignIn & { readonly person: Person }> {
    const open = await this.open(visit);
    if (open === null || open.person === null || open.step !== step) throw new Failure("not-signed-in");
    return { ...open, person: open.person };
  }

  /** Begins a sign-in in place of the visitor's present one, and goes as far as it can. */
  async begin(
    visit: Visit,
    start: Pick<SignInRow, "person_id" | "link_kind" | "link_id"> & SignInProgress,
    method: string,
  ): Promise<SignInState> {
    await this.#requireSource(visit, start.person_id);
    const before = await this.#parts.signIns.find(visit.token);
    if (before !== null) await this.#parts.signIns.end(before.id);
    const { row, token } = await this.#parts.signIns.begin({
      ...start,
      source_address: visit.sourceAddress.slice(0, 64),
      user_agent: visit.userAgent.slice(0, 300),
    });
    visit.keep(token, row.ends_at_ms - row.created_at_ms);
    return this.#settle(visit, row, method);
  }

  /** Told only to who has proved who they are: an address that the person's lists leave out. */
  async #requireSource(visit: Visit, personId: string): Promise<void> {
    const { sourceAddress } = visit;
    if (await this.#parts.isSourceAdmitted(personId, sourceAddress)) return;
    const person = await this.#parts.people.find(personId);
    await this.#parts.journal.append({
      kind: "sign-in.source-refused",
      level: "notice",
      actor: { personId, name: person?.name ?? "" },
      sourceAddress,
      subject: { personId },
      details: {},
    });
    throw new Failure("source-refused");
  }

  /** Notes progress under a new token, and goes as far as it can. */
  async advance(
    visit: Visit,
    row: SignInRow,
    progress: SignInProgress,
    method: string,
  ): Promise<SignInState> {
    const next = await this.#parts.signIns.progress(row, progress);
    if (next === null) throw new Failure("not-signed-in");
    this.#parts.ownPasswords.move(row.id, visit.token, next.token);
    visit.keep(next.token, next.row.ends_at_ms - this.#parts.environment.now());
    return this.#settle(visit, next.row, method);
  }

  /** What the page is told. */
  async state(visit: Visit): Promise<SignInState> {
    const open = await this.open(visit);
    if (open === null || visit.token === null) return this.#nobody();
    if (open.step === "done" && open.row.completed_at_ms === null)
      return this.#settle(visit, open.row, "none");
    return this.#describe(open, visit.token);
  }

  /** Completes a sign-in of which nothing more is asked: journaled first, then opened under a new token. */
  async #settle(visit: Visit, row: SignInRow, method: string): Promise<SignInState> {
    const person = await this.#parts.people.find(row.person_id);
    const step = await this.#stepOf(row, person);
    if (step !== "done" || person === null || row.completed_at_ms !== null) return this.state(visit);
    const { environment, signIns, people, journal, settings, identity } = this.#parts;
    const origin = await identity.originOf(person.id);
    const provider = origin === null ? {} : { provider: origin.name };
    await journal.append({
      kind: "sign-in.succeeded",
      level: "info",
      actor: { personId: person.id, name: person.name },
      sourceAddress: visit.sourceAddress,
      subject: { personId: person.id },
      details: {
        signInId: row.id,
        last: method,
        link: row.link_kind,
        hasFactor: row.factor_at_ms !== null,
        ...provider,
      },
    });
    const now = environment.now();
    const { absoluteMs } = settings();
    const next = await signIns.progress(row, { completed_at_ms: now, ends_at_ms: now + absoluteMs });
    if (next === null) throw new Failure("not-signed-in");
    this.#parts.ownPasswords.move(row.id, visit.token, next.token);
    visit.keep(next.token, absoluteMs);
    await people.update(person, { last_sign_in_at_ms: now });
    return this.state(visit);
  }

  async #stepOf(row: SignInRow, person: Person | null): Promise<Step> {
    if (row.completed_at_ms !== null) return "done";
    const [devices, charter] = await Promise.all([
      this.#parts.factors.devices(row.person_id),
      this.#parts.charters.current(),
    ]);
    return nextStep({
      linkKind: row.link_kind,
      isComplete: false,
      hasPassword: row.password_at_ms !== null,
      hasFactor: row.factor_at_ms !== null,
      deviceCount: devices.length,
      isFactorRequired: this.#parts.settings().isFactorRequired,
      hasCharterToAccept: charter !== null && (person?.charter_version ?? 0) < charter.version,
    });
  }

  async #nobody(): Promise<SignInState> {
    const offered = await this.#parts.identity.offered();
    return {
      state: "nobody",
      passkeys: this.#parts.passkeys.support(),
      isFirstStart: (await this.#parts.people.count()) === 0,
      organisation: this.#parts.settings().organisation,
      ...offered,
      hasTicketSignIn: offered.hasTicketSignIn && this.#parts.hasTicketKeys,
      endSessionUrl: null,
    };
  }

  async #describe(open: OpenSignIn, token: string): Promise<SignInState> {
    const { row, person, step } = open;
    const { settings, passkeys, charters } = this.#parts;
    const csrfToken = csrfTokenOf(token);
    const underWay = { csrfToken, login: person?.login ?? "", name: person?.name ?? "" };
    const rules = {
      minLength: settings().passwordMinLength,
      maxBytes: PASSWORD_MAX_BYTES,
      rememberedCount: settings().passwordRememberedCount,
    };
    if (person === null) return { state: "new-password-needed", ...underWay, rules, asksProfile: true };
    switch (step) {
      case "password":
        return { state: "password-needed", ...underWay, federation: await this.#federationOf(person.id) };
      case "new-password":
        return { state: "new-password-needed", ...underWay, rules, asksProfile: false };
      case "factor":
        return { state: "factor-needed", ...underWay, methods: await this.#methods(person.id) };
      case "enrolment":
        return { state: "enrolment-needed", ...underWay, passkeys: passkeys.support() };
      case "charter": {
        const charter = await charters.current();
        const { version, text_fr, text_en } = charter ?? { version: 0, text_fr: "", text_en: "" };
        return {
          state: "charter-needed",
          ...underWay,
          charter: { version, textFr: text_fr, textEn: text_en },
        };
      }
      case "done":
        return this.#signedIn(row, person, csrfToken);
    }
  }

  async #federationOf(personId: string) {
    const origin = await this.#parts.identity.originOf(personId);
    return origin?.kind === "oidc" ? { providerId: origin.binding.provider_id, name: origin.name } : null;
  }

  async #signedIn(row: SignInRow, person: Person, csrfToken: string): Promise<SignInState> {
    const { settings, passkeys, environment } = this.#parts;
    const freshUntil = (row.factor_at_ms ?? 0) + settings().freshFactorMs;
    return {
      state: "signed-in",
      csrfToken,
      person: {
        personId: person.id,
        login: person.login,
        name: person.name,
        email: person.email,
        theme: person.theme,
        keyboardMode: person.keyboard_mode,
      },
      language: person.language,
      roles: [...person.roles],
      rights: [...new Set(person.roles.flatMap((role) => RIGHTS_OF_ROLE[role]))],
      administeredSiteIds: person.administeredSiteIds === null ? null : [...person.administeredSiteIds],
      passkeys: passkeys.support(),
      factors: await this.#methods(person.id),
      hasPassword: person.password_hash !== null,
      providerName: (await this.#parts.identity.originOf(person.id))?.name ?? null,
      factorFreshUntilMs: freshUntil > environment.now() ? freshUntil : 0,
      endsAtMs: row.ends_at_ms,
      idleMinutes: Math.round(settings().idleMs / 60_000),
    };
  }

  /** Ways to give the factor, those that work at this address. */
  async #methods(personId: string): Promise<FactorMethod[]> {
    const { factors, passkeys, recoveryCodes } = this.#parts;
    const methods = (await factors.methodsOf([personId])).get(personId) ?? [];
    const usable = methods.filter((method) => method !== "passkey" || passkeys.support().isOffered);
    const hasCodes = methods.length > 0 && (await recoveryCodes.count(personId)) > 0;
    return hasCodes ? [...usable, "recovery-code"] : usable;
  }
}
