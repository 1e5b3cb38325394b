import type { Store } from "../store/store.ts";
import type { EnvelopeSource, StoredEnvelope } from "./rotate-master-key.ts";

const PAGE_ROWS = 200;

/** Secrets of accounts; their context is `account:ID`. */
export function accountEnvelopes(store: Store): EnvelopeSource {
  return { name: "accounts", envelopes: () => readEnvelopes(store, "account", "account") };
}

/** Secrets of authenticator applications; their context is `factor:ID`. */
export function factorEnvelopes(store: Store): EnvelopeSource {
  return { name: "factors", envelopes: () => readEnvelopes(store, "credential_totp", "factor") };
}

/** Secrets of identity providers; their context is `provider:ID`. */
export function providerEnvelopes(store: Store): EnvelopeSource {
  return {
    name: "identity providers",
    envelopes: () => readEnvelopes(store, "identity_provider", "provider"),
  };
}

/** Licences of RDP targets; their context is `licence:ID`. */
export function licenceEnvelopes(store: Store): EnvelopeSource {
  return { name: "licences", envelopes: () => readEnvelopes(store, "rdp_licence", "licence") };
}

async function* readEnvelopes(
  store: Store,
  table: "account" | "credential_totp" | "identity_provider" | "rdp_licence",
  noun: string,
): AsyncGenerator<StoredEnvelope> {
  for (let last = ""; ; ) {
    const rows = await store.db
      .selectFrom(table)
      .select(["id", "envelope"])
      .where("id", ">", last)
      .where("envelope", "is not", null)
      .orderBy("id")
      .limit(PAGE_ROWS)
      .execute();
    for (const { id, envelope } of rows) {
      if (envelope === null) continue;
      const replace = async (fresh: Uint8Array): Promise<boolean> => {
        const changed = store.db.updateTable(table).set({ envelope: fresh }).where("id", "=", id);
        const result = await changed.where("envelope", "=", envelope).executeTakeFirst();
        return Number(result.numUpdatedRows) === 1;
      };
      yield { context: `${noun}:${id}`, envelope, replace };
    }
    const end = rows.at(-1);
    if (rows.length < PAGE_ROWS || end === undefined) return;
    last = end.id;
  }
}
