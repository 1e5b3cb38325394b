import type { FactorRuling, SignInDemand } from "@poterne/contract";
import { useLanguage } from "../../i18n/tongue.tsx";

const frDemands: Readonly<Record<SignInDemand, string>> = {
  own: "un appareil enrôlé ici, toujours",
  any: "un second facteur, d'ici ou de la fédération",
  remembered: "un second facteur, sauf sur un navigateur mémorisé",
  never: "aucun second facteur",
};
const enDemands: Readonly<Record<SignInDemand, string>> = {
  own: "a device of this gateway, always",
  any: "a second factor, from here or from the federation",
  remembered: "a second factor, but on a remembered browser",
  never: "no second factor",
};

/** Words of the rules of the second factor and of remembered browsers. French first. */
const fr = {
  title: "Règles du second facteur",
  intro:
    "À chaque moment, la première règle qui s'applique décide. Sans règle : un second facteur à chaque connexion, rien de plus à l'ouverture. Un administrateur n'en est jamais dispensé, et les actions sensibles le demandent toujours.",
  atSignIn: "À la connexion",
  atSignInText: "Après un mot de passe, un ticket ou une fédération.",
  atOpening: "Avant d'ouvrir une machine",
  atOpeningText:
    "Le second facteur est redemandé dans la page, juste avant ; un navigateur mémorisé ne compte pas.",
  add: "Ajouter une règle",
  name: "Nom de la règle",
  enabled: "En service",
  groups: "Membres de",
  groupsHint: "Vide : tout le monde.",
  networks: "Depuis ces réseaux",
  networksHint: "Une adresse ou un réseau par ligne : 192.0.2.0/24, 2001:db8::/32. Vide : de partout.",
  demand: "Ce qui est demandé",
  demands: frDemands,
  targets: "Cibles",
  sites: "Sites, et ceux en dessous",
  objectsHint: "Si les deux sont vides : toutes les cibles.",
  fresh: "Second facteur datant d'au plus (minutes)",
  freshHint: "Vide : rien n'est demandé, même si une règle plus bas le fait.",
  up: "Monter",
  down: "Descendre",
  remove: "Retirer",
  save: "Enregistrer les règles",
  saved: "Les règles sont enregistrées : elles valent dès maintenant.",
  rememberedOff:
    "Aucun navigateur ne peut être mémorisé : le réglage signIn.rememberedDeviceDays est à 0. La règle « navigateur mémorisé » demande alors toujours.",
  rememberedDays: (days: number) => `Un navigateur est mémorisé ${days} jours au plus.`,
  none: "Aucune règle.",
  rulingTitle: "Second facteur",
  rulingSignIn: (ruling: FactorRuling["signIn"]) =>
    `À la connexion : ${frDemands[ruling.demand]} — ${byRuleFr(ruling.ruleName)}${ruling.isRaised ? " ; la règle en dispenserait, mais un administrateur n'en est jamais dispensé" : ""}.`,
  rulingOpening: ({ freshMinutes, ruleName }: FactorRuling["opening"]) =>
    `À l'ouverture : ${freshMinutes === null ? "rien de plus" : `un second facteur datant d'au plus ${freshMinutes} min`} — ${byRuleFr(ruleName)}.`,
  rulingHint: "Une règle avec des réseaux ne compte que si une adresse est donnée.",
  browsersTitle: "Navigateurs mémorisés",
  browsersText:
    "Là où une règle le permet, un navigateur mémorisé remplace le second facteur à la connexion, et rien d'autre.",
  browsersNone: "Aucun.",
  remember: "Mémoriser ce navigateur",
  browser: "Navigateur",
  address: "Adresse",
  lastUsed: "Dernier usage",
  ends: "Oublié le",
  actions: "Actions",
  forget: "Oublier",
  forgetAll: "Tout oublier",
  thisOne: "celui-ci",
  providerAcr: "Valeurs acr qui valent un second facteur",
  providerAmr: "Valeurs amr qui valent un second facteur",
  providerHint: "Séparées par des espaces ; vides : Poterne demande toujours le sien.",
};

const en: typeof fr = {
  title: "Rules of the second factor",
  intro:
    "For each moment the first rule that fits decides. Without a rule: a second factor at each sign-in, nothing more at an opening. Who administers is never let off, and dangerous acts always ask for it.",
  atSignIn: "At the sign-in",
  atSignInText: "After a password, a ticket or a federation.",
  atOpening: "Before a machine opens",
  atOpeningText: "A device must be used right before, in the page; a remembered browser does not count.",
  add: "Add a rule",
  name: "Name of the rule",
  enabled: "In use",
  groups: "Members of",
  groupsHint: "Empty: everybody.",
  networks: "From these networks",
  networksHint: "One address or network per line: 192.0.2.0/24, 2001:db8::/32. Empty: from anywhere.",
  demand: "What is asked",
  demands: enDemands,
  targets: "Targets",
  sites: "Sites, and those below",
  objectsHint: "Both empty: every target.",
  fresh: "A device used at most so long ago (minutes)",
  freshHint: "Empty: nothing is asked, even if a rule further down would.",
  up: "Up",
  down: "Down",
  remove: "Remove",
  save: "Save the rules",
  saved: "The rules are saved: they hold from now on.",
  rememberedOff:
    "No browser can be remembered: the setting signIn.rememberedDeviceDays is 0. The rule “remembered browser” then always asks.",
  rememberedDays: (days) => `A remembered browser is remembered for ${days} days at most.`,
  none: "No rule.",
  rulingTitle: "Second factor",
  rulingSignIn: (ruling) =>
    `At the sign-in: ${enDemands[ruling.demand]} — ${byRuleEn(ruling.ruleName)}${ruling.isRaised ? "; the rule would let this person off, but who administers never is" : ""}.`,
  rulingOpening: ({ freshMinutes, ruleName }) =>
    `At the opening: ${freshMinutes === null ? "nothing more" : `a device used at most ${freshMinutes} min ago`} — ${byRuleEn(ruleName)}.`,
  rulingHint: "A rule with networks counts only when an address is given.",
  browsersTitle: "Remembered browsers",
  browsersText:
    "Where a rule allows it, a remembered browser replaces the second factor at the sign-in, and nothing else.",
  browsersNone: "None.",
  remember: "Remember this browser",
  browser: "Browser",
  address: "Address",
  lastUsed: "Last used",
  ends: "Forgotten on",
  actions: "Actions",
  forget: "Forget",
  forgetAll: "Forget all",
  thisOne: "this one",
  providerAcr: "Values of acr that count as a second factor",
  providerAmr: "Values of amr that count as a second factor",
  providerHint: "Separated by spaces; empty: Poterne always asks for its own.",
};

function byRuleFr(ruleName: string | null): string {
  return ruleName === null ? "sans règle" : `règle « ${ruleName} »`;
}

function byRuleEn(ruleName: string | null): string {
  return ruleName === null ? "no rule" : `rule “${ruleName}”`;
}

/** These words in the person's language. */
export function useFactorWords(): typeof fr {
  return useLanguage().language === "fr" ? fr : en;
}
