import { accessErrors } from "./access.ts";
import { accessRuleErrors } from "./access-rules.ts";
import { authErrors } from "./auth.ts";
import { commonErrors } from "./common.ts";
import { connectionErrors } from "./connection.ts";
import type { ErrorEntry } from "./entry.ts";
import { fileErrors } from "./files.ts";
import { identityErrors } from "./identity.ts";
import { kerberosErrors } from "./kerberos.ts";
import { linkErrors } from "./links.ts";
import { peopleErrors } from "./people.ts";
import { rdpErrors } from "./rdp.ts";
import { recordingErrors } from "./recording.ts";
import { sessionErrors } from "./session.ts";
import { vaultErrors } from "./vault.ts";
import { vncErrors } from "./vnc.ts";

/** Every failure a person can meet, by code. One file per noun; a code stands in one of them only. */
export const errorCatalogue = {
  ...commonErrors,
  ...authErrors,
  ...identityErrors,
  ...peopleErrors,
  ...linkErrors,
  ...accessErrors,
  ...accessRuleErrors,
  ...sessionErrors,
  ...vncErrors,
  ...rdpErrors,
  ...connectionErrors,
  ...kerberosErrors,
  ...fileErrors,
  ...recordingErrors,
  ...vaultErrors,
} as const;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCatalogue;

/** The entry of a code that came over the wire; unknown codes read as `internal`. */
export function findError(code: string): ErrorEntry {
  const entries: Readonly<Record<string, ErrorEntry>> = errorCatalogue;
  // A code is somebody else's text: `constructor` is no entry.
  return (Object.hasOwn(entries, code) ? entries[code] : undefined) ?? errorCatalogue.internal;
}
