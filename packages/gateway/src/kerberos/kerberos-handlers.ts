import { isIP } from "node:net";
import { examineKerberosSetup, Failure, type HealthCheck } from "@poterne/contract";
import type { Access, TargetRecord } from "../access/access.ts";
import type { Settings } from "../config/settings.ts";
import type { Environment } from "../environment.ts";
import { wrong } from "../health/check.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import type { Journal } from "../journal/journal.ts";
import { type AccountName, readAccountName } from "./account-name.ts";
import { examineKerberos, type KerberosQuestion } from "./doctor.ts";
import { makeKdcRoute, readRealmNames } from "./kdc-settings.ts";
import { secretBytes } from "./node-crypto.ts";

/** What the Kerberos doctor's route takes. */
export interface KerberosHandlerDependencies {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly access: Pick<Access, "target">;
  readonly journal: Journal;
  /** Refuses addresses no session may go to; throws a Failure. */
  checkAddress(address: string): Promise<void>;
}

type Body = HandlerInput<typeof examineKerberosSetup>["body"];

/** Examinations at the same time: each waits for machines that may not answer. */
const MAX_RUNNING = 4;
const BUSY_RETRY_SECONDS = 10;
/** The service names of protocols that can do Kerberos. */
const SERVICES: Readonly<Record<string, string>> = { rdp: "TERMSRV", ssh: "host" };

/** The Kerberos doctor as a route. */
export function kerberosHandlers(dependencies: KerberosHandlerDependencies): Handler[] {
  let runningCount = 0;
  return [
    handle(examineKerberosSetup, async ({ body }, context) => {
      if (runningCount >= MAX_RUNNING)
        throw new Failure("too-many-requests", { seconds: BUSY_RETRY_SECONDS });
      runningCount++;
      try {
        return { checks: await examine(dependencies, body, context) };
      } finally {
        runningCount--;
      }
    }),
  ];
}

async function examine(
  dependencies: KerberosHandlerDependencies,
  body: Body,
  context: RequestContext,
): Promise<HealthCheck[]> {
  const { settings, environment } = dependencies;
  const target = await findTarget(dependencies, body.targetId, context);
  const account = readAccountName(body.account, readRealmNames(settings.kerberos));
  const realm = realmOf(body, account, target, settings);
  const { personId, name } = context.person();
  await dependencies.journal.append({
    kind: "kerberos.examined",
    level: "info",
    actor: { personId, name },
    sourceAddress: context.sourceAddress,
    subject: target === null ? {} : { targetId: target.targetId, siteId: target.siteId },
    details: { realm, account: body.account, isPasswordGiven: body.password !== "" },
  });
  if (realm === "") return [realmNeeded()];
  const password = secretBytes(body.password);
  const question: KerberosQuestion = {
    realm,
    person: body.account === "" ? undefined : (account.principal?.name.parts.join("/") ?? account.user),
    password: body.password === "" ? undefined : password,
    service: serviceOf(target),
    target: isDesktop(target) ? { address: target.address, port: target.port } : undefined,
  };
  const route = makeKdcRoute(settings, environment);
  return examineKerberos(question, { ...route, environment }).finally(() => password.fill(0));
}

/** The target asked about, where the caller may see it and sessions may go. */
async function findTarget(
  { access, checkAddress }: KerberosHandlerDependencies,
  targetId: string | undefined,
  context: RequestContext,
): Promise<TargetRecord | null> {
  if (targetId === undefined) return null;
  const target = await access.target(targetId);
  if (target === null) throw new Failure("not-found");
  await context.requireAt("inventory:read", target.siteId);
  if (isDesktop(target)) await checkAddress(target.address);
  return target;
}

function isDesktop(target: TargetRecord | null): target is TargetRecord {
  return target !== null && SERVICES[target.protocol] === "TERMSRV";
}

function hostnameOf({ kerberosName, address }: TargetRecord): string {
  return kerberosName === "" ? address : kerberosName;
}

function serviceOf(target: TargetRecord | null): KerberosQuestion["service"] {
  const name = target === null ? undefined : SERVICES[target.protocol];
  return target === null || name === undefined ? undefined : { name, hostname: hostnameOf(target) };
}

/** What was typed, else the account's, else the domain of the target's name, else the default. */
function realmOf(
  body: Body,
  account: AccountName,
  target: TargetRecord | null,
  { kerberos }: Settings,
): string {
  if (body.realm !== "") return body.realm.toUpperCase();
  if (account.principal !== null) return account.principal.realm;
  const hostname = target === null ? "" : hostnameOf(target);
  const at = hostname.indexOf(".");
  return at > 0 && isIP(hostname) === 0 ? hostname.slice(at + 1).toUpperCase() : kerberos.realm.toUpperCase();
}

function realmNeeded(): HealthCheck {
  return wrong(
    "kerberos-realm",
    "failed",
    { fr: "Aucun domaine n'est indiqué.", en: "No realm is given." },
    {
      fr: "Tapez-le, écrivez le compte nom@DOMAINE, ou réglez kerberos.realm.",
      en: "Type it, write the account as name@REALM, or set kerberos.realm.",
    },
  );
}
