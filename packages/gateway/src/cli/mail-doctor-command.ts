import { ConfigurationError } from "../config/load.ts";
import { mailFails, mailIsFine, mailIsOff, mailTested, testLetter } from "../mail/mail-checks.ts";
import { sendMail, tryServer } from "../mail/smtp.ts";
import { readCommandLine } from "./options.ts";
import { printChecks } from "./print-checks.ts";

/** `poterne doctor mail [ADDRESS]`: does the mail server take letters, and with an address, does it take one for it? */
export async function runMailDoctor(words: readonly string[]): Promise<number> {
  const { configuration, language, words: addresses } = readCommandLine(words);
  const { mail, organisation } = configuration.settings;
  const [address] = addresses;
  if (addresses.length > 1) throw new ConfigurationError("doctor mail [ADDRESS]");
  if (mail.host === "") return printChecks([mailIsOff], language);
  const trouble = await tryServer(mail);
  if (trouble !== null) return printChecks([mailFails(mail, trouble)], language);
  const checks = [mailIsFine(mail)];
  if (address !== undefined)
    checks.push(mailTested(mail, await sendMail(mail, testLetter(address, organisation)), address));
  return printChecks(checks, language);
}
