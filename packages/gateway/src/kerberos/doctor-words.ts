import type { HealthCheck } from "@poterne/contract";
import { type KerberosFailure, MAX_CLOCK_SKEW_MS } from "@poterne/kerberos";
import { ok, type Words, wrong } from "../health/check.ts";
import { clockEvent, controllerEvent, joinWords, type KdcRequestKind } from "./controller-events.ts";
import { failureWords } from "./failure-words.ts";
import { formatKdcAddress } from "./kdc-address.ts";
import { type KdcSource, type KdcsFound, kdcSrvName } from "./kdc-directory.ts";

/** From here on the clock is worth a word, though Kerberos still bears it. */
const CLOCK_WARNING_MS = 60_000;

/** A failure as a check: what it means, what to change, and where the controller wrote it down. */
export function failed(
  check: string,
  failure: KerberosFailure,
  about: { readonly name: string; readonly kind: KdcRequestKind },
): HealthCheck {
  const { found, remedy } = failureWords[failure.reason];
  const { name, kind } = about;
  return wrong(
    check,
    "failed",
    { fr: `${name} : ${found.fr} (${failure.detail})`, en: `${name}: ${found.en} (${failure.detail})` },
    joinWords(remedy, controllerEvent(failure, kind)),
  );
}

/** A clock's difference; `source` says by what it was measured. */
export function checkClock(source: Words, offsetMs: number): HealthCheck {
  const seconds = Math.round(offsetMs / 1000);
  const found: Words = {
    fr: `Écart d'horloge avec ${source.fr} : ${seconds} s.`,
    en: `Clock difference with ${source.en}: ${seconds} s.`,
  };
  const size = Math.abs(offsetMs);
  if (size < CLOCK_WARNING_MS) return ok("kerberos-clock", found);
  const { remedy } = failureWords["clock-skew"];
  if (size <= MAX_CLOCK_SKEW_MS) return wrong("kerberos-clock", "warning", found, remedy);
  return wrong("kerberos-clock", "failed", found, joinWords(remedy, clockEvent));
}

/** Which KDCs a realm has, and who says so. */
export function checkDirectory(realm: string, { source, addresses }: KdcsFound): HealthCheck {
  const list = addresses.map(formatKdcAddress).join(", ");
  const told = sourceWords(realm, source);
  if (addresses.length > 0) {
    const found = {
      fr: `KDC de ${realm} : ${list} (${told.fr}).`,
      en: `KDCs of ${realm}: ${list} (${told.en}).`,
    };
    return ok("kerberos-directory", found);
  }
  return wrong(
    "kerberos-directory",
    "failed",
    {
      fr: `Aucun KDC pour ${realm} : rien dans kerberos.kdcs, et ${told.fr}.`,
      en: `No KDC for ${realm}: nothing in kerberos.kdcs, and ${told.en}.`,
    },
    failureWords["unknown-realm"].remedy,
  );
}

function sourceWords(realm: string, source: KdcSource): Words {
  const name = kdcSrvName(realm);
  if (source.type === "configuration")
    return { fr: "réglage kerberos.kdcs", en: "the setting kerberos.kdcs" };
  if (source.type === "silent-dns") {
    const problems = source.problems.join(", ");
    if (problems === "") return { fr: "aucun serveur DNS n'est réglé", en: "no DNS server is set" };
    return {
      fr: `aucun serveur DNS ne répond pour ${name} (${problems})`,
      en: `no DNS server answers for ${name} (${problems})`,
    };
  }
  const { server, recordCount, ttlSeconds } = source;
  if (recordCount === 0)
    return {
      fr: `le serveur DNS ${server} n'a pas de ${name} (SRV)`,
      en: `the DNS server ${server} has no ${name} (SRV)`,
    };
  return {
    fr: `serveur DNS ${server}, ${name}, ${recordCount} SRV, ${ttlSeconds} s`,
    en: `DNS server ${server}, ${name}, ${recordCount} SRV, ${ttlSeconds} s`,
  };
}
