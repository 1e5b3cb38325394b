import { defineErrors } from "./entry.ts";

/** Why a session could not open, or ended. Drivers and the hub use these codes; the end page shows their words. */
export const sessionErrors = defineErrors({
  "access-refused": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Aucune autorisation ne vous ouvre cet accès maintenant.",
      next: "Voyez « Pourquoi pas ? » ou demandez à un administrateur.",
    },
    en: { what: "No grant lets you open this now.", next: "See “Why can't I?” or ask an administrator." },
  },
  "reason-needed": {
    status: 422,
    journal: "none",
    fr: { what: "La politique demande un motif.", next: "Indiquez pourquoi vous ouvrez cette session." },
    en: { what: "The policy asks for a reason.", next: "Say why you open this session." },
  },
  "ticket-needed": {
    status: 422,
    journal: "none",
    fr: { what: "La politique demande un numéro de ticket.", next: "Indiquez le numéro du ticket." },
    en: { what: "The policy asks for a ticket number.", next: "Give the ticket's number." },
  },
  "account-needed": {
    status: 422,
    journal: "none",
    fr: { what: "Plusieurs comptes sont possibles.", next: "Choisissez un compte." },
    en: { what: "Several accounts are possible.", next: "Choose an account." },
  },
  "too-many-sessions": {
    status: 409,
    journal: "notice",
    fr: {
      what: "La politique limite le nombre de sessions ouvertes en même temps, et la limite est atteinte.",
      next: "Fermez une session, puis recommencez.",
    },
    en: {
      what: "The policy limits how many sessions are open at once, and the limit is reached.",
      next: "Close a session, then try again.",
    },
  },
  "session-ended": {
    status: 410,
    journal: "none",
    fr: { what: "Cette session est terminée.", next: "Ouvrez-en une nouvelle." },
    en: { what: "This session has ended.", next: "Open a new one." },
  },
  "session-full": {
    status: 429,
    journal: "none",
    fr: {
      what: "Trop de personnes regardent déjà cette session.",
      next: "Réessayez quand l'une d'elles sera partie.",
    },
    en: { what: "Too many people already watch this session.", next: "Try again when one of them has left." },
  },
  "node-full": {
    status: 503,
    journal: "alarm",
    fr: {
      what: "La passerelle a atteint son nombre maximal de sessions.",
      next: "Fermez une session ou prévenez l'administrateur.",
    },
    en: {
      what: "The gateway has reached its maximum number of sessions.",
      next: "Close a session or tell the administrator.",
    },
  },
  "no-guardian": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Aucun gardien n'a rejoint la session à temps.",
      next: "Convenez d'un moment avec un gardien, puis recommencez.",
    },
    en: {
      what: "No guardian joined the session in time.",
      next: "Agree on a time with a guardian, then try again.",
    },
  },
  "address-denied": {
    status: 403,
    journal: "alarm",
    fr: {
      what: "L'adresse {address} est interdite par la configuration de la passerelle.",
      next: "Demandez à l'administrateur (sessions.deniedAddresses).",
    },
    en: {
      what: "The gateway's configuration forbids the address {address}.",
      next: "Ask the administrator (sessions.deniedAddresses).",
    },
  },
  "name-unknown": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le nom {address} est inconnu du DNS de la passerelle.",
      next: "Corrigez l'adresse de la machine, ou le DNS.",
    },
    en: {
      what: "The gateway's DNS does not know the name {address}.",
      next: "Correct the machine's address, or the DNS.",
    },
  },
  "gateway-died": {
    status: 503,
    journal: "alarm",
    fr: { what: "La passerelle s'est arrêtée brutalement.", next: "Reconnectez-vous." },
    en: { what: "The gateway stopped without warning.", next: "Reconnect." },
  },
  "target-unreachable": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {address} ne répond pas sur le port {port}.",
      next: "Vérifiez qu'elle est allumée et que le réseau y mène.",
    },
    en: {
      what: "The machine {address} does not answer on port {port}.",
      next: "Check that it is on and that the network leads there.",
    },
  },
  "target-refused": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {address} refuse la connexion sur le port {port}.",
      next: "Vérifiez que le service y fonctionne.",
    },
    en: {
      what: "The machine {address} refuses connections on port {port}.",
      next: "Check that the service runs there.",
    },
  },
  "target-closed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine a coupé la connexion.",
      next: "Reconnectez-vous ; si cela se répète, voyez les journaux de la machine.",
    },
    en: {
      what: "The machine cut the connection.",
      next: "Reconnect; if it happens again, look at the machine's logs.",
    },
  },
  "target-silent": {
    status: 504,
    journal: "notice",
    fr: {
      what: "La machine a accepté la connexion puis n'a plus rien dit pendant {seconds} s.",
      next: "Vérifiez l'état du service sur la machine.",
    },
    en: {
      what: "The machine accepted the connection, then said nothing for {seconds} s.",
      next: "Check the service's state on the machine.",
    },
  },
  "protocol-error": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine a envoyé une réponse incompréhensible ({detail}).",
      next: "Vérifiez le protocole et le port de la cible.",
    },
    en: {
      what: "The machine sent an answer that makes no sense ({detail}).",
      next: "Check the target's protocol and port.",
    },
  },
  "wrong-password": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine a refusé l'identifiant ou le secret du compte.",
      next: "Vérifiez le compte, ou retapez le mot de passe.",
    },
    en: {
      what: "The machine refused the account's name or secret.",
      next: "Check the account, or type the password again.",
    },
  },
  "clipboard-too-large": {
    status: 200,
    journal: "none",
    fr: {
      what: "Le presse-papiers de la machine ({sizeBytes} octets) dépasse la limite de la politique.",
      next: "Copiez moins à la fois.",
    },
    en: {
      what: "The machine's clipboard ({sizeBytes} bytes) is over the policy's limit.",
      next: "Copy less at a time.",
    },
  },
  "question-unanswered": {
    status: 408,
    journal: "none",
    fr: {
      what: "La question posée est restée sans réponse.",
      next: "Recommencez et répondez dans le temps donné.",
    },
    en: { what: "The question asked was not answered.", next: "Start again and answer in time." },
  },
  "identity-changed": {
    status: 502,
    journal: "alarm",
    fr: {
      what: "L'identité de {target} a changé : attendu {expected}, reçu {received}.",
      next: "N'insistez pas. Un administrateur doit vérifier, puis confirmer la nouvelle empreinte.",
    },
    en: {
      what: "The identity of {target} has changed: expected {expected}, got {received}.",
      next: "Do not insist. An administrator must check, then confirm the new fingerprint.",
    },
  },
  "identity-unknown": {
    status: 502,
    journal: "notice",
    fr: {
      what: "L'identité de {target} n'est pas encore épinglée : {received}.",
      next: "Un administrateur doit comparer cette empreinte, puis l'épingler sur cette cible.",
    },
    en: {
      what: "The identity of {target} is not pinned yet: {received}.",
      next: "An administrator must compare this fingerprint, then pin it on that target.",
    },
  },
  "closed-by-target": {
    status: 200,
    journal: "none",
    fr: { what: "La machine a fermé la session.", next: "Vous pouvez vous reconnecter." },
    en: { what: "The machine closed the session.", next: "You can reconnect." },
  },
  left: {
    status: 200,
    journal: "none",
    fr: { what: "Vous avez quitté la session.", next: "Vous pouvez vous reconnecter." },
    en: { what: "You left the session.", next: "You can reconnect." },
  },
  "ended-by-guardian": {
    status: 403,
    journal: "notice",
    fr: { what: "{by} a mis fin à la session.", next: "Adressez-vous à cette personne." },
    en: { what: "{by} ended the session.", next: "Ask that person." },
  },
  "ended-by-revocation": {
    status: 403,
    journal: "notice",
    fr: { what: "Votre autorisation a été retirée.", next: "Demandez à un administrateur." },
    en: { what: "Your grant was withdrawn.", next: "Ask an administrator." },
  },
  "time-over": {
    status: 403,
    journal: "notice",
    fr: {
      what: "La durée maximale de {minutes} min est écoulée.",
      next: "Ouvrez une nouvelle session si la politique le permet.",
    },
    en: {
      what: "The maximum of {minutes} min is over.",
      next: "Open a new session if the policy allows.",
    },
  },
  "idle-too-long": {
    status: 403,
    journal: "none",
    fr: {
      what: "La session est restée {minutes} min sans activité.",
      next: "Vous pouvez vous reconnecter.",
    },
    en: { what: "The session was idle for {minutes} min.", next: "You can reconnect." },
  },
  "grace-over": {
    status: 408,
    journal: "none",
    fr: {
      what: "Le navigateur n'est pas revenu dans le délai de {seconds} s.",
      next: "Ouvrez une nouvelle session.",
    },
    en: { what: "The browser did not come back within {seconds} s.", next: "Open a new session." },
  },
  "gateway-stopping": {
    status: 503,
    journal: "notice",
    fr: { what: "La passerelle s'arrête.", next: "Reconnectez-vous dans un instant." },
    en: { what: "The gateway is stopping.", next: "Reconnect in a moment." },
  },
  "wire-version": {
    status: 400,
    journal: "none",
    fr: { what: "Cette page est d'une autre version que la passerelle.", next: "Rechargez la page." },
    en: { what: "This page is of another version than the gateway.", next: "Reload the page." },
  },
  "viewer-protocol": {
    status: 400,
    journal: "notice",
    fr: { what: "Le navigateur a envoyé un message incompréhensible.", next: "Rechargez la page." },
    en: { what: "The browser sent a message that makes no sense.", next: "Reload the page." },
  },
  "hours-over": {
    status: 410,
    journal: "notice",
    fr: {
      what: "Les heures d'ouverture de cet accès sont terminées.",
      next: "Revenez à la prochaine ouverture, ou demandez un autre accès.",
    },
    en: {
      what: "The hours of this access are over.",
      next: "Come back when it opens again, or ask for another access.",
    },
  },
  "checkout-over": {
    status: 410,
    journal: "notice",
    fr: {
      what: "Le compte partagé de cette session a été rendu, repris, ou son emprunt est terminé.",
      next: "Empruntez-le de nouveau sur la page Demandes, puis rouvrez la session.",
    },
    en: {
      what: "The shared account of this session was returned or taken back, or its check-out is over.",
      next: "Check it out again on the Requests page, then open the session anew.",
    },
  },
  "grant-over": {
    status: 410,
    journal: "notice",
    fr: {
      what: "L'autorisation de cette session est arrivée à son terme.",
      next: "Demandez sa prolongation si le travail n'est pas fini.",
    },
    en: {
      what: "The grant of this session has come to its end.",
      next: "Ask for it to be extended if the work is not done.",
    },
  },
});
