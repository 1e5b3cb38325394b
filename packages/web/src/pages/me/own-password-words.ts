import { useLanguage } from "../../i18n/tongue.tsx";

/** Words of one's own directory password, for accounts "as me". French first. */
const fr = {
  title: "Mon mot de passe d'annuaire",
  text: "Les machines « en mon nom » s'ouvrent avec votre propre compte. Pour cela, votre mot de passe peut être gardé pendant cette connexion : chiffré, en mémoire seulement, et lisible seulement avec votre navigateur.",
  account: "Votre compte",
  provider: "Annuaire",
  kept: "gardé pour cette connexion",
  none: "pas gardé : il sera demandé à la première ouverture",
  impossible: "Votre connexion n'est reliée à aucun annuaire : rien ne peut s'ouvrir en votre nom.",
  since: "Gardé depuis",
  until: "Oublié au plus tard",
  withSignIn: "à la fin de cette connexion",
  isProtected: "Votre compte est protégé par le domaine (Protected Users) : quatre heures au plus.",
  isUnknown: "Le domaine n'a pas encore dit si ce compte est protégé : quatre heures au plus d'ici là.",
  forget: "Oublier maintenant",
  keep: "Donner mon mot de passe",
  askTitle: "Votre mot de passe",
  askText: (account: string, provider: string) =>
    `Cette machine s'ouvre avec votre propre compte ${account}. Vous êtes entré sans taper de mot de passe : il est demandé une fois, vérifié auprès de ${provider}, puis gardé chiffré jusqu'à la fin de votre connexion. Il n'est jamais écrit sur un disque, ni montré, ni enregistré.`,
  askChanged: (account: string) =>
    `Le mot de passe gardé pour ${account} n'est plus le bon : il a sans doute changé. Tapez le nouveau.`,
  askKeepText: (account: string, provider: string) =>
    `${provider} vérifie le mot de passe de ${account} ; il est ensuite gardé chiffré jusqu'à la fin de votre connexion.`,
  password: "Mot de passe",
  open: "Ouvrir",
  save: "Garder",
};

const en: typeof fr = {
  title: "My directory password",
  text: "Machines “as me” open with your own account. For that your password can be kept during this sign-in: encrypted, in memory only, and readable only together with your browser.",
  account: "Your account",
  provider: "Directory",
  kept: "kept for this sign-in",
  none: "not kept: it will be asked for at the first opening",
  impossible: "Your sign-in is tied to no directory: nothing can open as you.",
  since: "Kept since",
  until: "Forgotten at the latest",
  withSignIn: "when this sign-in ends",
  isProtected: "Your account is protected by the domain (Protected Users): four hours at most.",
  isUnknown: "The domain has not said yet whether this account is protected: four hours at most until then.",
  forget: "Forget now",
  keep: "Give my password",
  askTitle: "Your password",
  askText: (account, provider) =>
    `This machine opens with your own account ${account}. You came in without typing a password: it is asked for once, checked with ${provider}, then kept encrypted until your sign-in ends. It is never written to a disk, shown or recorded.`,
  askChanged: (account) =>
    `The password kept for ${account} is no longer right: it was probably changed. Type the new one.`,
  askKeepText: (account, provider) =>
    `${provider} checks the password of ${account}; it is then kept encrypted until your sign-in ends.`,
  password: "Password",
  open: "Open",
  save: "Keep",
};

/** These words in the person's language. */
export function useOwnPasswordWords(): typeof fr {
  return useLanguage().language === "fr" ? fr : en;
}
