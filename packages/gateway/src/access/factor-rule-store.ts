import { type FactorRule, type FactorRuling, Failure, factorRule } from "@poterne/contract";
import { z } from "zod";
import type { Store } from "../store/store.ts";
import { rulingAtSignIn } from "./factor-rules.ts";
import { parseAddress } from "./networks.ts";
import { loadSubject } from "./subject.ts";

const SET_ID = "current";
const stored = z.array(factorRule);

/** The rules of the second factor, read with every question: a change holds at once, on all nodes. */
export class FactorRuleStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** All rules in their order, with the revision a change must name. */
  async read(): Promise<{ readonly revision: number; readonly rules: readonly FactorRule[] }> {
    const row = await this.#store.db
      .selectFrom("factor_rule_set")
      .select(["revision", "rules"])
      .where("id", "=", SET_ID)
      .executeTakeFirst();
    if (row === undefined) return { revision: 0, rules: [] };
    return { revision: row.revision, rules: stored.parse(JSON.parse(row.rules)) };
  }

  /** Replaces them. Throws `conflict` when they were changed since that revision. */
  async replace(revision: number, rules: readonly FactorRule[]): Promise<void> {
    const next = { revision: revision + 1, rules: JSON.stringify(rules) };
    const { db } = this.#store;
    if (revision === 0) {
      const isNew = (await this.read()).revision === 0;
      if (!isNew) throw new Failure("conflict");
      await db
        .insertInto("factor_rule_set")
        .values({ id: SET_ID, ...next })
        .execute();
      return;
    }
    const result = await db
      .updateTable("factor_rule_set")
      .set(next)
      .where("id", "=", SET_ID)
      .where("revision", "=", revision)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) throw new Failure("conflict");
  }

  /** Names of what the rules speak of, by id; what is gone has none. */
  async names(rules: readonly FactorRule[]): Promise<Record<string, string>> {
    const ids = (pick: (rule: FactorRule) => readonly string[]) => [...new Set(rules.flatMap(pick))];
    const tables = {
      person_group: ids(({ groupIds }) => groupIds),
      target: ids((rule) => (rule.moment === "opening" ? rule.targetIds : [])),
      site: ids((rule) => (rule.moment === "opening" ? rule.siteIds : [])),
    } as const;
    const names: Record<string, string> = {};
    for (const table of ["person_group", "target", "site"] as const) {
      if (tables[table].length === 0) continue;
      const rows = await this.#store.db
        .selectFrom(table)
        .select(["id", "name"])
        .where("id", "in", tables[table])
        .execute();
      for (const { id, name } of rows) names[id] = name;
    }
    return names;
  }

  /** What a person's sign-in from an address needs. */
  async atSignIn(
    person: { readonly id: string; readonly roles: readonly string[] },
    sourceAddress: string,
  ): Promise<FactorRuling["signIn"]> {
    const { rules } = await this.read();
    const subject = rules.length === 0 ? null : await loadSubject(this.#store, person.id);
    return rulingAtSignIn(rules, {
      groupIds: subject?.groupIds ?? [],
      isAdministrator: person.roles.includes("administrator"),
      source: parseAddress(sourceAddress),
    });
  }
}
