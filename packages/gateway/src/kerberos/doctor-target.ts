import type { HealthCheck } from "@poterne/contract";
import type { Credential } from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import { ok, type Words, wrong } from "../health/check.ts";
import { failureWords } from "./failure-words.ts";
import { type NlaFinding, probeNla } from "./nla-probe.ts";

/** A Remote Desktop server to look at. */
export interface TargetToExamine {
  readonly address: string;
  readonly port: number;
}

const CHECK = "kerberos-nla";
const TIMEOUT_MS = 8000;

/** Whether a target does NLA, demands it, and, where there is a ticket for it, takes Kerberos. No credentials are sent. */
export async function checkNla(
  target: TargetToExamine,
  credential: Credential | null,
  environment: Environment,
): Promise<HealthCheck> {
  const name = `${target.address}:${target.port}`;
  return describeNla(name, await probeNla({ ...target, credential, environment, timeoutMs: TIMEOUT_MS }));
}

function describeNla(name: string, finding: NlaFinding): HealthCheck {
  switch (finding.type) {
    case "unreachable":
      return wrong(
        CHECK,
        "failed",
        both(`${name} ne répond pas (${finding.problem}).`, `${name} does not answer (${finding.problem}).`),
        both(
          "Vérifiez l'adresse, le port 3389, le pare-feu, et que le Bureau à distance est activé.",
          "Check the address, port 3389, the firewall, and that Remote Desktop is on.",
        ),
      );
    case "not-rdp":
      return wrong(
        CHECK,
        "failed",
        both(
          `${name} ne parle pas RDP avec TLS (${finding.detail}).`,
          `${name} does not speak RDP with TLS (${finding.detail}).`,
        ),
        both(
          "Vérifiez le port, et donnez un certificat au Bureau à distance.",
          "Check the port, and give Remote Desktop a certificate.",
        ),
      );
    case "without-nla":
      return wrong(
        CHECK,
        "failed",
        both(
          `${name} ne fait pas NLA : Kerberos n'y sert à rien.`,
          `${name} does no NLA: Kerberos is of no use there.`,
        ),
        both(
          "Activez l'authentification au niveau du réseau (NLA) sur la machine.",
          "Turn Network Level Authentication (NLA) on at the machine.",
        ),
      );
    case "refused":
      return wrong(
        CHECK,
        "failed",
        both(
          `${name} fait NLA mais refuse le ticket (${finding.detail}).`,
          `${name} does NLA but refuses the ticket (${finding.detail}).`,
        ),
        failureWords[finding.failure?.reason ?? "wrong-service-key"].remedy,
      );
    case "offered":
    case "accepted":
      return describeNlaFound(name, finding);
  }
}

function describeNlaFound(
  name: string,
  { type, isDemanded }: Extract<NlaFinding, { type: "offered" | "accepted" }>,
): HealthCheck {
  const isProven = type === "accepted";
  const fr = isProven ? "fait NLA et accepte le ticket Kerberos" : "fait NLA ; le ticket n'a pas été essayé";
  const en = isProven ? "does NLA and takes the Kerberos ticket" : "does NLA; the ticket was not tried";
  if (isDemanded) {
    const found = both(`${name} ${fr}, et l'exige.`, `${name} ${en}, and demands it.`);
    if (isProven) return ok(CHECK, found);
    return wrong(
      CHECK,
      "warning",
      found,
      both(
        "Donnez un compte et son mot de passe pour l'essayer.",
        "Give an account and its password to try it.",
      ),
    );
  }
  return wrong(
    CHECK,
    "warning",
    both(`${name} ${fr}, mais ne l'exige pas.`, `${name} ${en}, but does not demand it.`),
    both(
      "Exigez NLA sur la machine : sans lui n'importe qui atteint son écran de connexion.",
      "Demand NLA at the machine: without it anyone reaches its log-in screen.",
    ),
  );
}

function both(fr: string, en: string): Words {
  return { fr, en };
}
