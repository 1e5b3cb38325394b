import { readFileSync } from "node:fs";
import { ConfigurationError } from "../config/load.ts";
import { examineKerberos, type KerberosQuestion } from "../kerberos/doctor.ts";
import { makeKdcRoute } from "../kerberos/kdc-settings.ts";
import { systemEnvironment } from "../system-environment.ts";
import { readCommandLine } from "./options.ts";
import { printChecks } from "./print-checks.ts";

const MAX_PASSWORD_BYTES = 1024;
const USAGE =
  "doctor kerberos REALM|HOST[:PORT] [--person NAME] [--service SERVICE/HOST] [--realm REALM] [--target ADDRESS:PORT]";
const RDP_PORT = 3389;

/**
 * `poterne doctor kerberos REALM|HOST`: what Kerberos lacks for a realm, or for a machine's Remote Desktop. With
 * `--person` the password is the first line of standard input. Exit code 1 when something failed.
 */
export async function runKerberosDoctor(words: readonly string[]): Promise<number> {
  const line = readCommandLine(words, {
    person: { type: "string" },
    service: { type: "string" },
    realm: { type: "string" },
    target: { type: "string" },
  });
  const { person } = line.flags;
  const password = typeof person === "string" ? readPassword() : undefined;
  try {
    const checks = await examineKerberos(
      {
        ...readQuestion(line.words, line.flags),
        person: typeof person === "string" ? person : undefined,
        password,
      },
      { ...makeKdcRoute(line.configuration.settings, systemEnvironment), environment: systemEnvironment },
    );
    return printChecks(checks, line.language);
  } finally {
    password?.fill(0);
  }
}

/** A word in capitals is a realm; any other is a machine whose domain is its realm, with its Remote Desktop on 3389. */
function readQuestion(
  words: readonly string[],
  flags: Readonly<Record<string, string | boolean>>,
): Pick<KerberosQuestion, "realm" | "service" | "target"> {
  const [word] = words;
  if (word === undefined || words.length > 1) throw new ConfigurationError(USAGE);
  const [serviceWord, serviceHost] = typeof flags.service === "string" ? flags.service.split("/") : [];
  const named =
    serviceWord !== undefined && serviceHost !== undefined
      ? { name: serviceWord, hostname: serviceHost }
      : undefined;
  if (flags.service !== undefined && named === undefined) throw new ConfigurationError(USAGE);
  const isRealm = word === word.toUpperCase() && /[A-Z]/.test(word);
  const hostname = word.replace(/:\d+$/, "");
  const domain = isRealm ? word : hostname.slice(hostname.indexOf(".") + 1).toUpperCase();
  const realm = typeof flags.realm === "string" ? flags.realm : domain;
  const service = named ?? (isRealm ? undefined : { name: "TERMSRV", hostname });
  const place = typeof flags.target === "string" ? flags.target : isRealm ? undefined : word;
  const isDesktop = service?.name.toUpperCase() === "TERMSRV";
  return { realm, service, target: isDesktop && place !== undefined ? readPlace(place) : undefined };
}

function readPlace(text: string): { readonly address: string; readonly port: number } {
  const at = /:\d{1,5}$/.exec(text)?.index;
  if (at === undefined) return { address: text, port: RDP_PORT };
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
}

/** The first line of standard input, in a buffer that can be wiped. */
function readPassword(): Uint8Array {
  const input = readFileSync(0);
  const end = input.findIndex((octet) => octet === 0x0a || octet === 0x0d);
  const password = new Uint8Array(input.subarray(0, end < 0 ? input.length : end));
  input.fill(0);
  if (password.length === 0 || password.length > MAX_PASSWORD_BYTES)
    throw new ConfigurationError("--person: give the password as the first line of standard input");
  return password;
}
