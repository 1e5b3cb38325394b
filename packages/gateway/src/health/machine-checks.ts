import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import path from "node:path";
import type { HealthCheck } from "@poterne/contract";
import { ok, wrong } from "./check.ts";

const DAY_MS = 86_400_000;
const CERTIFICATE_WARNING_DAYS = 21;
/** No clock of a machine that runs this version may show a time before it was written. */
const EARLIEST_NOW_MS = Date.UTC(2026, 10, 1);

/** Is the machine's clock plausible? Codes of second factors and evidence depend on it. */
export function checkClock(nowMs: number): HealthCheck {
  const shown = new Date(nowMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
  if (nowMs >= EARLIEST_NOW_MS) return ok("clock", { fr: `Horloge : ${shown}.`, en: `Clock: ${shown}.` });
  return wrong(
    "clock",
    "failed",
    { fr: `L'horloge est en retard : ${shown}.`, en: `The clock is behind: ${shown}.` },
    {
      fr: "Réglez l'horloge et activez NTP (timedatectl set-ntp true) : les codes et les preuves en dépendent.",
      en: "Set the clock and turn NTP on (timedatectl set-ntp true): codes and evidence depend on it.",
    },
  );
}

/** Is there room for recordings and the journal? */
export function checkDisk(folder: string, alarmBytes: number): HealthCheck {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / 1e9).toFixed(1)} GB`;
  const freeFr = free.replace("GB", "Go").replace(".", ",");
  if (freeBytes >= alarmBytes)
    return ok("disk", { fr: `Place libre : ${freeFr}.`, en: `Free space: ${free}.` });
  return wrong(
    "disk",
    freeBytes < alarmBytes / 2 ? "failed" : "warning",
    { fr: `Il ne reste que ${freeFr} dans ${folder}.`, en: `Only ${free} is left in ${folder}.` },
    {
      fr: "Agrandissez le disque, ou raccourcissez la conservation (poterne retention montre ce qui partirait).",
      en: "Enlarge the disk, or shorten the retention (poterne retention shows what would go).",
    },
  );
}

/** Is the certificate valid for some weeks, and for the name people type? */
export function checkCertificate(file: string, hostname: string, nowMs: number): HealthCheck {
  if (!existsSync(file)) {
    return wrong(
      "certificate",
      "warning",
      { fr: `Pas encore de certificat (${file}).`, en: `No certificate yet (${file}).` },
      { fr: "Il est créé au premier démarrage.", en: "It is made at the first start." },
    );
  }
  const certificate = new X509Certificate(readFileSync(file));
  const days = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
  const isForName =
    certificate.checkHost(hostname) !== undefined || certificate.checkIP(hostname) !== undefined;
  const remedy = {
    fr: "Déposez un certificat à jour pour ce nom (tls.certificate, tls.key) ; il est pris en compte sans redémarrage.",
    en: "Put an up-to-date certificate for this name in place (tls.certificate, tls.key); it is used without a restart.",
  };
  if (!isForName) {
    return wrong(
      "certificate",
      "failed",
      { fr: `Le certificat n'est pas au nom de ${hostname}.`, en: `The certificate is not for ${hostname}.` },
      remedy,
    );
  }
  const ended = new Date(certificate.validTo).toISOString().slice(0, 10);
  const found =
    days < 0
      ? {
          fr: `Le certificat a expiré le ${ended}.`,
          en: `The certificate ended on ${ended}.`,
        }
      : {
          fr: `Le certificat expire dans ${days} ${days > 1 ? "jours" : "jour"}.`,
          en: `The certificate ends in ${days} ${days === 1 ? "day" : "days"}.`,
        };
  if (days > CERTIFICATE_WARNING_DAYS) return ok("certificate", found);
  return wrong("certificate", days < 0 ? "failed" : "warning", found, remedy);
}

/**
 * Are the keys there and readable by their owner only? `isApart`: a keeper service has them, in a folder that only it and
 * root can look into (null when no setting names it).
 */
export function checkKeys(keysDir: string | null, isApart: boolean): HealthCheck {
  const state = keysDir === null ? "closed" : lookAt(keysDir);
  if (isApart && state === "closed")
    return ok("keys", {
      fr: "Les clés sont chez le gardien, un service à part : seuls lui et root les voient.",
      en: "The keys are with the keeper, a service of its own: only it and root see them.",
    });
  if (state === "missing" || state === "closed") {
    return wrong(
      "keys",
      "warning",
      { fr: `Pas encore de clés (${keysDir}).`, en: `No keys yet (${keysDir}).` },
      isApart
        ? {
            fr: "Le gardien les crée à son premier démarrage (systemctl start poterne-keeper) ; sauvegardez-les ensuite.",
            en: "The keeper makes them at its first start (systemctl start poterne-keeper); back them up then.",
          }
        : {
            fr: "Elles sont créées au premier démarrage ; sauvegardez-les ensuite.",
            en: "They are made at the first start; back them up then.",
          },
    );
  }
  if (state === "private")
    return ok("keys", { fr: "Clés présentes, fermées aux autres.", en: "Keys present, closed to others." });
  return wrong(
    "keys",
    "failed",
    { fr: `Le dossier ${keysDir} est lisible par d'autres.`, en: `Others can read the folder ${keysDir}.` },
    { fr: `chmod -R go-rwx ${keysDir}`, en: `chmod -R go-rwx ${keysDir}` },
  );
}

/** How a folder stands: `closed` when this user may not even look. */
function lookAt(folder: string): "missing" | "closed" | "private" | "open" {
  try {
    return (statSync(folder).mode & 0o077) === 0 ? "private" : "open";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    return code === "EACCES" ? "closed" : "missing";
  }
}

/** Is the data folder closed to other users of the machine? */
export function checkDataFolder(dataDir: string): HealthCheck {
  const { mode } = statSync(dataDir);
  const shown = path.resolve(dataDir);
  if ((mode & 0o077) === 0) return ok("data", { fr: `Données : ${shown}.`, en: `Data: ${shown}.` });
  return wrong(
    "data",
    "warning",
    { fr: `Le dossier ${shown} est accessible à d'autres.`, en: `The folder ${shown} is open to others.` },
    { fr: `chmod go-rwx ${shown}`, en: `chmod go-rwx ${shown}` },
  );
}
