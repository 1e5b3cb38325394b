import type { HealthCheck } from "@poterne/contract";
import {
  type Credential,
  etypeName,
  formatPrincipal,
  type Principal,
  SUPPORTED_ETYPES,
  serviceName,
  wipeCredential,
} from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import { ok, wrong } from "../health/check.ts";
import { joinWords, protectedUserEvent, weakTicketEvent } from "./controller-events.ts";
import { checkNla, type TargetToExamine } from "./doctor-target.ts";
import { checkClock, failed } from "./doctor-words.ts";
import { isProtectedTicket } from "./kerberos-access.ts";
import type { KerberosClient } from "./kerberos-client.ts";

/** Whose tickets are tried, for what. */
export interface TicketQuestion {
  readonly person: Principal;
  /** UTF-8; the caller wipes it. */
  readonly password: Uint8Array;
  readonly service: { readonly name: string; readonly hostname: string } | undefined;
  readonly target: TargetToExamine | undefined;
}

/** Signs in, asks for the service's ticket and takes it to the machine; every ticket is wiped. */
export async function checkTickets(
  { person, password, service, target }: TicketQuestion,
  client: KerberosClient,
  environment: Environment,
): Promise<HealthCheck[]> {
  const name = formatPrincipal(person);
  const outcome = await client.signIn(person, password);
  if (!outcome.isGranted) return [failed("kerberos-sign-in", outcome.failure, { name, kind: "person" })];
  const { credential } = outcome;
  const checks = [describeTicket(credential), measuredClock(credential), describeProtection(credential)];
  let ticket: Credential | null = null;
  if (service !== undefined) {
    const result = await client.getServiceTicket(credential, serviceName(service.name, service.hostname));
    const about = { name: `${service.name}/${service.hostname}`, kind: "service" } as const;
    checks.push(
      result.isGranted ? describeService(result.credential) : failed("kerberos-spn", result.failure, about),
    );
    if (result.isGranted) ticket = result.credential;
  }
  wipeCredential(credential);
  if (target !== undefined) checks.push(await checkNla(target, ticket, environment));
  if (ticket !== null) wipeCredential(ticket);
  return checks;
}

function describeTicket(credential: Credential): HealthCheck {
  const hours = Math.round((credential.endtimeMs - credential.starttimeMs) / 360_000) / 10;
  const name = formatPrincipal(credential.client);
  const etype = etypeName(credential.key.etype);
  return ok("kerberos-sign-in", {
    fr: `${name} : ticket de ${hours} h, clé de session ${etype}.`,
    en: `${name}: a ticket of ${hours} h, session key ${etype}.`,
  });
}

/** Before, anybody could have told any time: this one the password's key seals. */
function measuredClock({ client, clockOffsetMs }: Credential): HealthCheck {
  const source = {
    fr: `${client.realm}, d'après le ticket`,
    en: `${client.realm}, by the ticket`,
  };
  return checkClock(source, clockOffsetMs);
}

/** No KDC says it in so many words: the length of the ticket does. */
function describeProtection(credential: Credential): HealthCheck {
  const name = formatPrincipal(credential.client);
  if (isProtectedTicket(credential)) {
    const found = {
      fr: `${name} a des tickets courts, comme un membre de Protected Users : NTLM n'est jamais essayé pour lui.`,
      en: `${name} has short tickets, as a member of Protected Users: NTLM is never tried for it.`,
    };
    return ok("kerberos-protected-users", joinWords(found, protectedUserEvent));
  }
  return ok("kerberos-protected-users", {
    fr: `${name} n'est pas membre de Protected Users : NTLM reste possible où la cible le permet.`,
    en: `${name} is no member of Protected Users: NTLM remains possible where the target allows it.`,
  });
}

/**
 * Tells a service's ticket and how it is sealed. A weak seal (RC4) is a warning: everybody of the domain may ask for such a
 * ticket and guess the password of the service's account from it, offline.
 */
function describeService({ service, key, ticketEtype }: Credential): HealthCheck {
  const name = formatPrincipal(service);
  const [ticket, session] = [etypeName(ticketEtype), etypeName(key.etype)];
  const found = {
    fr: `Le service ${name} existe (ticket ${ticket}, clé de session ${session}).`,
    en: `The service ${name} exists (ticket ${ticket}, session key ${session}).`,
  };
  if (SUPPORTED_ETYPES.includes(ticketEtype)) return ok("kerberos-spn", found);
  const remedy = {
    fr: "Le ticket est scellé par une clé faible, qui se devine hors ligne : autorisez AES pour le compte du service (msDS-SupportedEncryptionTypes = 24), puis changez son mot de passe.",
    en: "The ticket is sealed by a weak key, which can be guessed offline: allow AES for the service's account (msDS-SupportedEncryptionTypes = 24), then change its password.",
  };
  return wrong("kerberos-spn", "warning", found, joinWords(remedy, weakTicketEvent));
}
