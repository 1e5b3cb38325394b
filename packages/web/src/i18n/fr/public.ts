/** Words of the public pages. */
export const publicPages = {
  aboutTitle: "À propos de Poterne",
  aboutText:
    "Une passerelle auto-hébergée pour tous les accès distants d'une organisation. Le navigateur suffit, rien n'appelle l'extérieur, tout est tracé.",
  version: "Version",
  licence: "Licence",
  licenceText:
    "Logiciel libre sous licence Apache 2.0. Polices Inter et JetBrains Mono, sous SIL Open Font License 1.1. Les bibliothèques et leurs licences sont énumérées dans le fichier package-lock.json du code source.",
  apiText: "Tout ce que font ces pages, l'API le fait aussi : sa description OpenAPI est à l'adresse",
  demo: "Ceci est une démonstration : ne l'exposez pas à un réseau.",
  accessibilityTitle: "Déclaration d'accessibilité",
  accessibilityStatus: "État de conformité",
  accessibilityStatusText:
    "Ces pages visent le RGAA 4 et WCAG 2.2, niveau AA. Aucun audit par un organisme extérieur n'a encore eu lieu : la conformité n'est donc pas déclarée. Chaque page est contrôlée par axe dans les tests du projet, sans aucune anomalie ; un outil automatique ne voit qu'une partie des critères.",
  accessibilityDone: "Ce qui est fait",
  accessibilityDoneList: [
    "Tout ce qui entoure l'image distante s'utilise au clavier seul, avec un focus toujours visible et un lien d'évitement.",
    "Aucun état n'est porté par la seule couleur : forme et mot l'accompagnent.",
    "Les contrastes respectent le niveau AA en clair et en sombre ; les animations suivent le réglage du système.",
    "Les messages d'erreur et les changements d'état sont annoncés aux lecteurs d'écran.",
    "Les pages se réorganisent jusqu'à 320 pixels de large et un zoom de 400 %.",
  ],
  accessibilityLimits: "Limites connues",
  accessibilityLimitsList: [
    "L'image d'un bureau distant est une image : son contenu n'est pas accessible à un lecteur d'écran local. Utilisez celui de la machine distante.",
    "Le terminal distant est rendu sur une surface graphique ; un mode pour lecteur d'écran n'a pas encore été vérifié avec NVDA ni Orca.",
    "Pendant une session en plein écran avec clavier verrouillé, la touche Échap maintenue est le moyen de sortir ; la page le dit.",
  ],
  accessibilityContact:
    "Un obstacle ? Écrivez à l'administrateur de cette passerelle en citant l'adresse de la page. Sans réponse satisfaisante, en France, vous pouvez saisir le Défenseur des droits.",
};
