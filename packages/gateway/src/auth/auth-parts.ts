import type { Environment } from "../environment.ts";
import type { IdentitySignIn } from "../identity/identity-sign-in.ts";
import type { Journal } from "../journal/journal.ts";
import type { Charters } from "../people/charters.ts";
import type { PeopleStore } from "../people/people-store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { Factors } from "./factors.ts";
import type { OneTimeLinks } from "./one-time-links.ts";
import type { OwnPasswords } from "./own-passwords.ts";
import type { Passkeys } from "./passkeys.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { Passwords } from "./passwords.ts";
import type { RecoveryCodes } from "./recovery-codes.ts";
import type { SignInGuard } from "./sign-in-guard.ts";
import type { SignInStore } from "./sign-in-store.ts";

/** Everything the rules of signing in are made of; `createAuth` puts it together. */
export interface AuthParts {
  readonly settings: () => AuthSettings;
  readonly environment: Environment;
  readonly journal: Journal;
  readonly people: PeopleStore;
  readonly charters: Charters;
  readonly hasher: PasswordHasher;
  readonly passwords: Passwords;
  readonly guard: SignInGuard;
  readonly signIns: SignInStore;
  readonly links: OneTimeLinks;
  /** Whether a person may be at an address, by its own list and those of its groups. */
  readonly isSourceAdmitted: (personId: string, sourceAddress: string) => Promise<boolean>;
  readonly factors: Factors;
  readonly recoveryCodes: RecoveryCodes;
  readonly passkeys: Passkeys;
  readonly identity: IdentitySignIn;
  /** People's own directory passwords, for accounts "as me". */
  readonly ownPasswords: OwnPasswords;
  /** Whether the gateway has keys that browsers' tickets open with. */
  readonly hasTicketKeys: boolean;
}
