import { defineErrors } from "./entry.ts";

/** Failures of sites, machines, targets, accounts, policies, grants and of what they decide. `refused-…` are the words of a `RefusalReason`, `import-…` those of an import's lines. */
export const accessErrors = defineErrors({
  "name-taken": {
    status: 409,
    journal: "none",
    fr: { what: "Ce nom existe déjà à cet endroit : {name}.", next: "Choisissez un autre nom." },
    en: { what: "This name is already in use there: {name}.", next: "Choose another name." },
  },
  "site-cycle": {
    status: 409,
    journal: "none",
    fr: { what: "Un site ne peut pas être placé sous lui-même.", next: "Choisissez un autre site parent." },
    en: { what: "A site cannot be placed under itself.", next: "Choose another site above it." },
  },
  "site-too-deep": {
    status: 409,
    journal: "none",
    fr: { what: "L'arbre des sites aurait plus de {limit} niveaux.", next: "Placez le site plus haut." },
    en: { what: "The tree of sites would have more than {limit} levels.", next: "Place the site higher." },
  },
  "site-not-empty": {
    status: 409,
    journal: "none",
    fr: {
      what: "Ce site n'est pas vide (sites : {sites}, machines : {machines}).",
      next: "Déplacez-les ou supprimez-les d'abord.",
    },
    en: {
      what: "This site is not empty (sites: {sites}, machines: {machines}).",
      next: "Move or delete them first.",
    },
  },
  "too-many-objects": {
    status: 409,
    journal: "none",
    fr: { what: "La limite de {limit} éléments est atteinte.", next: "Supprimez ceux qui ne servent plus." },
    en: { what: "The limit of {limit} items is reached.", next: "Delete those no longer needed." },
  },
  "jump-target-invalid": {
    status: 422,
    journal: "none",
    fr: {
      what: "Un rebond doit être une autre cible SSH que vous administrez, sans boucle.",
      next: "Corrigez la liste des rebonds.",
    },
    en: {
      what: "A jump host must be another SSH target that you administer, without a loop.",
      next: "Correct the list of jump hosts.",
    },
  },
  "bad-identity": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce n'est ni une clé publique OpenSSH, ni un certificat PEM, ni une empreinte SHA-256 de ce protocole.",
      next: "Collez la ligne de la clé d'hôte, le certificat de la cible, ou son empreinte.",
    },
    en: {
      what: "This is neither an OpenSSH public key, nor a PEM certificate, nor a SHA-256 fingerprint of this protocol.",
      next: "Paste the host key's line, the target's certificate, or its fingerprint.",
    },
  },
  "wrong-account-kind": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce compte n'est pas de la sorte qui porte ce secret.",
      next: "Créez un compte de la bonne sorte.",
    },
    en: {
      what: "This account is not of the kind that holds this secret.",
      next: "Create an account of the right kind.",
    },
  },
  "bad-certificate": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce certificat OpenSSH n'est pas valable pour la clé de ce compte.",
      next: "Faites signer la clé publique affichée, puis collez la ligne obtenue.",
    },
    en: {
      what: "This OpenSSH certificate is not valid for this account's key.",
      next: "Have the public key shown here signed, then paste the resulting line.",
    },
  },
  "purpose-missing": {
    status: 422,
    journal: "none",
    fr: {
      what: "Enregistrer la saisie demande une finalité écrite.",
      next: "Indiquez pourquoi la saisie est enregistrée.",
    },
    en: {
      what: "Recording what is typed needs a written purpose.",
      next: "Say why what is typed is recorded.",
    },
  },
  "policy-in-use": {
    status: 409,
    journal: "none",
    fr: {
      what: "Des autorisations utilisent encore cette politique ({count}).",
      next: "Donnez-leur une autre politique d'abord.",
    },
    en: { what: "Grants still use this policy ({count}).", next: "Give them another policy first." },
  },
  "policy-is-default": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette politique est celle proposée par défaut.",
      next: "Choisissez d'abord une autre politique par défaut.",
    },
    en: { what: "This policy is the default one.", next: "Choose another default policy first." },
  },
  "policy-no-earlier": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette politique n'a pas de version antérieure à rétablir.",
      next: "Modifiez-la directement.",
    },
    en: { what: "This policy has no earlier version to go back to.", next: "Change it directly." },
  },
  "policy-out-of-reach": {
    status: 422,
    journal: "none",
    fr: {
      what: "Cette politique n'appartient ni à ce site ni à un site au-dessus.",
      next: "Choisissez une politique de ce site ou d'un site au-dessus.",
    },
    en: {
      what: "This policy belongs neither to this site nor to one above.",
      next: "Choose a policy of this site or of one above.",
    },
  },
  "grant-incomplete": {
    status: 422,
    journal: "none",
    fr: {
      what: "Une autorisation demande une personne ou un groupe, et au moins une cible, une machine ou un site.",
      next: "Complétez l'autorisation.",
    },
    en: {
      what: "A grant needs a person or a group, and at least one target, machine or site.",
      next: "Complete the grant.",
    },
  },
  "grant-times-wrong": {
    status: 422,
    journal: "none",
    fr: { what: "La fin de validité précède son début.", next: "Corrigez les dates." },
    en: { what: "The grant would end before it begins.", next: "Correct the dates." },
  },
  "not-restorable": {
    status: 410,
    journal: "none",
    fr: {
      what: "Cet élément ne peut plus être rétabli : ce à quoi il appartient n'existe plus, ou le délai est passé.",
      next: "Créez-le de nouveau.",
    },
    en: {
      what: "This item can no longer be restored: what it belonged to is gone, or the time has passed.",
      next: "Create it anew.",
    },
  },
  "import-unreadable": {
    status: 422,
    journal: "none",
    fr: {
      what: "Le fichier n'est pas un CSV lisible : {detail}.",
      next: "Enregistrez-le en CSV UTF-8 avec une ligne de titres comme celle de l'export.",
    },
    en: {
      what: "The file is not a readable CSV: {detail}.",
      next: "Save it as UTF-8 CSV with a header line like the export's.",
    },
  },
  "import-column-count": {
    status: 422,
    journal: "none",
    fr: {
      what: "La ligne n'a pas autant de colonnes que l'en-tête.",
      next: "Vérifiez les séparateurs et les guillemets de cette ligne.",
    },
    en: {
      what: "The line does not have as many columns as the header.",
      next: "Check the separators and quotes of this line.",
    },
  },
  "import-column-unknown": {
    status: 422,
    journal: "none",
    fr: {
      what: "Cette colonne n'existe pas. Colonnes admises : site, machine, addresses, machine_disabled, kerberos_name, notes, target, protocol, port, address, target_disabled, options, et fact:NOM.",
      next: "Corrigez le nom de la colonne, ou retirez-la.",
    },
    en: {
      what: "There is no such column. The columns are site, machine, addresses, machine_disabled, kerberos_name, notes, target, protocol, port, address, target_disabled, options, and fact:NAME.",
      next: "Correct the column's name, or remove it.",
    },
  },
  "import-value-missing": {
    status: 422,
    journal: "none",
    fr: { what: "Une valeur obligatoire manque.", next: "Remplissez cette colonne." },
    en: { what: "A mandatory value is missing.", next: "Fill in this column." },
  },
  "import-value-wrong": {
    status: 422,
    journal: "none",
    fr: { what: "Cette valeur n'est pas admise dans cette colonne.", next: "Corrigez-la d'après le guide." },
    en: { what: "This value is not allowed in this column.", next: "Correct it after the guide." },
  },
  "import-site-unknown": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce site n'existe pas, ou vous ne l'administrez pas.",
      next: "Corrigez le chemin du site ou demandez sa création.",
    },
    en: {
      what: "This site does not exist, or you do not administer it.",
      next: "Correct the site's path or ask for it to be created.",
    },
  },
  "import-target-twice": {
    status: 422,
    journal: "none",
    fr: {
      what: "Cette cible figure deux fois dans le fichier, ou change de protocole.",
      next: "Gardez une seule ligne par cible.",
    },
    en: {
      what: "This target stands twice in the file, or changes its protocol.",
      next: "Keep one line per target.",
    },
  },
  "import-machine-differs": {
    status: 422,
    journal: "none",
    fr: {
      what: "Deux lignes de la même machine se contredisent.",
      next: "Répétez les mêmes valeurs sur toutes les lignes de la machine.",
    },
    en: {
      what: "Two lines of the same machine contradict each other.",
      next: "Repeat the same values on all lines of the machine.",
    },
  },
  "refused-no-grant": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Aucune autorisation ne donne accès à cette cible.",
      next: "Demandez-la à un administrateur.",
    },
    en: { what: "No grant gives access to this target.", next: "Ask an administrator for it." },
  },
  "refused-grant-not-yet-valid": {
    status: 403,
    journal: "notice",
    fr: { what: "L'autorisation n'est pas encore valable.", next: "Revenez quand elle commence." },
    en: { what: "The grant is not valid yet.", next: "Come back when it begins." },
  },
  "refused-grant-expired": {
    status: 403,
    journal: "notice",
    fr: { what: "L'autorisation a expiré.", next: "Demandez sa prolongation." },
    en: { what: "The grant has expired.", next: "Ask for it to be extended." },
  },
  "refused-target-disabled": {
    status: 403,
    journal: "notice",
    fr: { what: "Cette cible est désactivée.", next: "Demandez à un administrateur." },
    en: { what: "This target is switched off.", next: "Ask an administrator." },
  },
  "refused-machine-disabled": {
    status: 403,
    journal: "notice",
    fr: { what: "Cette machine est désactivée.", next: "Demandez à un administrateur." },
    en: { what: "This machine is switched off.", next: "Ask an administrator." },
  },
  "refused-person-disabled": {
    status: 403,
    journal: "notice",
    fr: { what: "Cette personne est désactivée.", next: "Demandez à un administrateur." },
    en: { what: "This person is switched off.", next: "Ask an administrator." },
  },
  "refused-no-account": {
    status: 403,
    journal: "notice",
    fr: {
      what: "L'autorisation n'a aucun compte utilisable.",
      next: "Demandez à un administrateur de compléter le compte.",
    },
    en: {
      what: "The grant has no account that can be used.",
      next: "Ask an administrator to complete the account.",
    },
  },
  "refused-sessions-per-person": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Il y a déjà autant de sessions de cette personne que la politique en permet.",
      next: "Fermez une session.",
    },
    en: {
      what: "There are already as many sessions of this person as the policy allows.",
      next: "Close a session.",
    },
  },
  "refused-sessions-per-target": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Cette cible a déjà autant de sessions que la politique en permet.",
      next: "Réessayez quand l'une d'elles sera terminée.",
    },
    en: {
      what: "This target already has as many sessions as the policy allows.",
      next: "Try again when one of them has ended.",
    },
  },
});
