import { isIP } from "node:net";
import type { HealthCheck } from "@poterne/contract";
import {
  AsExchange,
  type Credential,
  decodeKrbError,
  etypeName,
  formatPrincipal,
  isKrbError,
  type KdcCommand,
  type KerberosFailure,
  MAX_CLOCK_SKEW_MS,
  type Principal,
  personName,
  SUPPORTED_ETYPES,
  serviceName,
  wipeCredential,
} from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import { ok, type Words, wrong } from "../health/check.ts";
import { checkNla, type TargetToExamine } from "./doctor-target.ts";
import { failureWords } from "./failure-words.ts";
import { formatKdcAddress, type KdcAddress, type KdcDirectory, kdcSrvName } from "./kdc-address.ts";
import { KdcClient } from "./kdc-client.ts";
import { askKdc, KdcConnectionError } from "./kdc-connection.ts";
import { isProtectedTicket } from "./kerberos-access.ts";
import { KerberosClient } from "./kerberos-client.ts";
import { nodeKerberosCrypto } from "./node-crypto.ts";

/** What to look at. */
export interface KerberosQuestion {
  readonly realm: string;
  /** An account's name; undefined: one that does not exist, which shows as much of the KDC. */
  readonly person: string | undefined;
  /** The account's password, UTF-8; the caller wipes it. */
  readonly password: Uint8Array | undefined;
  /** `TERMSRV` and the machine's full name, or another service. */
  readonly service: { readonly name: string; readonly hostname: string } | undefined;
  /** Where the service's Remote Desktop listens; undefined looks at no machine. */
  readonly target?: TargetToExamine | undefined;
}

/** What looking takes. */
export interface KerberosDoctorOptions {
  readonly directory: KdcDirectory;
  readonly environment: Environment;
  readonly proxyCa?: string | undefined;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 4000;
/** From here on the clock is worth a word, though Kerberos still bears it. */
const CLOCK_WARNING_MS = 60_000;
/** A name no domain has, to be told "unknown" with the KDC's time. */
const NOBODY = "poterne-doctor-nobody";

/** Checks, one after the other, all that Kerberos needs for a realm, an account, a service and its machine. */
export async function examineKerberos(
  question: KerberosQuestion,
  options: KerberosDoctorOptions,
): Promise<HealthCheck[]> {
  const { service } = question;
  if (service !== undefined && isIP(service.hostname) !== 0) return [nameRequired(service.hostname)];
  const addresses = await options.directory.find(question.realm);
  const checks = [checkDirectory(question.realm, addresses)];
  let account: HealthCheck | undefined;
  for (const address of addresses) {
    const probe = await probeKdc(address, question, options);
    checks.push(...probe.checks);
    account ??= probe.account;
  }
  if (account !== undefined && question.person !== undefined) checks.push(account);
  if (account?.state !== "failed" && question.person !== undefined && question.password !== undefined)
    checks.push(...(await checkTickets(question, options)));
  else {
    if (service !== undefined) checks.push(notChecked(service));
    if (question.target !== undefined)
      checks.push(await checkNla(question.target, null, options.environment));
  }
  return checks;
}

function nameRequired(address: string): HealthCheck {
  return wrong(
    "kerberos-name",
    "failed",
    { fr: `${address} est une adresse.`, en: `${address} is an address.` },
    {
      fr: "Kerberos prouve l'identité d'un nom : donnez à la cible le nom complet de la machine.",
      en: "Kerberos proves a name's identity: give the target the machine's full name.",
    },
  );
}

function checkDirectory(realm: string, addresses: readonly KdcAddress[]): HealthCheck {
  const list = addresses.map(formatKdcAddress).join(", ");
  if (addresses.length > 0)
    return ok("kerberos-directory", { fr: `KDC de ${realm} : ${list}.`, en: `KDCs of ${realm}: ${list}.` });
  return wrong(
    "kerberos-directory",
    "failed",
    {
      fr: `Aucun KDC pour ${realm} : rien dans kerberos.kdcs, ni ${kdcSrvName(realm)} (SRV) dans le DNS.`,
      en: `No KDC for ${realm}: nothing in kerberos.kdcs, no ${kdcSrvName(realm)} (SRV) in the DNS.`,
    },
    failureWords["unknown-realm"].remedy,
  );
}

/** Asks one KDC for a ticket without proof: what it demands tells of itself, its clock and the account. */
async function probeKdc(
  address: KdcAddress,
  question: KerberosQuestion,
  options: KerberosDoctorOptions,
): Promise<{ readonly checks: HealthCheck[]; readonly account: HealthCheck | undefined }> {
  const { environment } = options;
  const name = formatKdcAddress(address);
  const exchange = new AsExchange({
    crypto: nodeKerberosCrypto,
    randomBytes: (count) => environment.randomBytes(count),
    etypes: SUPPORTED_ETYPES,
    lifetimeMs: 3_600_000,
    client: personOf(question),
  });
  const command = exchange.start(environment.now());
  if (command.type !== "send") throw new Error("an exchange begins with a message");
  try {
    const limits = { timeoutMs: options.timeoutMs ?? TIMEOUT_MS, proxyCa: options.proxyCa };
    const answer = await askKdc(address, command, limits);
    const nowMs = environment.now();
    const step = exchange.receive(answer, nowMs);
    const isReadable = step.type !== "fail" || step.failure.reason !== "bad-answer";
    if (!isReadable)
      return { checks: [failed(`kerberos-kdc ${name}`, step.failure, name)], account: undefined };
    const checks = [ok(`kerberos-kdc ${name}`, { fr: `${name} répond.`, en: `${name} answers.` })];
    if (isKrbError(answer)) checks.push(checkClock(name, decodeKrbError(answer).stimeMs - nowMs));
    return { checks, account: checkAccount(question, step, isKrbError(answer)) };
  } catch (error) {
    if (!(error instanceof KdcConnectionError)) throw error;
    const found = {
      fr: `${name} ne répond pas (${error.problem}).`,
      en: `${name} does not answer (${error.problem}).`,
    };
    const check = wrong(`kerberos-kdc ${name}`, "failed", found, failureWords["kdc-unreachable"].remedy);
    return { checks: [check], account: undefined };
  }
}

function personOf({ person, realm }: KerberosQuestion): Principal {
  return { realm, name: personName(person ?? NOBODY) };
}

function checkClock(name: string, offsetMs: number): HealthCheck {
  const seconds = Math.round(offsetMs / 1000);
  const found: Words = {
    fr: `Écart d'horloge avec ${name} : ${seconds} s.`,
    en: `Clock difference with ${name}: ${seconds} s.`,
  };
  const size = Math.abs(offsetMs);
  if (size < CLOCK_WARNING_MS) return ok("kerberos-clock", found);
  const state = size > MAX_CLOCK_SKEW_MS ? "failed" : "warning";
  return wrong("kerberos-clock", state, found, failureWords["clock-skew"].remedy);
}

function checkAccount(question: KerberosQuestion, step: KdcCommand, isProofDemanded: boolean): HealthCheck {
  const check = "kerberos-account";
  const name = formatPrincipal(personOf(question));
  if (step.type === "fail") return failed(check, step.failure, name);
  if (step.type !== "derive") throw new Error("without a key there is no ticket");
  const etype = etypeName(step.derivation.etype);
  if (isProofDemanded)
    return ok(check, {
      fr: `${name} : pré-authentification exigée, clé ${etype}.`,
      en: `${name}: pre-authentication required, key ${etype}.`,
    });
  return wrong(
    check,
    "warning",
    {
      fr: `${name} : clé ${etype}, mais le KDC n'exige pas de pré-authentification.`,
      en: `${name}: key ${etype}, but the KDC demands no pre-authentication.`,
    },
    {
      fr: "N'importe qui peut obtenir de quoi deviner ce mot de passe hors ligne : exigez-la.",
      en: "Anyone can get what it takes to guess this password offline: demand it.",
    },
  );
}

async function checkTickets(
  question: KerberosQuestion,
  options: KerberosDoctorOptions,
): Promise<HealthCheck[]> {
  const { environment, directory, proxyCa } = options;
  const kdcs = new KdcClient({ directory, monotonicMs: () => environment.monotonicMs(), proxyCa });
  const client = new KerberosClient({ kdcs, environment });
  const person = personOf(question);
  const outcome = await client.signIn(person, question.password ?? new Uint8Array(0));
  if (!outcome.isGranted) return [failed("kerberos-sign-in", outcome.failure, formatPrincipal(person))];
  const checks = [describeTicket(outcome.credential), describeProtection(outcome.credential)];
  const { service, target } = question;
  let ticket: Credential | null = null;
  if (service !== undefined) {
    const result = await client.getServiceTicket(
      outcome.credential,
      serviceName(service.name, service.hostname),
    );
    const name = `${service.name}/${service.hostname}`;
    checks.push(
      result.isGranted ? serviceFound(result.credential) : failed("kerberos-spn", result.failure, name),
    );
    if (result.isGranted) ticket = result.credential;
  }
  wipeCredential(outcome.credential);
  if (target !== undefined) checks.push(await checkNla(target, ticket, environment));
  if (ticket !== null) wipeCredential(ticket);
  return checks;
}

function describeTicket(credential: Credential): HealthCheck {
  const hours = Math.round((credential.endtimeMs - credential.starttimeMs) / 360_000) / 10;
  const name = formatPrincipal(credential.client);
  return ok("kerberos-sign-in", {
    fr: `${name} : ticket de ${hours} h.`,
    en: `${name}: a ticket of ${hours} h.`,
  });
}

/** No KDC says it in so many words: the length of the ticket does. */
function describeProtection(credential: Credential): HealthCheck {
  const name = formatPrincipal(credential.client);
  if (isProtectedTicket(credential))
    return ok("kerberos-protected-users", {
      fr: `${name} a des tickets courts, comme un membre de Protected Users : NTLM n'est jamais essayé pour lui.`,
      en: `${name} has short tickets, as a member of Protected Users: NTLM is never tried for it.`,
    });
  return ok("kerberos-protected-users", {
    fr: `${name} n'est pas membre de Protected Users : NTLM reste possible où la cible le permet.`,
    en: `${name} is no member of Protected Users: NTLM remains possible where the target allows it.`,
  });
}

function serviceFound({ service, key }: Credential): HealthCheck {
  const name = formatPrincipal(service);
  return ok("kerberos-spn", {
    fr: `Le service ${name} existe (clé de session ${etypeName(key.etype)}).`,
    en: `The service ${name} exists (session key ${etypeName(key.etype)}).`,
  });
}

function notChecked({ name, hostname }: { readonly name: string; readonly hostname: string }): HealthCheck {
  return wrong(
    "kerberos-spn",
    "warning",
    { fr: `Service ${name}/${hostname} : non vérifié.`, en: `Service ${name}/${hostname}: not checked.` },
    {
      fr: "Un ticket est nécessaire : ajoutez --person NOM et donnez son mot de passe sur l'entrée standard.",
      en: "It takes a ticket: add --person NAME and give the password on standard input.",
    },
  );
}

function failed(check: string, failure: KerberosFailure, about: string): HealthCheck {
  const { found, remedy } = failureWords[failure.reason];
  return wrong(
    check,
    "failed",
    { fr: `${about} : ${found.fr} (${failure.detail})`, en: `${about}: ${found.en} (${failure.detail})` },
    remedy,
  );
}
