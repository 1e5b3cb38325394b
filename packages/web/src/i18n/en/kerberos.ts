import { counted } from "../format.ts";
import type { kerberos as kerberosSource } from "../fr/kerberos.ts";

/** Words of the Kerberos doctor, in English. */
export const kerberos: typeof kerberosSource = {
  title: "Kerberos doctor",
  intro:
    "What it takes to open a machine with an account of the domain: DNS, controllers, clock, account, service name, machine. The same checks as “poterne doctor kerberos”.",
  target: "Target",
  targetHint: "Its Kerberos name, and NLA if it is a Remote Desktop. Nothing is opened there.",
  realm: "Domain",
  realmHint: "Empty: the account's or the target's.",
  account: "Account",
  accountHint: "name@DOMAIN or DOMAIN\\name",
  password: "Password",
  passwordHint: "For one sign-in at the domain; kept nowhere.",
  run: "Check",
  running: "Checking: a controller that does not answer takes some seconds.",
  result: "What was found",
  summary: (failed: number, warnings: number) =>
    failed + warnings === 0
      ? "Nothing to change."
      : `${counted("en", failed, { one: "# fault", other: "# faults" })}, ${counted("en", warnings, { one: "# thing to watch", other: "# things to watch" })}.`,
  checks: {
    "kerberos-realm": "Domain",
    "kerberos-name": "The machine's name",
    "kerberos-directory": "Controllers (DNS or configuration)",
    "kerberos-kdc": "Controller",
    "kerberos-clock": "Clock",
    "kerberos-account": "Account and encryption",
    "kerberos-sign-in": "Sign-in at the domain",
    "kerberos-protected-users": "Protected Users",
    "kerberos-spn": "Service name (SPN)",
    "kerberos-nla": "NLA at the machine",
  },
};
