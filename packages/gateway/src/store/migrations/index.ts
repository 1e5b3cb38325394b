import { accessMigration } from "./0001-access.ts";
import { authMigration } from "./0002-auth.ts";
import { sessionMigration } from "./0003-session.ts";
import { recordingMigration } from "./0004-recording.ts";
import { journalMigration } from "./0005-journal.ts";
import { keyboardModeMigration } from "./0006-keyboard-mode.ts";
import { identityMigration } from "./0008-identity.ts";
import { accessRulesMigration } from "./0009-access-rules.ts";
import { mailAndVendorsMigration } from "./0010-mail-and-vendors.ts";
import { factorsMigration } from "./0011-factors.ts";
import { linksMigration } from "./0012-links.ts";
import { emergenciesAndProofsMigration } from "./0013-emergencies-and-proofs.ts";
import { licencesMigration } from "./0014-licences.ts";
import type { StoreMigration } from "./migration.ts";

/** All migrations in order. A new one is appended; the order of released ones never changes. */
export const storeMigrations: readonly StoreMigration[] = [
  accessMigration,
  authMigration,
  sessionMigration,
  recordingMigration,
  journalMigration,
  keyboardModeMigration,
  identityMigration,
  accessRulesMigration,
  mailAndVendorsMigration,
  factorsMigration,
  linksMigration,
  emergenciesAndProofsMigration,
  licencesMigration,
];
