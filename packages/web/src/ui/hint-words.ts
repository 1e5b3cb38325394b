import { counted, formatDuration } from "../i18n/format.ts";

/** What would change a refusal, in French: the source of the translation. */
export const hintsFr = {
  opens: (date: string, timeZone: string) => `Ouvre le ${date} (horaire de ${timeZone}).`,
  neverOpens: "N'ouvre pas dans l'année qui vient.",
  from: {
    person: (networks: string) => `La personne n'est admise que depuis ${networks}.`,
    group: (networks: string) => `Un de ses groupes n'est admis que depuis ${networks}.`,
    target: (networks: string) => `La cible n'est ouverte que depuis ${networks}.`,
    grant: (networks: string) => `L'autorisation ne vaut que depuis ${networks}.`,
    policy: (networks: string) => `La politique n'admet que ${networks}.`,
  },
  pass: (from: string, to: string) => `Accès tiers : du ${from} au ${to}.`,
  ask: (minutes: number, quorum: number) =>
    `À demander, pour ${formatDuration("fr", minutes * 60_000)} au plus ; ${counted("fr", quorum, { one: "# approbation requise", other: "# approbations requises" })}.`,
  valid: (from: string, to: string) => `L'autorisation vaut du ${from} au ${to}.`,
  give: "Une autorisation qui couvre cette cible l'ouvrirait : un administrateur peut la donner.",
  enable: {
    person: "Un administrateur peut réactiver la personne.",
    target: "Un administrateur peut réactiver la cible.",
    machine: "Un administrateur peut réactiver la machine.",
  },
  limit: {
    person: (live: number, most: number) =>
      `Sessions de la personne : ${live} sur ${most}. En fermer une suffit.`,
    target: (live: number, most: number) =>
      `Sessions sur la cible : ${live} sur ${most}. La fin de l'une suffit.`,
    total: (live: number, most: number) =>
      `Sessions sous cette politique : ${live} sur ${most}. La fin de l'une suffit.`,
  },
  account: "Un compte de l'autorisation doit être réactivé, ou recevoir son secret.",
  obstacles: {
    portal: (networks: string) =>
      `La passerelle ne s'ouvre que depuis ${networks} : de cette adresse, personne ne se connecte (signIn.allowedSources).`,
    pass: {
      none: "Personne extérieure sans accès tiers : proposez-en un.",
      pending: (from: string, to: string) =>
        `Accès tiers du ${from} au ${to} pas encore approuvé : une autre personne que son auteur doit l'approuver.`,
      before: (from: string, to: string) =>
        `Hors du créneau : l'accès tiers s'ouvre le ${from}, jusqu'au ${to}.`,
      after: (to: string) => `L'accès tiers a pris fin le ${to} : proposez-en un nouveau.`,
    },
    sharedFree: "Compte partagé : il faut l'emprunter d'abord (page Demandes). Il est libre.",
    shared: (holder: string, until: string) =>
      `Compte partagé, emprunté par ${holder} : il faut attendre son retour, au plus tard le ${until}.`,
    asMe: (provider: string) =>
      `S'ouvre au nom de la personne : son mot de passe de « ${provider} » est demandé une fois, sauf si elle vient de le taper.`,
    asMeNobody:
      "Ne s'ouvre qu'au nom de la personne, qui n'est d'aucun annuaire : ajoutez un autre compte à l'autorisation.",
    guardian: (minutes: number) => `Attend un gardien, ${minutes} minutes au plus, puis se ferme.`,
    report: (target: string) =>
      `Le compte rendu de l'accès d'urgence à ${target} manque. Tant qu'il n'est pas remis : aucun autre accès d'urgence, ni aucune demande une fois celui-ci terminé.`,
  },
};

/** The same in English. */
export const hintsEn: typeof hintsFr = {
  opens: (date, timeZone) => `Opens on ${date} (hours of ${timeZone}).`,
  neverOpens: "Does not open within the next year.",
  from: {
    person: (networks) => `The person is admitted from ${networks} only.`,
    group: (networks) => `One of their groups is admitted from ${networks} only.`,
    target: (networks) => `The target is open from ${networks} only.`,
    grant: (networks) => `The grant holds from ${networks} only.`,
    policy: (networks) => `The policy admits ${networks} only.`,
  },
  pass: (from, to) => `Vendor pass: from ${from} to ${to}.`,
  ask: (minutes, quorum) =>
    `Can be asked for, for ${formatDuration("en", minutes * 60_000)} at most; ${counted("en", quorum, { one: "# approval", other: "# approvals" })}.`,
  valid: (from, to) => `The grant holds from ${from} to ${to}.`,
  give: "A grant that covers this target would open it: an administrator can give one.",
  enable: {
    person: "An administrator can enable the person again.",
    target: "An administrator can enable the target again.",
    machine: "An administrator can enable the machine again.",
  },
  limit: {
    person: (live, most) => `Sessions of the person: ${live} of ${most}. Closing one is enough.`,
    target: (live, most) => `Sessions on the target: ${live} of ${most}. The end of one is enough.`,
    total: (live, most) => `Sessions under this policy: ${live} of ${most}. The end of one is enough.`,
  },
  account: "An account of the grant must be enabled again, or be given its secret.",
  obstacles: {
    portal: (networks) =>
      `The gateway opens from ${networks} only: nobody signs in from this address (signIn.allowedSources).`,
    pass: {
      none: "An outside person without a vendor pass: propose one.",
      pending: (from, to) =>
        `Vendor pass from ${from} to ${to}, not approved yet: somebody else than its author must approve it.`,
      before: (from, to) => `Outside its slot: the vendor pass opens on ${from}, until ${to}.`,
      after: (to) => `The vendor pass ended on ${to}: propose a new one.`,
    },
    sharedFree: "A shared account: it has to be checked out first (page Requests). It is free.",
    shared: (holder, until) =>
      `A shared account, checked out by ${holder}: wait for its return, on ${until} at the latest.`,
    asMe: (provider) =>
      `Opens as the person: their password of “${provider}” is asked for once, unless they have just typed it.`,
    asMeNobody: "Opens as the person only, who is of no directory: add another account to the grant.",
    guardian: (minutes) => `Waits for a guardian, ${minutes} minutes at most, then closes.`,
    report: (target) =>
      `The report of the emergency access to ${target} is missing: until then no other emergency, and no request once it is over.`,
  },
};
