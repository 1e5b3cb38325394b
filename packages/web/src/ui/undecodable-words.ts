/** What a person reads when the browser does not decode the picture's H.264. */
export interface UndecodableWords {
  readonly title: string;
  /** What happened and why. */
  readonly why: string;
  /** What to do now. */
  readonly next: string;
  readonly code: string;
}

/** French. */
export const undecodableFr: UndecodableWords = {
  title: "Ce navigateur ne peut pas afficher cette image",
  why: "La machine envoie son image en H.264, que ce navigateur ne sait pas décoder.",
  next:
    "Ouvrez cette page avec un Chrome, Edge, Firefox ou Safari récent, ou ajoutez le décodeur H.264 à ce système " +
    "(sous Linux, le paquet de codecs de la distribution). Si la machine change de format, l’image revient d’elle-même.",
  code: "Code : h264-missing",
};

/** English. */
export const undecodableEn: UndecodableWords = {
  title: "This browser cannot show this picture",
  why: "The machine sends its picture as H.264, which this browser cannot decode.",
  next:
    "Open this page in a recent Chrome, Edge, Firefox or Safari, or add the H.264 decoder to this system " +
    "(on Linux, the distribution’s codec package). If the machine changes its format, the picture comes back by itself.",
  code: "Code: h264-missing",
};
