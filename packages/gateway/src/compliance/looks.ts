import type { ComplianceFacts, UsedPolicy } from "./facts.ts";
import { both, byCount, type Verdict } from "./rule.ts";

/** Looks at the installation that several rules share. Numbers and names are of this installation. */

const names = (policies: readonly UsedPolicy[]): string => policies.map(({ name }) => name).join(", ");

/** Whether everybody has a second factor, and nobody gets in without. */
export function lookAtFactors({ isFactorRequired, people, factorRules }: ComplianceFacts): Verdict {
  if (!isFactorRequired)
    return {
      state: "not-met",
      evidence: [
        both(
          "La passerelle tourne en démonstration : le second facteur n'y est pas demandé.",
          "The gateway runs as a demonstration: it asks for no second factor.",
        ),
      ],
      remedy: both("Démarrez-la par npm start.", "Start it with npm start."),
      place: null,
    };
  if (factorRules.waiving.length > 0) {
    const rules = factorRules.waiving.join(", ");
    return {
      state: "partly",
      evidence: [
        both(
          `Des règles dispensent du second facteur à la connexion (jamais qui administre) : ${rules}.`,
          `Rules let people off the second factor at the sign-in (never who administers): ${rules}.`,
        ),
      ],
      remedy: both(
        "Retirez ces règles, ou bornez-les et écrivez pourquoi.",
        "Remove these rules, or bound them and write down why.",
      ),
      place: "/admin/factors",
    };
  }
  const verdict = lookAtDevices(people);
  if (factorRules.remembering.length === 0) return verdict;
  const remembering = factorRules.remembering.join(", ");
  const remembered = both(
    `Un navigateur mémorisé vaut le second facteur à la connexion par ces règles : ${remembering}.`,
    `A remembered browser counts as the second factor at the sign-in by these rules: ${remembering}.`,
  );
  return { ...verdict, evidence: [...verdict.evidence, remembered] };
}

function lookAtDevices(people: ComplianceFacts["people"]): Verdict {
  return byCount(people.withoutFactor, {
    none: both(
      `Second facteur exigé (clé d'accès ou code) ; personnes actives qui en ont un : ${people.count} sur ${people.count}.`,
      `A second factor is demanded (passkey or code); active people who have one: ${people.count} of ${people.count}.`,
    ),
    some: both(
      `Second facteur exigé ; personnes qui devront l'enregistrer avant d'entrer : ${people.withoutFactor} sur ${people.count}.`,
      `A second factor is demanded; people who have to enrol one before they come in: ${people.withoutFactor} of ${people.count}.`,
    ),
    remedy: both("Désactivez les personnes qui ne viendront pas.", "Disable the people who will not come."),
    place: "/admin/people",
  });
}

/** Whether a charter is in force and accepted. */
export function lookAtCharter({ charter, people }: ComplianceFacts): Verdict {
  if (charter === null)
    return {
      state: "not-met",
      evidence: [both("Aucune charte n'est publiée.", "No charter is published.")],
      remedy: both(
        "Publiez votre charte : elle sera à accepter à la prochaine connexion.",
        "Publish your charter: it has to be accepted at the next sign-in.",
      ),
      place: "/admin/charter",
    };
  return byCount(charter.notAccepted, {
    none: both(
      `Charte, version ${charter.version}, acceptée par toutes les personnes actives (${people.count}).`,
      `Charter, version ${charter.version}, accepted by all active people (${people.count}).`,
    ),
    some: both(
      `Charte, version ${charter.version} ; personnes qui n'entrent pas avant de l'accepter : ${charter.notAccepted} sur ${people.count}.`,
      `Charter, version ${charter.version}; people who do not get in before they accept it: ${charter.notAccepted} of ${people.count}.`,
    ),
    remedy: both("Elles l'accepteront à leur connexion.", "They accept it as they sign in."),
    place: "/admin/charter",
  });
}

/** Whether every session is recorded or does not happen. */
export function lookAtRecording({ policies }: ComplianceFacts): Verdict {
  const loose = policies.filter(({ rules }) => rules.recording !== "must");
  return byCount(loose.length, {
    none: both(
      "Toutes les politiques utilisées exigent l'enregistrement : sans lui, pas de session.",
      "All policies in use demand a recording: without it there is no session.",
    ),
    some: both(
      `Enregistrement non obligatoire : ${names(loose)}.`,
      `Recording is not compulsory in: ${names(loose)}.`,
    ),
    remedy: both(
      "Rendez l'enregistrement obligatoire dans ces politiques.",
      "Make recording compulsory in these policies.",
    ),
    place: "/admin/policies",
  });
}

/** Whether nobody's typing is recorded without a stated purpose. */
export function lookAtInputRecording({ policies }: ComplianceFacts): Verdict {
  const typed = policies.filter(({ rules }) => rules.recordInput);
  return byCount(typed.length, {
    none: both(
      "Aucune politique utilisée n'enregistre la frappe.",
      "No policy in use records what people type.",
    ),
    some: both(
      `Frappe enregistrée : ${typed.map(({ name, rules }) => `${name} (${rules.recordInputPurpose})`).join(", ")}.`,
      `Typing is recorded by: ${typed.map(({ name, rules }) => `${name} (${rules.recordInputPurpose})`).join(", ")}.`,
    ),
    remedy: both(
      "Ne gardez cela que pour un besoin de sécurité exceptionnel, dont les personnes et leurs représentants sont informés.",
      "Keep this for an exceptional security need only, of which people and their representatives are informed.",
    ),
    place: "/admin/policies",
  });
}

/** Whether people are told that somebody watches. */
export function lookAtSilentWatching({ policies }: ComplianceFacts): Verdict {
  const silent = policies.filter(({ rules }) => !rules.tellWatched);
  return byCount(silent.length, {
    none: both(
      "La personne voit toujours qui observe sa session, et que celle-ci est enregistrée.",
      "People always see who watches their session, and that it is recorded.",
    ),
    some: both(`Observation sans prévenir : ${names(silent)}.`, `Watching without a word: ${names(silent)}.`),
    remedy: both("Prévenez les personnes observées.", "Tell the people who are watched."),
    place: "/admin/policies",
  });
}

/** Whether anything is reached by a protocol that hides nothing. */
export function lookAtClearProtocols({ targets }: ComplianceFacts): Verdict {
  const weak = targets.telnet + targets.vncWithoutTls + targets.sshLegacy;
  return byCount(weak, {
    none: both(
      `Cibles jointes par un protocole chiffré : ${targets.count} sur ${targets.count}.`,
      `Targets reached by an encrypted protocol: ${targets.count} of ${targets.count}.`,
    ),
    some: both(
      `En clair ou affaibli — Telnet : ${targets.telnet}, VNC sans TLS exigé : ${targets.vncWithoutTls}, SSH aux anciens algorithmes : ${targets.sshLegacy}.`,
      `In clear or weakened — Telnet: ${targets.telnet}, VNC without TLS demanded: ${targets.vncWithoutTls}, SSH with old algorithms: ${targets.sshLegacy}.`,
    ),
    remedy: both(
      "Remplacez-les, ou faites-les passer dans un tunnel IPsec sur votre réseau d'administration.",
      "Replace them, or carry them in an IPsec tunnel on your administration network.",
    ),
    place: "/admin/machines",
  });
}

/** Whether the journal leaves the machine. */
export function lookAtSyslog({ settings }: ComplianceFacts): Verdict {
  if (settings.syslog.address !== "")
    return {
      state: "met",
      evidence: [
        both(
          `Journal copié en TLS vers ${settings.syslog.address} (RFC 5425), avec une file d'attente locale.`,
          `The journal is copied over TLS to ${settings.syslog.address} (RFC 5425), with a local spool.`,
        ),
      ],
      remedy: null,
      place: "/journal",
    };
  return {
    state: "not-met",
    evidence: [both("Aucun collecteur syslog n'est configuré.", "No syslog collector is configured.")],
    remedy: both("Réglez syslog.address et syslog.caFile.", "Set syslog.address and syslog.caFile."),
    place: "/journal",
  };
}

/** How long the journal and recordings are kept. */
export function lookAtRetention({ settings, policies }: ComplianceFacts): Verdict {
  const months = settings.journal.retentionMonths;
  const days = Math.max(...policies.map(({ rules }) => rules.retentionDays), 0);
  const isUsual = months <= 12 && days <= 365;
  const evidence = [
    both(
      `Journal : ${months} mois, puis effacement automatique ; enregistrements : ${days} jours au plus, chaque effacement laisse un certificat.`,
      `Journal: ${months} months, then deleted automatically; recordings: at most ${days} days, each deletion leaves a certificate.`,
    ),
  ];
  if (isUsual) return { state: "met", evidence, remedy: null, place: "/admin/retention" };
  return {
    state: "partly",
    evidence,
    remedy: both(
      "Au-delà de 12 mois (3 ans au plus pour le contrôle interne), documentez le risque qui le justifie.",
      "Beyond 12 months (3 years at most, for internal control) document the risk that justifies it.",
    ),
    place: "/admin/retention",
  };
}

/** Whether targets' identities were looked at by somebody. */
export function lookAtIdentities({ targets }: ComplianceFacts): Verdict {
  return byCount(targets.unconfirmedIdentities, {
    none: both(
      "Toute identité de cible retenue a été confirmée par un administrateur ; un changement arrête la session.",
      "Every identity of a target that was kept has been confirmed by an administrator; a change stops the session.",
    ),
    some: both(
      `Identités retenues à la première connexion et pas encore confirmées : ${targets.unconfirmedIdentities}.`,
      `Identities kept at first use and not confirmed yet: ${targets.unconfirmedIdentities}.`,
    ),
    remedy: both(
      "Comparez-les à celles des machines, puis confirmez-les.",
      "Compare them with those of the machines, then confirm them.",
    ),
    place: "/admin/machines",
  });
}

/** Whether it is said from where people may come. */
export function lookAtSources({ settings, policies, sourceLists }: ComplianceFacts): Verdict {
  const { allowedSources } = settings.signIn;
  const limited = policies.filter(({ rules }) => rules.sourceNetworks.length > 0);
  if (allowedSources.length > 0)
    return {
      state: "met",
      evidence: [
        both(
          `La passerelle ne s'ouvre que depuis : ${allowedSources.join(", ")}.`,
          `The gateway opens only from: ${allowedSources.join(", ")}.`,
        ),
      ],
      remedy: null,
      place: "/admin",
    };
  const remedy = both(
    "Réglez signIn.allowedSources, ou donnez des adresses d'origine à chaque politique utilisée.",
    "Set signIn.allowedSources, or give every policy in use its source addresses.",
  );
  const evidence = [
    both(
      `Politiques limitées à des adresses d'origine : ${limited.length} sur ${policies.length} ; listes de personnes, groupes et cibles : ${sourceLists}.`,
      `Policies limited to source addresses: ${limited.length} of ${policies.length}; lists of people, groups and targets: ${sourceLists}.`,
    ),
  ];
  const isMet = policies.length > 0 && limited.length === policies.length;
  if (isMet) return { state: "met", evidence, remedy: null, place: "/admin/policies" };
  const state = limited.length + sourceLists > 0 ? "partly" : "not-met";
  return { state, evidence, remedy, place: "/admin/policies" };
}

/** Whether those who decide, and those who must be alarmed, are told outside of the page. */
export function lookAtAlerts({ settings, policies }: ComplianceFacts): Verdict {
  const asking = policies.filter(({ rules }) => rules.approval !== null);
  const { host } = settings.mail;
  const isTold = host !== "" || asking.length === 0;
  return {
    state: isTold ? "met" : "partly",
    evidence: [
      host === ""
        ? both(
            `Aucun serveur de messagerie : demandes et accès d'urgence n'alertent que dans la page et au journal (politiques à approbation : ${asking.length}).`,
            `No mail server: requests and emergencies alert only in the page and the journal (policies with approval: ${asking.length}).`,
          )
        : both(
            `Demandes, décisions et accès d'urgence sont annoncés par courriel (${host}).`,
            `Requests, decisions and emergencies are told by mail (${host}).`,
          ),
    ],
    remedy: isTold
      ? null
      : both(
          "Réglez mail.host et mail.sender, puis essayez-les.",
          "Set mail.host and mail.sender, then try them.",
        ),
    place: "/admin/mail",
  };
}

/** How outside people come in: contract, addresses, workstations. */
export function lookAtVendors({ vendors }: ComplianceFacts): Verdict {
  if (vendors.count === 0) return noVendors;
  return {
    state: "partly",
    evidence: [
      both(
        `Personnes extérieures : ${vendors.count}, chacune avec société et référence de contrat ; accès approuvés à venir ou ouverts : ${vendors.passes}, tous limités à des adresses d'origine, tracés et suivis d'un rapport.`,
        `Outside people: ${vendors.count}, each with company and contract reference; approved passes to come or open: ${vendors.passes}, all limited to source addresses, logged and followed by a report.`,
      ),
    ],
    remedy: both(
      "Les postes des tiers, leur VPN et les clauses du contrat ne se voient pas d'ici ; leur portail est celui de tous.",
      "Third parties' workstations, their VPN and the contract's clauses cannot be seen from here; their portal is everybody's.",
    ),
    place: "/admin/vendors",
  };
}

/** Whether outside people have accounts of their own that are closed until they are needed. */
export function lookAtVendorAccounts({ vendors }: ComplianceFacts): Verdict {
  if (vendors.count === 0) return noVendors;
  const evidence = both(
    `Comptes propres aux personnes extérieures : ${vendors.count}, fermés hors du créneau d'un accès approuvé par une autre personne que son auteur ; ils se ferment d'eux-mêmes (accès à venir ou ouverts : ${vendors.passes}, dont sans gardien : ${vendors.unguarded}).`,
    `Accounts of outside people's own: ${vendors.count}, closed outside the slot of a pass that somebody else than its author approved; they close by themselves (passes to come or open: ${vendors.passes}, without a guardian: ${vendors.unguarded}).`,
  );
  return { state: "met", evidence: [evidence], remedy: null, place: "/admin/vendors" };
}

const noVendors: Verdict = {
  state: "not-applicable",
  evidence: [both("Aucune personne extérieure n'est connue ici.", "No outside person is known here.")],
  remedy: null,
  place: "/admin/vendors",
};

/** Whether somebody else agrees before a session opens. */
export function lookAtApprovals({ policies }: ComplianceFacts): Verdict {
  const without = policies.filter(({ rules }) => rules.approval === null && !rules.needsGuardian);
  return byCount(without.length, {
    none: both(
      "Chaque politique utilisée demande une approbation ou un gardien.",
      "Every policy in use asks for an approval or a guardian.",
    ),
    some: both(
      `Sans approbation ni gardien : ${names(without)}.`,
      `Without approval or guardian: ${names(without)}.`,
    ),
    remedy: both(
      "Demandez une approbation ou un gardien pour les accès les plus sensibles, et pour ceux des tiers.",
      "Ask for an approval or a guardian for the most sensitive accesses, and for those of third parties.",
    ),
    place: "/admin/policies",
  });
}

/** A backup older than this is told as late. */
const BACKUP_MAX_DAYS = 7;
/** A restore test older than this is told as late. */
const RESTORE_MAX_DAYS = 365;
const DAY_MS = 86_400_000;

/** Whether backups are made and tried, as far as the commands have noted it. */
export function lookAtBackups({ proofs, nowMs }: ComplianceFacts): Verdict {
  const ageOf = (name: "backup-made" | "restore-tested"): number | null => {
    const proof = proofs.get(name);
    return proof?.isGood === true ? Math.floor((nowMs - proof.atMs) / DAY_MS) : null;
  };
  const made = ageOf("backup-made");
  const tried = ageOf("restore-tested");
  const isMade = made !== null && made <= BACKUP_MAX_DAYS;
  const isTried = tried !== null && tried <= RESTORE_MAX_DAYS;
  const days = (count: number | null): [string, string] =>
    count === null ? ["jamais", "never"] : [`il y a ${count} j`, `${count} d ago`];
  const [[madeFr, madeEn], [triedFr, triedEn]] = [days(made), days(tried)];
  const evidence = both(
    `Sauvegarde par poterne backup : ${madeFr} ; restauration réussie par poterne restore-test : ${triedFr}. Cette page ne voit pas d'autres sauvegardes.`,
    `Backup by poterne backup: ${madeEn}; good restore by poterne restore-test: ${triedEn}. This page sees no other backups.`,
  );
  const state = isMade && isTried ? "met" : isMade || isTried ? "partly" : "not-met";
  const remedy = both(
    "Planifiez la sauvegarde chaque semaine au moins, gardez la clé maîtresse ailleurs, essayez la restauration chaque année.",
    "Schedule the backup at least weekly, keep the master key elsewhere, try a restore every year.",
  );
  return { state, evidence: [evidence], remedy: state === "met" ? null : remedy, place: null };
}
