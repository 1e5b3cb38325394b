import type { LdapConfig, ProviderTestStep } from "@poterne/contract";
import type { Entry } from "ldapts";
import type { Identity } from "../identity-provider.ts";
import { describeAccount, describeAdmission, type Step, step } from "../test-steps.ts";
import { LdapConnection, type LdapServer } from "./ldap-connection.ts";
import { reasonOf } from "./reason.ts";

/** What the test asks of a directory. */
export interface TestedDirectory {
  bindSearcher(connection: LdapConnection): Promise<void>;
  find(connection: LdapConnection, login: string): Promise<Entry[]>;
  identityOf(connection: LdapConnection, entry: Entry): Promise<Identity | null>;
}

interface Parts {
  readonly config: LdapConfig;
  readonly directory: TestedDirectory;
}

/** Most groups named in a step. */
const MAX_NAMED = 30;

/** Tries a directory out: each server, the searching account, the base, one person with groups and what they bring. */
export async function testLdap(parts: Parts, login: string): Promise<readonly ProviderTestStep[]> {
  const steps: ProviderTestStep[] = [];
  let good: LdapConnection | null = null;
  for (const server of parts.config.servers) {
    const connection = await testServer(parts, server, (one) => steps.push(one));
    if (good === null) good = connection;
    else connection?.close();
  }
  if (good === null) return steps;
  try {
    await testBind(parts, good, (one) => steps.push(one));
    if (login.trim() !== "")
      await testPerson(parts, { connection: good, login: login.trim() }, (one) => steps.push(one));
  } catch {
    // The step that failed has been told; those after it depend on it.
  } finally {
    good.close();
  }
  return steps;
}

type Tell = (step: ProviderTestStep) => void;

/** What a test found wrong, in both languages. */
class ToldError extends Error {
  readonly words: ProviderTestStep["found"];

  constructor(words: ProviderTestStep["found"]) {
    super(words.en);
    this.words = words;
  }
}

async function testServer({ config }: Parts, server: LdapServer, tell: Tell): Promise<LdapConnection | null> {
  const place = `${server.host}:${server.port}`;
  try {
    const connection = await LdapConnection.open(config, server);
    tell(step("connect", "ok", { fr: `${place} répond.`, en: `${place} answers.` }));
    const { certificate } = connection;
    if (certificate === null)
      tell(
        step("encrypt", "warning", {
          fr: "Sans chiffrement : les mots de passe passent en clair sur le réseau.",
          en: "Without encryption: passwords cross the network in clear.",
        }),
      );
    else {
      const { subject, sha256, validTo } = certificate;
      const day = new Date(validTo).toISOString().slice(0, 10);
      tell(
        step("encrypt", "ok", {
          fr: `Certificat ${subject}, valable jusqu'au ${day}, SHA-256 ${sha256}.`,
          en: `Certificate ${subject}, valid to ${day}, SHA-256 ${sha256}.`,
        }),
      );
    }
    return connection;
  } catch (error) {
    const reason = reasonOf(error);
    tell(step("connect", "failed", { fr: `${place} : ${reason}`, en: `${place}: ${reason}` }));
    return null;
  }
}

async function testBind({ config, directory }: Parts, connection: LdapConnection, tell: Tell): Promise<void> {
  const who =
    config.bindDn === "" ? { fr: "anonyme", en: "anonymous" } : { fr: config.bindDn, en: config.bindDn };
  await telling("bind", tell, async () => {
    await directory.bindSearcher(connection);
    return {
      fr: `Le compte de recherche (${who.fr}) est accepté.`,
      en: `The searching account (${who.en}) is accepted.`,
    };
  });
  await telling("base", tell, async () => {
    const search = { base: config.baseDn, filter: "(objectClass=*)", scope: "base" as const };
    const found = await connection.search({ ...search, attributes: ["1.1"], maxEntries: 1 });
    if (found.length === 0)
      throw new ToldError({
        fr: `Rien ne se lit sous ${config.baseDn}.`,
        en: `Nothing can be read at ${config.baseDn}.`,
      });
    return { fr: `La base ${config.baseDn} se lit.`, en: `The base ${config.baseDn} can be read.` };
  });
}

async function testPerson(
  { config, directory }: Parts,
  asked: { readonly connection: LdapConnection; readonly login: string },
  tell: Tell,
): Promise<void> {
  const { connection, login } = asked;
  const entry = await telling("search", tell, async () => {
    const [first, second] = await directory.find(connection, login);
    if (first === undefined)
      throw new ToldError({
        fr: `Personne n'a été trouvé sous ${login}.`,
        en: `Nobody is found for ${login}.`,
      });
    if (second !== undefined)
      throw new ToldError({
        fr: `Plusieurs entrées répondent à ${login}.`,
        en: `Several entries answer to ${login}.`,
      });
    return { fr: `Trouvé : ${first.dn}.`, en: `Found: ${first.dn}.`, value: first };
  });
  if (entry.value === undefined) return;
  const identity = await directory.identityOf(connection, entry.value);
  if (identity === null) {
    tell(
      step("account", "failed", {
        fr: `Il manque ${config.subjectAttribute}, ou ${config.loginAttribute} ne convient pas.`,
        en: `${config.subjectAttribute} is missing, or ${config.loginAttribute} does not fit.`,
      }),
    );
    return;
  }
  tell(describeAccount(identity));
  const names = identity.groups.map(([dn = ""]) => dn);
  const shown = names.slice(0, MAX_NAMED).join(" · ");
  tell(
    step("groups", names.length === 0 ? "warning" : "ok", {
      fr: names.length === 0 ? "Dans aucun groupe." : `Groupes : ${shown}`,
      en: names.length === 0 ? "In no group." : `Groups: ${shown}`,
    }),
  );
  tell(describeAdmission(config, identity));
}

async function telling<Value>(
  name: Step,
  tell: Tell,
  work: () => Promise<{ fr: string; en: string; value?: Value }>,
): Promise<{ value?: Value }> {
  try {
    const { fr, en, ...rest } = await work();
    tell(step(name, "ok", { fr, en }));
    return rest as { value?: Value };
  } catch (error) {
    const reason = reasonOf(error);
    tell(step(name, "failed", error instanceof ToldError ? error.words : { fr: reason, en: reason }));
    throw error;
  }
}
