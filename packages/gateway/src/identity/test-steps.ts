import type { ProviderConfig, ProviderTestStep, Role } from "@poterne/contract";
import type { Identity } from "./identity-provider.ts";
import { admit } from "./mapping.ts";

/** A step's name. */
export type Step = ProviderTestStep["step"];

/** One step of a test. */
export function step(
  name: Step,
  state: ProviderTestStep["state"],
  found: ProviderTestStep["found"],
): ProviderTestStep {
  return { step: name, state, found };
}

const ACCOUNT_WORDS = {
  usable: { fr: "utilisable", en: "usable" },
  disabled: { fr: "désactivé", en: "disabled" },
  expired: { fr: "expiré", en: "expired" },
  locked: { fr: "verrouillé", en: "locked" },
  "must-change-password": { fr: "mot de passe à changer", en: "password to be changed" },
} as const;

/** The step that says who was found. */
export function describeAccount({ login, name, email, subject, account }: Identity): ProviderTestStep {
  const words = ACCOUNT_WORDS[account];
  const who = `${name} · ${login} · ${email === "" ? "—" : email} · ${subject}`;
  return step("account", account === "usable" ? "ok" : "warning", {
    fr: `${who} ; compte ${words.fr}.`,
    en: `${who}; account ${words.en}.`,
  });
}

const ROLE_WORDS: Readonly<Record<Role, { readonly fr: string; readonly en: string }>> = {
  administrator: { fr: "administrateur", en: "administrator" },
  approver: { fr: "approbateur", en: "approver" },
  auditor: { fr: "auditeur", en: "auditor" },
  user: { fr: "utilisateur", en: "user" },
};

/** The step that says what the mapping makes of it. */
export function describeAdmission(
  config: ProviderConfig,
  identity: Pick<Identity, "groups">,
): ProviderTestStep {
  const { isAdmitted, roles, hits } = admit(config, identity);
  const rules = hits.map((rule) => rule.group).join(" · ") || "—";
  const given = (language: "fr" | "en") => roles.map((role) => ROLE_WORDS[role][language]).join(", ") || "—";
  if (!isAdmitted)
    return step("mapping", "failed", {
      fr: "Aucune règle ne correspond : cette personne n'entrerait pas.",
      en: "No rule fits: this person would not come in.",
    });
  return step("mapping", "ok", {
    fr: `Entrerait. Rôles : ${given("fr")} ; règles : ${rules}`,
    en: `Would come in. Roles: ${given("en")}; rules: ${rules}`,
  });
}
