import { makeServices, type Stops } from "../app-services.ts";
import { makePublicUrl } from "../http/public-address.ts";
import { makeLogger } from "../log.ts";
import { recordingWraps } from "../recording/key-wraps.ts";
import { systemEnvironment } from "../system-environment.ts";
import {
  accountEnvelopes,
  factorEnvelopes,
  licenceEnvelopes,
  providerEnvelopes,
} from "../vault/envelope-sources.ts";
import { type RotationReport, rotateMasterKey } from "../vault/rotate-master-key.ts";
import type { Command } from "./command.ts";
import { counted, type Language } from "./language.ts";
import { readCommandLine } from "./options.ts";

/** What still needs an old key is named up to so many. */
const MAX_NAMED = 20;

/** `poterne reset-admin [LOGIN]`: lets an administrator in again by a one-time link. The gateway must be stopped. */
export const resetAdminCommand: Command = {
  name: "reset-admin",
  usage: "[LOGIN]",
  summary: {
    fr: "donner un lien à usage unique à un administrateur qui a tout perdu",
    en: "print a one-time link for an administrator who lost every factor",
  },
  async run(words) {
    const line = readCommandLine(words);
    return withServices(line.configuration, async ({ auth }) => {
      const { login, link } = await auth.resetAdmin(line.words[0] ?? null);
      console.log(`${login}: ${link.url}`);
      return 0;
    });
  },
};

/** `poterne rotate-keys`: a new master key for the vault and a new signing key. The gateway must be stopped. */
export const rotateKeysCommand: Command = {
  name: "rotate-keys",
  usage: "",
  summary: {
    fr: "nouvelles clés maîtresse et de signature, secrets et enregistrements réemballés",
    en: "make a new master key and signing key, wrap every secret and recording anew",
  },
  async run(words) {
    const line = readCommandLine(words);
    return withServices(line.configuration, async ({ keeper, store, journal, recordings }) => {
      const report = await rotateMasterKey({
        keeper,
        journal,
        envelopes: [
          accountEnvelopes(store),
          factorEnvelopes(store),
          providerEnvelopes(store),
          licenceEnvelopes(store),
        ],
        recordings: [recordingWraps(store, recordings.parts.storage)],
      });
      const signing = await keeper.rotateSigningKey();
      for (const text of describeRotation(report, signing.keyId, line.language)) console.log(text);
      return 0;
    });
  },
};

const SECRETS = { fr: { one: "secret", many: "secrets" }, en: { one: "secret", many: "secrets" } };
const RECORDINGS = {
  fr: { one: "enregistrement", many: "enregistrements" },
  en: { one: "recording", many: "recordings" },
};

function describeRotation(report: RotationReport, signingKeyId: string, language: Language): string[] {
  const { currentKeyId, failed } = report;
  const secrets = counted(language, report.rewrappedCount, SECRETS);
  const recordings = counted(language, report.recordingCount, RECORDINGS);
  const retired = report.retiredKeyIds.join(", ");
  const named = failed.slice(0, MAX_NAMED).map((what) => `  ${what}`);
  if (language === "fr")
    return [
      `Clé maîtresse ${currentKeyId} : ${secrets} et ${recordings} réemballés.`,
      failed.length === 0
        ? `Anciennes clés oubliées : ${retired || "aucune"}.`
        : `Anciennes clés gardées : ${failed.length} en ont encore besoin, qui n'ont pas pu être réemballés :`,
      ...named,
      `Clé de signature ${signingKeyId} ; donnez aux auditeurs le nouveau keys/public-keys.json.`,
      "Sauvegardez maintenant le dossier keys ; les sauvegardes antérieures demandent toujours l'ancien.",
    ];
  return [
    `Master key ${currentKeyId}: ${secrets} and ${recordings} wrapped anew.`,
    failed.length === 0
      ? `Old keys forgotten: ${retired || "none"}.`
      : `Old keys kept: ${failed.length} still need them and could not be wrapped anew:`,
    ...named,
    `Signing key ${signingKeyId}; give auditors the new keys/public-keys.json.`,
    "Back up the keys folder now; backups made before still need the old one.",
  ];
}

/** Runs an act with the nouns put together but nothing listening. */
async function withServices(
  configuration: Parameters<typeof makeServices>[0]["configuration"],
  act: (services: Awaited<ReturnType<typeof makeServices>>) => Promise<number>,
): Promise<number> {
  const stops: Stops = [];
  const masterKeyValue = process.env.POTERNE_MASTER_KEY ?? null;
  delete process.env.POTERNE_MASTER_KEY;
  const logger = makeLogger("warn");
  const { settings } = configuration;
  try {
    const options = { configuration, isDemo: false, environment: systemEnvironment, logger, masterKeyValue };
    return await act(await makeServices(options, makePublicUrl(settings, settings.port), stops));
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
