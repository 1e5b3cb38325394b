import { counted } from "../format.ts";

/** Words of signing in and enrolling. */
export const signIn = {
  title: "Connexion",
  login: "Identifiant",
  loginHint: "Celui que l'administrateur vous a donné.",
  loginHintDirectory: (names: readonly string[]) =>
    `Celui de cette passerelle, ou celui de ${names.join(", ")}.`,
  withFederation: (name: string) => `Se connecter par ${name}`,
  federationNeededText: "Ce lien remplace vos appareils. Connectez-vous d'abord par votre fédération.",
  firstStart:
    "Aucun administrateur n'existe encore. Ouvrez le lien « First sign-in » que la passerelle a affiché à son démarrage ; il vaut une heure.",
  passwordAgain: "Mot de passe, une deuxième fois",
  passwordsDiffer: "Les deux saisies diffèrent.",
  withPassword: "Se connecter",
  withTicket: "Me connecter avec ma session du domaine",
  orPasskey: "ou",
  passkeyHidden: {
    "ip-address":
      "Les clés d'accès sont masquées : le navigateur les refuse à une adresse IP. Ouvrez la passerelle par son nom.",
    "not-secure": "Les clés d'accès sont masquées : elles demandent HTTPS.",
  },
  welcome: (name: string) => `Bonjour ${name}`,
  linkOpening: "Ouverture du lien…",
  linkFailed: "Ce lien ne peut pas être ouvert",
  toSignIn: "Aller à la page de connexion",
  passwordNeededText: "Ce lien remplace vos appareils. Donnez d'abord votre mot de passe.",
  newPasswordTitle: "Choisissez votre mot de passe",
  newPasswordFirst: "Premier administrateur",
  newPasswordFirstText: "Vous créez le compte qui administrera cette passerelle.",
  yourName: "Votre nom",
  newPassword: "Nouveau mot de passe",
  rules: (minLength: number, remembered: number) =>
    `Au moins ${counted("fr", minLength, { one: "# caractère", other: "# caractères" })} ; une phrase de plusieurs mots convient bien. ${
      remembered > 0
        ? `Différent de ${counted("fr", remembered, { one: "votre dernier mot de passe", other: "vos # derniers" })}.`
        : ""
    }`,
  factorTitle: "Second facteur",
  factorText: "Confirmez que c'est bien vous.",
  otherWays: "Autres moyens",
  enrolTitle: "Protégez votre compte",
  enrolText:
    "Un second facteur est exigé avant la première utilisation. Choisissez-en un ; vous pourrez en ajouter d'autres.",
  enrolPasskey: "Clé d'accès",
  enrolPasskeyText:
    "Recommandé. Votre ordinateur, votre téléphone ou une clé de sécurité confirme votre identité ; rien à recopier.",
  enrolTotp: "Application de codes",
  enrolTotpText: "Une application de votre téléphone affiche un code de six chiffres toutes les 30 secondes.",
  choose: "Choisir",
  scan: "Lisez ce code QR avec votre application, puis tapez le code qu'elle affiche.",
  qrLabel: "Code QR à lire avec l'application d'authentification",
  typeSecret: "Ou tapez cette clé dans l'application :",
  deviceName: "Nom de cet appareil",
  deviceNameTotp: "Mon téléphone",
  deviceNamePasskey: "Ma clé d'accès",
  finishEnrolment: "Vérifier et enregistrer",
  codesTitle: "Vos codes de secours",
  codesText:
    "Ils remplacent votre appareil s'il est perdu. Chacun sert une fois. Ils ne seront plus jamais affichés : gardez-les à l'abri, ailleurs que sur cet appareil.",
  codesDownload: "Télécharger",
  codesPrint: "Imprimer",
  codesCopy: "Copier",
  codesFile: "codes-de-secours-poterne.txt",
  codesSaved: "J'ai mis ces codes en lieu sûr",
  charterTitle: "Charte d'utilisation",
  charterText: "Lisez-la ; l'accepter est nécessaire pour continuer. Votre acceptation est journalisée.",
  charterAccept: "J'ai lu et j'accepte la charte",
  leaving: "Connexion réussie. Ouverture de la console…",
};
