import { isIP } from "node:net";
import type { HealthCheck } from "@poterne/contract";
import {
  AsExchange,
  decodeKrbError,
  etypeName,
  formatPrincipal,
  isKrbError,
  type KdcCommand,
  type Principal,
  personName,
  SUPPORTED_ETYPES,
} from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import { ok, wrong } from "../health/check.ts";
import { checkNla, type TargetToExamine } from "./doctor-target.ts";
import { checkTickets } from "./doctor-tickets.ts";
import { checkClock, checkDirectory, failed } from "./doctor-words.ts";
import { failureWords } from "./failure-words.ts";
import { formatKdcAddress, type KdcAddress } from "./kdc-address.ts";
import { KdcClient } from "./kdc-client.ts";
import { askKdc, KdcConnectionError } from "./kdc-connection.ts";
import type { KdcRoute } from "./kdc-settings.ts";
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
export interface KerberosDoctorOptions extends KdcRoute {
  readonly environment: Environment;
}

const TIMEOUT_MS = 4000;
/** A name no domain has, to be told "unknown" with the KDC's time. */
const NOBODY = "poterne-doctor-nobody";

/** Checks, one after the other, all that Kerberos needs for a realm, an account, a service and its machine. */
export async function examineKerberos(
  question: KerberosQuestion,
  options: KerberosDoctorOptions,
): Promise<HealthCheck[]> {
  const { service } = question;
  if (service !== undefined && isIP(service.hostname) !== 0) return [nameRequired(service.hostname)];
  const found = await options.directory.find(question.realm);
  const checks = [checkDirectory(question.realm, found)];
  let account: HealthCheck | undefined;
  for (const address of found.addresses) {
    const probe = await probeKdc(address, question, options);
    checks.push(...probe.checks);
    account ??= probe.account;
  }
  if (account !== undefined && question.person !== undefined) checks.push(account);
  const { password, target } = question;
  if (account?.state !== "failed" && question.person !== undefined && password !== undefined) {
    const person = personOf(question);
    const client = makeClient(options);
    checks.push(...(await checkTickets({ person, password, service, target }, client, options.environment)));
  } else {
    if (service !== undefined) checks.push(notChecked(service));
    if (target !== undefined) checks.push(await checkNla(target, null, options.environment));
  }
  return checks;
}

function makeClient({ directory, names, proxyCa, environment }: KerberosDoctorOptions): KerberosClient {
  const monotonicMs = () => environment.monotonicMs();
  return new KerberosClient({
    kdcs: new KdcClient({ directory, names, monotonicMs, proxyCa }),
    environment,
  });
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
    const { names, proxyCa } = options;
    const answer = await askKdc(address, command, { timeoutMs: TIMEOUT_MS, names, proxyCa });
    const nowMs = environment.now();
    const step = exchange.receive(answer, nowMs);
    const isReadable = step.type !== "fail" || step.failure.reason !== "bad-answer";
    if (!isReadable)
      return {
        checks: [failed(`kerberos-kdc ${name}`, step.failure, { name, kind: "person" })],
        account: undefined,
      };
    const checks = [ok(`kerberos-kdc ${name}`, { fr: `${name} répond.`, en: `${name} answers.` })];
    if (isKrbError(answer))
      checks.push(checkClock({ fr: name, en: name }, decodeKrbError(answer).stimeMs - nowMs));
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

/** Undefined where the answer is about something else: the clock, which its own check tells. */
function checkAccount(
  question: KerberosQuestion,
  step: KdcCommand,
  isProofDemanded: boolean,
): HealthCheck | undefined {
  const check = "kerberos-account";
  const name = formatPrincipal(personOf(question));
  if (step.type === "send") {
    if (step.realm === question.realm) return undefined;
    return ok(check, {
      fr: `${name} : le contrôleur renvoie vers ${step.realm}, le domaine de cette personne.`,
      en: `${name}: the controller refers to ${step.realm}, this person's realm.`,
    });
  }
  if (step.type === "fail") return failed(check, step.failure, { name, kind: "person" });
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
