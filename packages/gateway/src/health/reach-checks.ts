import { connect } from "node:net";
import type { HealthCheck } from "@poterne/contract";
import { pendingMigrations } from "../store/migrate-store.ts";
import type { Store } from "../store/store.ts";
import { ok, wrong } from "./check.ts";

const CONNECT_TIMEOUT_MS = 5000;

/** Does the store answer, with the schema of this version? */
export async function checkStore(store: Store): Promise<HealthCheck> {
  try {
    const pending = await pendingMigrations(store);
    if (pending.length === 0)
      return ok("store", { fr: `Base ${store.engine} : à jour.`, en: `Store ${store.engine}: up to date.` });
    return wrong(
      "store",
      "warning",
      {
        fr: `Base ${store.engine} : ${pending.length} ${pending.length > 1 ? "évolutions" : "évolution"} à appliquer.`,
        en: `Store ${store.engine}: ${pending.length} ${pending.length === 1 ? "change" : "changes"} to apply.`,
      },
      {
        fr: "Lancez « poterne upgrade » (une sauvegarde est faite d'abord).",
        en: "Run “poterne upgrade” (a backup is made first).",
      },
    );
  } catch {
    return wrong(
      "store",
      "failed",
      { fr: `La base ${store.engine} ne répond pas.`, en: `The ${store.engine} store does not answer.` },
      {
        fr: "Vérifiez que le serveur fonctionne et que store.url est juste.",
        en: "Check that the server runs and that store.url is right.",
      },
    );
  }
}

/** Does the keeper service answer on its socket? */
export async function checkKeeperService(socketPath: string): Promise<HealthCheck> {
  const problem = await tryConnect({ path: socketPath });
  if (problem === null)
    return ok("keeper", {
      fr: `Le gardien répond (${socketPath}).`,
      en: `The keeper answers (${socketPath}).`,
    });
  const isClosed = problem === "EACCES" || problem === "EPERM";
  return wrong(
    "keeper",
    isClosed ? "warning" : "failed",
    {
      fr: `Le gardien ne répond pas (${socketPath}, ${problem}).`,
      en: `The keeper does not answer (${socketPath}, ${problem}).`,
    },
    isClosed
      ? {
          fr: "Lancez la commande sous l'utilisateur de la passerelle, membre du groupe du gardien.",
          en: "Run the command as the gateway's user, who is in the keeper's group.",
        }
      : {
          fr: "systemctl start poterne-keeper, puis journalctl -u poterne-keeper s'il ne tient pas.",
          en: "systemctl start poterne-keeper, then journalctl -u poterne-keeper if it does not stay up.",
        },
  );
}

/** Does a target answer on its port from this machine? */
export async function checkTarget(address: string, port: number): Promise<HealthCheck> {
  const name = `target ${address}:${port}`;
  const problem = await tryConnect({ host: address, port });
  if (problem === null)
    return ok(name, { fr: `${address}:${port} répond.`, en: `${address}:${port} answers.` });
  const refused = problem === "ECONNREFUSED";
  const unknown = problem === "ENOTFOUND" || problem === "EAI_AGAIN";
  const fr = refused
    ? "refuse la connexion : le service n'y fonctionne pas"
    : unknown
      ? "est un nom inconnu du DNS"
      : "ne répond pas";
  const en = refused
    ? "refuses: the service does not run there"
    : unknown
      ? "is a name the DNS does not know"
      : "does not answer";
  return wrong(
    name,
    "failed",
    { fr: `${address}:${port} ${fr}.`, en: `${address}:${port} ${en}.` },
    {
      fr: "Vérifiez l'adresse, le port, le pare-feu et le routage.",
      en: "Check the address, the port, the firewall and the routing.",
    },
  );
}

function tryConnect(where: { host: string; port: number } | { path: string }): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(where);
    const settle = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => settle("ETIMEDOUT"));
    socket.once("connect", () => settle(null));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? "EIO"));
  });
}
