/** What a person reads of several screens. */
export interface ScreensWords {
  readonly title: string;
  readonly add: string;
  /** How many further windows there are. */
  readonly count: (count: number) => string;
  readonly most: (count: number) => string;
  readonly oneOnly: string;
  readonly refused: string;
  readonly page: (machine: string, number: number) => string;
  readonly picture: (machine: string, number: number) => string;
  readonly screen: (number: number) => string;
  readonly fullScreen: string;
  readonly exitFullScreen: string;
  readonly close: string;
  readonly bar: string;
  readonly recorded: string;
  readonly paused: string;
  readonly waiting: { readonly title: string; readonly text: string };
  readonly lost: { readonly title: string; readonly text: string };
  readonly notTaken: { readonly title: string; readonly text: string };
  readonly noPage: { readonly title: string; readonly text: string };
  readonly replaced: { readonly title: string; readonly text: string };
  readonly ended: { readonly title: string; readonly text: string };
}

/** French. */
export const screensFr: ScreensWords = {
  title: "Écrans",
  add: "Ajouter un écran",
  count: (count) =>
    count === 1 ? "Une autre fenêtre montre un écran." : `${count} autres fenêtres montrent un écran.`,
  most: (count) => `Le plus possible ici : ${count} écrans.`,
  oneOnly: "Cette machine n’a qu’un écran, ou ne dit pas en accepter plusieurs.",
  refused: "Le navigateur a refusé d’ouvrir la fenêtre. Autorisez les fenêtres de ce site, puis réessayez.",
  page: (machine, number) => `${machine} — écran ${number}`,
  picture: (machine, number) => `Bureau de ${machine}, écran ${number}`,
  screen: (number) => `Écran ${number}`,
  fullScreen: "Plein écran",
  exitFullScreen: "Quitter le plein écran",
  close: "Fermer cet écran",
  bar: "Barre de l’écran",
  recorded: "Enregistrée",
  paused: "Saisie en pause",
  waiting: {
    title: "En attente de la session",
    text: "Cet écran revient dès que la page de la session est là.",
  },
  lost: { title: "Connexion perdue", text: "La page de la session se reconnecte ; l’image est figée." },
  notTaken: {
    title: "La machine n’a pas encore cet écran",
    text: "Elle change ses écrans, ou n’en accepte pas autant de cette taille. Réduisez la fenêtre si cela dure.",
  },
  noPage: {
    title: "Cet écran n’a plus de session",
    text: "La page qui l’a ouvert est fermée. Rouvrez la session, puis « Ajouter un écran » dans le menu Affichage.",
  },
  replaced: { title: "Écran ouvert ailleurs", text: "Une autre fenêtre montre maintenant cet écran." },
  ended: { title: "Session terminée", text: "Vous pouvez fermer cette fenêtre." },
};

/** English. */
export const screensEn: ScreensWords = {
  title: "Screens",
  add: "Add a screen",
  count: (count) =>
    count === 1 ? "One more window shows a screen." : `${count} more windows show a screen.`,
  most: (count) => `The most there can be here: ${count} screens.`,
  oneOnly: "This machine has one screen only, or does not say that it takes more.",
  refused: "The browser refused to open the window. Allow this site’s windows, then try again.",
  page: (machine, number) => `${machine} — screen ${number}`,
  picture: (machine, number) => `Desktop of ${machine}, screen ${number}`,
  screen: (number) => `Screen ${number}`,
  fullScreen: "Full screen",
  exitFullScreen: "Leave full screen",
  close: "Close this screen",
  bar: "Screen bar",
  recorded: "Recorded",
  paused: "Input paused",
  waiting: {
    title: "Waiting for the session",
    text: "This screen comes back as soon as the session’s page is there.",
  },
  lost: { title: "Connection lost", text: "The session’s page is reconnecting; the picture stands still." },
  notTaken: {
    title: "The machine does not have this screen yet",
    text: "It is changing its screens, or takes no more of this size. Make the window smaller if this lasts.",
  },
  noPage: {
    title: "This screen has no session any more",
    text: "The page that opened it is closed. Open the session again, then “Add a screen” in the Display menu.",
  },
  replaced: { title: "Screen open elsewhere", text: "Another window shows this screen now." },
  ended: { title: "Session ended", text: "You may close this window." },
};
