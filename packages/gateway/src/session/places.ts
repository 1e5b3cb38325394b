import { Failure, type Policy } from "@poterne/contract";
import type { SessionCounts } from "../access/decide.ts";
import { type SessionLack, sessionLacks } from "../access/grant-conditions.ts";
import type { SessionIdentity } from "./hub-facts.ts";

/** What a session counts under: its person, its target and the policy it opened by. */
export interface Place {
  readonly personId: string;
  readonly targetId: string;
  readonly policyId: string;
}

/** What a session that has its hub counts under. */
export function placeOf({ personId, targetId, facts }: SessionIdentity): Place {
  return { personId, targetId, policyId: facts.lease.policyId };
}

/** A place that is the opening's until it leaves it, or the limits of the policy that are reached. */
export type PlaceOutcome =
  | {
      readonly isTaken: true;
      /** Gives the place back: the hub stands for it now, or the opening has failed. A second time does nothing. */
      leave(): void;
    }
  | { readonly isTaken: false; readonly lacks: readonly SessionLack[] };

/**
 * The places of this node's sessions: those that live, and those that are decided and still open. Between decision and
 * hub an opening waits for store, keeper and journal; without a place of its own, parallel ones would all pass a limit.
 * INVARIANT: looking and taking happen in one turn, with nothing awaited in between.
 */
export class Places {
  readonly #live: () => readonly Place[];
  readonly #maxPerNode: number;
  readonly #opening = new Set<Place>();

  /** `live` tells the sessions that have a hub, each time anew. */
  constructor(live: () => readonly Place[], maxPerNode: number) {
    this.#live = live;
    this.#maxPerNode = maxPerNode;
  }

  /** Throws the Failure `node-full` when live and opening sessions are as many as this node takes. */
  requireRoom(): void {
    if (this.#all().length >= this.#maxPerNode) throw new Failure("node-full");
  }

  /** Takes a place for an opening that was decided, unless its policy's limits are reached. Throws `node-full`. */
  take(place: Place, rules: Policy): PlaceOutcome {
    this.requireRoom();
    const { policyId } = place;
    const lacks = sessionLacks({ policyId, rules }, this.count(place.personId, place.targetId));
    if (lacks.length > 0) return { isTaken: false, lacks };
    const own = { ...place };
    this.#opening.add(own);
    return { isTaken: true, leave: () => void this.#opening.delete(own) };
  }

  /** How many sessions a person, a target and each policy have now, live and opening: every decision counts them. */
  count(personId: string, targetId: string): SessionCounts {
    let ofPerson = 0;
    let onTarget = 0;
    const byPolicy = new Map<string, number>();
    for (const place of this.#all()) {
      if (place.personId === personId) ofPerson++;
      if (place.targetId === targetId) onTarget++;
      byPolicy.set(place.policyId, (byPolicy.get(place.policyId) ?? 0) + 1);
    }
    return { ofPerson, onTarget, byPolicy };
  }

  #all(): readonly Place[] {
    return [...this.#live(), ...this.#opening];
  }
}
