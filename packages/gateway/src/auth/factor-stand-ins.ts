import type { AuthParts } from "./auth-parts.ts";
import type { FactorStandIn, SignInRow } from "./auth-tables.ts";
import type { SignInProgress } from "./sign-in-store.ts";
import type { Visit } from "./visit.ts";

/** How a sign-in begins. */
type Start = Pick<SignInRow, "person_id" | "link_kind"> & SignInProgress;

/** What stands for the gateway's own second factor at a sign-in: by the rules, decided once, when it begins. */
export class FactorStandIns {
  readonly #parts: AuthParts;

  constructor(parts: AuthParts) {
    this.#parts = parts;
  }

  /**
   * Empty where the gateway asks for its own. Nothing stands for it after a one-time link. Whatever does is journaled, and
   * counts for this sign-in alone: dangerous acts and openings that ask for a factor want a device.
   */
  async standIn(visit: Visit, start: Start): Promise<FactorStandIn | ""> {
    const { people, factorRules } = this.#parts;
    if (start.link_kind !== "" || (start.factor_at_ms ?? null) !== null) return "";
    const person = await people.find(start.person_id);
    if (person === null) return "";
    const { demand, ruleName } = await factorRules.atSignIn(person, visit.sourceAddress);
    const by = await this.#choose(visit, start, demand);
    if (by === "") return "";
    await this.#parts.journal.append({
      kind: "sign-in.factor-waived",
      level: "notice",
      actor: { personId: person.id, name: person.name },
      sourceAddress: visit.sourceAddress,
      subject: { personId: person.id },
      details: { by, rule: ruleName },
    });
    return by;
  }

  async #choose(
    visit: Visit,
    start: Start,
    demand: "own" | "any" | "remembered" | "never",
  ): Promise<FactorStandIn | ""> {
    if (demand === "never") return "rule";
    if (demand === "own") return "";
    if (start.factor_by === "provider") return "provider";
    if (demand === "remembered" && (await this.#isRemembered(visit, start.person_id))) return "remembered";
    return "";
  }

  /** Takes the browser's cookie, once; what is wrong with it is journaled, a copy as an alarm. */
  async #isRemembered(visit: Visit, personId: string): Promise<boolean> {
    const { remembered, factors, environment, journal, people } = this.#parts;
    const { token } = visit.device;
    if (token === null || (await factors.devices(personId)).length === 0) return false;
    const outcome = await remembered.use(token, personId);
    if (outcome.isRemembered) {
      visit.device.keep(outcome.token, outcome.endsAtMs - environment.now());
      return true;
    }
    const { reason } = outcome;
    if (reason !== "another-person") visit.device.forget();
    const owner = outcome.personId === null ? null : await people.find(outcome.personId);
    await journal.append({
      kind: "remembered-device.refused",
      level: reason === "replayed" ? "alarm" : "notice",
      actor: { personId, name: (await people.find(personId))?.name ?? "" },
      sourceAddress: visit.sourceAddress,
      subject: { personId: owner?.id ?? personId },
      details: { reason },
    });
    return false;
  }
}
