import { Failure, type SignInState } from "@poterne/contract";
import type { JournalEntry } from "../journal/journal.ts";
import type { Person } from "../people/people-store.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { OpenSignIn, SignInStates } from "./sign-in-states.ts";
import type { Visit } from "./visit.ts";

/** What an enrolment replies: recovery codes with the first device only. */
export interface Enrolled {
  readonly factorId: string;
  readonly recoveryCodes: string[] | null;
  readonly signIn: SignInState;
}

type Enrolling = OpenSignIn & { readonly person: Person };

/** Enrolling devices: the first one in mid-sign-in, further ones with a fresh factor. */
export class Enrolment {
  readonly #parts: AuthParts;
  readonly #states: SignInStates;

  constructor(parts: AuthParts, states: SignInStates) {
    this.#parts = parts;
    this.#states = states;
  }

  /** Begins an authenticator application. */
  async beginTotp(visit: Visit) {
    const { person } = await this.#allow(visit);
    return this.#parts.factors.beginTotp(person);
  }

  /** Ends it with the first code. Fails with `wrong-code`. */
  async confirmTotp(
    visit: Visit,
    factorId: string,
    proof: { readonly code: string; readonly name: string },
  ): Promise<Enrolled> {
    const open = await this.#allow(visit);
    if (!(await this.#parts.factors.confirmTotp(open.person.id, factorId, proof)))
      throw new Failure("wrong-code");
    return this.#finish(visit, open, { factorId, method: "totp", name: proof.name });
  }

  /** The question that creates a passkey. */
  async askPasskey(visit: Visit) {
    const { person } = await this.#allow(visit);
    await this.#parts.factors.requireRoom(person.id);
    return this.#parts.passkeys.askToEnrol(person);
  }

  /** Enrols the passkey that answered. Fails with `passkey-refused`. */
  async confirmPasskey(
    visit: Visit,
    answer: Parameters<AuthParts["passkeys"]["enrol"]>[1],
  ): Promise<Enrolled> {
    const open = await this.#allow(visit);
    await this.#parts.factors.requireRoom(open.person.id);
    const factorId = await this.#parts.passkeys.enrol(open.person, answer);
    return this.#finish(visit, open, { factorId, method: "passkey", name: answer.name });
  }

  /**
   * Only in the step that asks it, or signed in with a fresh factor. Somebody the demonstration let in has nothing to
   * confirm with, and may enrol a first device without.
   */
  async #allow(visit: Visit): Promise<Enrolling> {
    const open = await this.#states.open(visit);
    if (open === null || open.person === null) throw new Failure("not-signed-in");
    const allowed = { ...open, person: open.person };
    if (open.step === "enrolment") return allowed;
    if (open.step !== "done") throw new Failure("not-signed-in");
    const { environment, settings, factors } = this.#parts;
    const isFresh = environment.now() - (open.row.factor_at_ms ?? 0) < settings().freshFactorMs;
    if (isFresh) return allowed;
    const hasNothing =
      open.person.password_hash === null && (await factors.devices(open.person.id)).length === 0;
    if (!hasNothing) throw new Failure("fresh-factor-needed");
    return allowed;
  }

  async #finish(
    visit: Visit,
    { row, person }: Enrolling,
    device: { readonly factorId: string; readonly method: "totp" | "passkey"; readonly name: string },
  ): Promise<Enrolled> {
    const { factors, recoveryCodes, people, journal, environment } = this.#parts;
    const entry: JournalEntry = {
      kind: "factor.enrolled",
      level: "notice",
      actor: { personId: person.id, name: person.name },
      sourceAddress: visit.sourceAddress,
      subject: { personId: person.id },
      details: { ...device },
    };
    await journal.append(entry);
    await people.update(person, { needs_link: 0 });
    const isFirst = (await factors.devices(person.id)).length === 1;
    const codes = isFirst ? await recoveryCodes.renew(person.id) : null;
    // Whoever just enrolled a device has it in hand: it counts as given, in mid-sign-in and later.
    const progress = { factor_at_ms: environment.now() };
    const signIn = await this.#states.advance(visit, row, progress, device.method);
    return { factorId: device.factorId, recoveryCodes: codes, signIn };
  }
}
