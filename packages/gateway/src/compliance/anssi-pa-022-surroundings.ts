import { lookAtSources } from "./looks.ts";
import { both, inPart, notHere, type Rule } from "./rule.ts";

const source = "anssi-pa-022";

/** ANSSI-PA-022: workstations, network, updates and assistance, of which a gateway sees and does the smaller part. */
export const surroundingRules: readonly Rule[] = [
  {
    source,
    number: "R8–R13",
    meaning: both(
      "Le poste d'administration est géré, dédié ou cloisonné, sans Internet, durci.",
      "The administrator's workstation is managed, dedicated or partitioned, without Internet, hardened.",
    ),
    proofs: ["sign-in-with-factor"],
    judge: ({ settings, people }) =>
      inPart(
        both(
          `Rien n'est à installer sur le poste : un navigateur suffit, et rien de la cible n'y reste. Aucun certificat de poste n'est exigé ; adresses de la passerelle ${settings.signIn.allowedSources.length > 0 ? "limitées" : "non limitées"}, personnes actives : ${people.count}.`,
          `Nothing is to be installed on the workstation: a browser is enough, and nothing of the target stays on it. No certificate of the workstation is demanded; addresses of the gateway ${settings.signIn.allowedSources.length > 0 ? "limited" : "not limited"}, active people: ${people.count}.`,
        ),
        both(
          "La gestion, le cloisonnement et le durcissement des postes restent à votre charge ; n'admettez que leur réseau (signIn.allowedSources).",
          "Managing, partitioning and hardening workstations remain yours to do; let in their network alone (signIn.allowedSources).",
        ),
        "/admin",
      ),
  },
  {
    source,
    number: "R15–R21",
    meaning: both(
      "Un réseau d'administration dédié, filtré, sans accès de machine à machine, protégé sur les réseaux de tiers.",
      "A network of administration of its own, filtered, without access from machine to machine, protected on third parties' networks.",
    ),
    judge: (facts) => {
      const { host, port } = facts.settings;
      const isOpen = host === "0.0.0.0" || host === "::";
      const seen = lookAtSources(facts);
      const listens = isOpen
        ? both(
            `La passerelle écoute sur toutes les interfaces (port ${port}).`,
            `The gateway listens on all interfaces (port ${port}).`,
          )
        : both(
            `La passerelle n'écoute que sur ${host}:${port}.`,
            `The gateway listens on ${host}:${port} alone.`,
          );
      const reaches = both(
        `Elle ne joint que des cibles enregistrées, et jamais : ${facts.settings.sessions.deniedAddresses.join(", ")}.`,
        `It reaches registered targets alone, and never: ${facts.settings.sessions.deniedAddresses.join(", ")}.`,
      );
      return {
        state: "partly",
        evidence: [listens, reaches, ...seen.evidence],
        remedy: isOpen
          ? both(
              "Réglez host sur l'adresse du réseau d'administration ; le filtrage du réseau reste à votre charge.",
              "Set host to the address on the administration network; the network's filtering remains yours to do.",
            )
          : both(
              "Le réseau dédié et son filtrage restent à votre charge.",
              "The dedicated network and its filtering remain yours to do.",
            ),
        place: "/admin",
      };
    },
  },
  {
    source,
    number: "R42, R43, R44",
    meaning: both(
      "Les correctifs sont appliqués, et passent par des serveurs relais.",
      "Updates are applied, and come by way of relay servers.",
    ),
    judge: ({ version }) =>
      inPart(
        both(
          `Version installée : ${version}. Rien n'appelle l'extérieur : une mise à jour se fait d'un paquet que vous apportez (poterne upgrade, après une sauvegarde).`,
          `Version installed: ${version}. Nothing calls out: an update is made from a package that you bring (poterne upgrade, after a backup).`,
        ),
        both(
          "Suivez les versions publiées, et les correctifs du système et des cibles : cette page ne les voit pas.",
          "Follow the versions published, and the updates of the system and of the targets: this page does not see them.",
        ),
        "/admin",
      ),
  },
  {
    source,
    number: "R70, R71",
    meaning: both(
      "L'assistance à distance passe par un boîtier vidéo ou une solution logicielle dédiée.",
      "Remote assistance goes by a video box or a software solution of its own.",
    ),
    judge: () =>
      notHere(
        both(
          "Cette version ouvre des sessions d'administration ; elle n'assiste personne dans sa propre session.",
          "This version opens sessions of administration; it assists nobody in their own session.",
        ),
      ),
  },
];
