import type { Words } from "../health/check.ts";
import type { Store } from "../store/store.ts";

const both = (fr: string, en: string): Words => ({ fr, en });

/** What the journal may hold as evidence of a rule: the last act or test of a kind. */
export const PROOFS = {
  "sign-in-with-factor": {
    kinds: ["sign-in.succeeded"],
    having: '"hasFactor":true',
    what: both("Dernière connexion avec un second facteur", "Last sign-in with a second factor"),
  },
  "charter-accepted": {
    kinds: ["charter.accepted"],
    what: both("Dernière acceptation de la charte", "Last acceptance of the charter"),
  },
  "person-changed": {
    kinds: ["person.created", "person.changed", "person.erased", "person.barred"],
    what: both("Dernier changement d'une personne", "Last change of a person"),
  },
  "grant-changed": {
    kinds: ["grant.created", "grant.changed", "grant.deleted"],
    what: both("Dernier changement d'une autorisation", "Last change of a grant"),
  },
  "secret-changed": {
    kinds: ["account.secret-changed"],
    what: both("Dernier secret mis au coffre", "Last secret put into the vault"),
  },
  "checked-out": {
    kinds: ["account.checked-out"],
    what: both("Dernier emprunt d'un compte partagé", "Last check-out of a shared account"),
  },
  "identity-confirmed": {
    kinds: ["target.identity-confirmed"],
    what: both("Dernière identité de cible confirmée", "Last identity of a target confirmed"),
  },
  "provider-tested": {
    kinds: ["provider.tested"],
    what: both("Dernier essai d'un annuaire ou d'une fédération", "Last test of a directory or federation"),
  },
  "kerberos-examined": {
    kinds: ["kerberos.examined"],
    what: both("Dernier diagnostic Kerberos", "Last Kerberos diagnosis"),
  },
  "mail-tested": {
    kinds: ["mail.tested"],
    what: both("Dernier essai de la messagerie", "Last test of mail"),
  },
  "backup-made": {
    kinds: ["backup.made"],
    what: both("Dernière sauvegarde", "Last backup"),
  },
  "restore-tested": {
    kinds: ["backup.tested"],
    what: both("Dernier essai de restauration", "Last restore test"),
  },
  "journal-verified": {
    kinds: ["journal.verified"],
    what: both("Dernière vérification du journal", "Last verification of the journal"),
  },
  "recording-verified": {
    kinds: ["recording.verified"],
    what: both("Dernier enregistrement vérifié", "Last recording verified"),
  },
  "recording-deleted": {
    kinds: ["recording.deleted"],
    what: both("Dernier effacement d'un enregistrement", "Last deletion of a recording"),
  },
  "session-opened": {
    kinds: ["session.opened"],
    what: both("Dernière session ouverte", "Last session opened"),
  },
  "request-approved": {
    kinds: ["request.approved"],
    what: both("Dernière demande approuvée", "Last request approved"),
  },
  "file-passed": {
    kinds: ["session.file"],
    what: both("Dernier fichier transféré", "Last file transferred"),
  },
  "pass-approved": {
    kinds: ["pass.approved"],
    what: both("Dernier accès tiers approuvé", "Last vendor pass approved"),
  },
  "pass-closed": {
    kinds: ["pass.closed"],
    what: both("Dernier accès tiers refermé", "Last vendor pass closed"),
  },
} as const satisfies Record<string, ProofKind>;

interface ProofKind {
  readonly kinds: readonly string[];
  /** What an entry's details hold as well, as they are written. */
  readonly having?: string;
  readonly what: Words;
}

/** One of `PROOFS`. */
export type ProofName = keyof typeof PROOFS;

/** The last entry of a kind; an alarm is a test that went badly. */
export interface Proof {
  readonly atMs: number;
  readonly entryId: string;
  readonly isGood: boolean;
}

/** The proofs that the journal holds; one that is missing has never been given here, or is older than the journal. */
export async function readProofs({ db }: Store): Promise<ReadonlyMap<ProofName, Proof>> {
  const found = new Map<ProofName, Proof>();
  for (const [name, { kinds, having }] of Object.entries(PROOFS) as [ProofName, ProofKind][]) {
    let entries = db
      .selectFrom("journal_entry")
      .select(["id", "at_ms", "level", "details"])
      .where("kind", "in", kinds);
    if (having !== undefined) entries = entries.where("details", "like", `%${having}%`);
    const last = await entries.orderBy("id", "desc").limit(1).executeTakeFirst();
    if (last !== undefined) found.set(name, toProof(last));
  }
  return found;
}

function toProof(entry: { id: string; at_ms: number; level: string; details: string }): Proof {
  const { isGood, isSent, doneAtMs } = JSON.parse(entry.details) as Readonly<Record<string, unknown>>;
  return {
    // What a command did reaches the journal later.
    atMs: typeof doneAtMs === "number" ? doneAtMs : entry.at_ms,
    entryId: entry.id,
    isGood: entry.level !== "alarm" && isGood !== false && isSent !== false,
  };
}
