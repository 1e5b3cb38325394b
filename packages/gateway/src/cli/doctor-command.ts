import path from "node:path";
import type { HealthCheck } from "@poterne/contract";
import { makeFolders, storeOptions } from "../app-folders.ts";
import {
  checkCertificate,
  checkClock,
  checkDataFolder,
  checkDisk,
  checkKeys,
} from "../health/machine-checks.ts";
import { checkKeeperService, checkStore, checkTarget } from "../health/reach-checks.ts";
import { makePublicUrl } from "../http/public-address.ts";
import { openStore } from "../store/open-store.ts";
import type { Command } from "./command.ts";
import { readCommandLine } from "./options.ts";
import { printChecks } from "./print-checks.ts";

/** `poterne doctor [HOST:PORT…]`: what is wrong on this machine and how to mend it; exit code 1 when something failed. */
export const doctorCommand: Command = {
  name: "doctor",
  usage: "[--lang fr|en] [HOST:PORT…] | kerberos REALM|HOST | mail [ADDRESS]",
  summary: {
    fr: "vérifier horloge, disque, certificat, base, clés et cibles ; ou tout ce qu'il faut à Kerberos, ou à la messagerie",
    en: "check clock, disk, certificate, store, keys and targets; or all that Kerberos needs, or mail",
  },
  async run(words) {
    if (words[0] === "mail") return (await import("./mail-doctor-command.ts")).runMailDoctor(words.slice(1));
    if (words[0] === "kerberos")
      return (await import("./kerberos-doctor-command.ts")).runKerberosDoctor(words.slice(1));
    const line = readCommandLine(words);
    const { settings } = line.configuration;
    const { language } = line;
    const folders = makeFolders(settings);
    const certificate =
      settings.tls.certificate === "" ? path.join(folders.data, "tls/server.crt") : settings.tls.certificate;
    const hostname = makePublicUrl(settings, settings.port).hostname;
    const store = openStore(storeOptions(settings, folders.data));
    const checks: HealthCheck[] = [
      checkClock(Date.now()),
      checkDisk(folders.data, settings.recording.freeSpaceAlarmBytes),
      ...(settings.tls.mode === "own" ? [checkCertificate(certificate, hostname, Date.now())] : []),
      checkDataFolder(folders.data),
      checkKeys(folders.keeper === null ? null : folders.keys, settings.keeper.socket !== ""),
      ...(settings.keeper.socket === "" ? [] : [await checkKeeperService(settings.keeper.socket)]),
      await checkStore(store),
    ];
    await store.close();
    for (const word of line.words) {
      const [address, port] = splitAddress(word);
      checks.push(await checkTarget(address, port));
    }
    return printChecks(checks, language);
  },
};

function splitAddress(word: string): [address: string, port: number] {
  const at = word.lastIndexOf(":");
  return at < 0 ? [word, 22] : [word.slice(0, at).replace(/^\[|\]$/g, ""), Number(word.slice(at + 1))];
}
