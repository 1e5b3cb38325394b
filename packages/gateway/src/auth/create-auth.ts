import { factorRuleHandlers } from "../access/factor-rule-handlers.ts";
import { FactorRuleStore } from "../access/factor-rule-store.ts";
import type { Environment } from "../environment.ts";
import type { Authenticator } from "../http/authenticator.ts";
import type { RequestContext } from "../http/context.ts";
import type { Handler } from "../http/handlers.ts";
import { createIdentity } from "../identity/create-identity.ts";
import type { DomainProof } from "../identity/domain-proof.ts";
import { identityHandlers } from "../identity/identity-handlers.ts";
import type { DomainNames } from "../identity/typed-name.ts";
import type { Journal } from "../journal/journal.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { TicketAcceptor } from "../kerberos/ticket-acceptor.ts";
import { Charters } from "../people/charters.ts";
import { groupHandlers } from "../people/group-handlers.ts";
import { Groups } from "../people/groups.ts";
import { LinkedPeople } from "../people/linked-people.ts";
import { linkedPeopleHandlers } from "../people/linked-people-handlers.ts";
import { type EraseRecordings, PeopleActs } from "../people/people-acts.ts";
import { peopleHandlers } from "../people/people-handlers.ts";
import { PeopleStore } from "../people/people-store.ts";
import { PersonalData, type PersonalDataSource } from "../people/personal-data.ts";
import { storedPersonalData } from "../people/stored-personal-data.ts";
import type { Store } from "../store/store.ts";
import { ApiTokens } from "./api-tokens.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { AuthSettings } from "./auth-settings.ts";
import { createAuthenticator, type SubtreeSource } from "./create-authenticator.ts";
import { Enrolment } from "./enrolment.ts";
import { factorHandlers } from "./factor-handlers.ts";
import { Factors } from "./factors.ts";
import { FederationFlow } from "./federation-flow.ts";
import { FirstLinks } from "./first-links.ts";
import { meHandlers } from "./me-handlers.ts";
import { OneTimeLinks, type ShownLink } from "./one-time-links.ts";
import { OwnAccounts } from "./own-accounts.ts";
import { ownPasswordHandlers, takeOwnSecret } from "./own-password-handlers.ts";
import { OwnPasswords, type OwnPasswordsParts, type OwnSecret } from "./own-passwords.ts";
import { Passkeys } from "./passkeys.ts";
import { PasswordHasher } from "./password-hasher.ts";
import { Passwords } from "./passwords.ts";
import { RecoveryCodes } from "./recovery-codes.ts";
import { RememberedDevices } from "./remembered-devices.ts";
import { rememberedHandlers } from "./remembered-handlers.ts";
import { SignInFlow } from "./sign-in-flow.ts";
import { SignInGuard } from "./sign-in-guard.ts";
import { signInHandlers } from "./sign-in-handlers.ts";
import { SignInStates } from "./sign-in-states.ts";
import { SignInStore } from "./sign-in-store.ts";
import { TicketFlow } from "./ticket-flow.ts";

/** What signing in and people are built on. */
export interface AuthDependencies {
  readonly store: Store;
  readonly journal: Journal;
  readonly keeper: Pick<Keeper, "sealSecret" | "openSecret">;
  readonly environment: Environment;
  /** Asked at every use, so that a changed setting holds at once. */
  readonly settings: () => AuthSettings;
  /** The tree of sites, for administrators of subtrees. */
  readonly sites: SubtreeSource;
  /** What is kept about people elsewhere than in the store, for the export. */
  readonly personalData?: readonly PersonalDataSource[];
  /** Whether a person may be at an address; left out, everybody may be anywhere. */
  readonly isSourceAdmitted?: AuthParts["isSourceAdmitted"];
  /** Whether a person may be signed in now; left out, always. */
  readonly isPersonOpen?: AuthParts["isPersonOpen"];
  /** Told when a person was disabled or erased: end their live sessions. */
  readonly onPersonEnded?: (personId: string) => Promise<void>;
  /** Verifies browsers' tickets; absent or null without a keytab. */
  readonly tickets?: TicketAcceptor | null;
  /** Accounts "as me": whether there are any, and who knows how long an account's tickets live. Left out: none. */
  readonly own?: Pick<OwnPasswordsParts, "isWanted" | "tickets"> & { readonly domain: DomainProof | null };
  /** Short names of domains that people may type with their own; left out: none. */
  readonly domainNames?: DomainNames;
  /** Deletes what may go of an erased person's recordings. */
  readonly eraseRecordings: EraseRecordings;
}

/** Signing in and people, put together. */
export interface Auth {
  readonly authenticator: Authenticator;
  readonly handlers: readonly Handler[];
  readonly people: PeopleStore;
  /** Counts argon2's runs; for metrics and tests. */
  readonly hasher: PasswordHasher;
  createFirstLink: FirstLinks["createFirstLink"];
  resetAdmin: FirstLinks["resetAdmin"];
  createDemoPerson: FirstLinks["createDemoPerson"];
  /** The one-time link of a new person: password and second factor. */
  makeFirstLink(personId: string): Promise<ShownLink>;
  /** Ends the sign-ins of a person. */
  endSignIns(personId: string): Promise<void>;
  /** Forgets what has ended: sign-ins, links, questions, counts. Call it every few minutes. */
  sweep(): Promise<void>;
  /** The rules of the second factor. */
  readonly factorRules: FactorRuleStore;
  /** Whether a person has a device. */
  hasDevice(personId: string): Promise<boolean>;
  /** The caller's own directory password, for a session "as me". Fails with `own-password-needed` and its like. */
  takeOwnSecret(context: RequestContext): Promise<OwnSecret>;
  /**
   * Forgets own passwords that are over, and looks whether people are still in their directories, those who are due. Call it
   * every half minute.
   */
  recheck(): Promise<void>;
}

/** Puts signing in and people together. */
export function createAuth(dependencies: AuthDependencies): Auth {
  const { store, environment, journal, sites } = dependencies;
  const groups = new Groups(store, environment);
  const onPersonEnded = dependencies.onPersonEnded ?? (async () => {});
  const { parts, identities, registry, recheck } = makeParts(dependencies, groups, onPersonEnded);
  const tokens = new ApiTokens(store, environment);
  const states = new SignInStates(parts);
  const links = new FirstLinks({ ...parts, identities, tokens });
  const federation = new FederationFlow({ ...parts, identities, registry }, states);
  const tickets = dependencies.tickets ?? null;
  const ticket = new TicketFlow({ ...parts, registry, tickets }, states);
  const sources = [...storedPersonalData(store), ...(dependencies.personalData ?? [])];
  const personalData = new PersonalData({ store, ...parts, tokens, sources });
  const linked = new LinkedPeople(store, environment);
  const { eraseRecordings, keeper } = dependencies;
  const actParts = {
    ...parts,
    identities,
    tokens,
    sites,
    store,
    groups,
    onPersonEnded,
    eraseRecordings,
    linked,
  };
  const authenticator = createAuthenticator({ ...parts, tokens, sites });
  const handlers = [
    ...signInHandlers(new SignInFlow(parts, states), states, federation, ticket),
    ...factorHandlers(parts, new Enrolment(parts, states)),
    ...ownPasswordHandlers(parts),
    ...rememberedHandlers(parts),
    ...factorRuleHandlers({
      ...parts,
      rememberedDays: () => Math.round(parts.settings().rememberedMs / 86_400_000),
    }),
    ...meHandlers({ ...parts, tokens, sites, states, personalData }),
    ...peopleHandlers({ ...actParts, acts: new PeopleActs(actParts), personalData }),
    ...linkedPeopleHandlers({ people: parts.people, linked, journal }),
    ...groupHandlers({ groups, people: parts.people, journal }),
    ...identityHandlers({
      identities,
      registry,
      groups,
      journal,
      keeper,
      redirectUri: () => federation.redirectUri,
    }),
  ];
  return {
    authenticator,
    handlers,
    people: parts.people,
    hasher: parts.hasher,
    createFirstLink: () => links.createFirstLink(),
    resetAdmin: (login) => links.resetAdmin(login),
    createDemoPerson: (profile) => links.createDemoPerson(profile),
    makeFirstLink: (personId) => parts.links.make(personId, "first"),
    endSignIns: async (personId) => void (await parts.signIns.endAll(personId)),
    async sweep() {
      await parts.signIns.sweep();
      await parts.remembered.sweep();
      await parts.links.sweep();
      await parts.passkeys.sweep();
      await parts.guard.sweep();
      await identities.sweep();
    },
    takeOwnSecret: (context) => takeOwnSecret(parts, context),
    factorRules: parts.factorRules,
    hasDevice: async (personId) => (await parts.factors.devices(personId)).length > 0,
    async recheck() {
      await parts.ownPasswords.sweep();
      await recheck.run();
    },
  };
}

function makeParts(
  dependencies: AuthDependencies,
  groups: Groups,
  onPersonEnded: (personId: string) => Promise<void>,
) {
  const { store, journal, keeper, environment, settings } = dependencies;
  const people = new PeopleStore(store, environment);
  const hasher = new PasswordHasher(environment);
  const signIns = new SignInStore(store, environment, settings);
  const endPerson = async (personId: string): Promise<void> => {
    await signIns.endAll(personId);
    await onPersonEnded(personId);
  };
  const domain = dependencies.own?.domain ?? null;
  const common = { store, journal, keeper, environment };
  const { domainNames = new Map() } = dependencies;
  const made = createIdentity({ ...common, people, groups, hasher, endPerson, domain, domainNames });
  const guard = new SignInGuard(store, environment);
  const ownPasswords = new OwnPasswords({
    accounts: new OwnAccounts(made),
    environment,
    journal,
    guard,
    isWanted: dependencies.own?.isWanted ?? (async () => false),
    tickets: dependencies.own?.tickets ?? null,
    isSignedIn: (signInIds) => signIns.openOf(signInIds),
  });
  const remembered = new RememberedDevices(store, environment, settings);
  signIns.tell({
    ended: (signInId) => ownPasswords.ended(signInId),
    async endedAll(personId, exceptSignInId) {
      await ownPasswords.endedAll(personId, exceptSignInId);
      // Everywhere means the remembered browsers too.
      if (exceptSignInId === null) await remembered.forgetAll(personId);
    },
  });
  const parts: AuthParts = {
    ownPasswords,
    remembered,
    factorRules: new FactorRuleStore(store),
    settings,
    environment,
    journal,
    people,
    hasher,
    charters: new Charters(store, environment),
    passwords: new Passwords({ store, environment, people, hasher, settings }),
    guard,
    signIns,
    identity: made.signIn,
    hasTicketKeys: (dependencies.tickets ?? null) !== null,
    links: new OneTimeLinks(store, environment, settings),
    factors: new Factors(store, environment, keeper, settings),
    recoveryCodes: new RecoveryCodes(store, environment),
    passkeys: new Passkeys(store, environment, settings),
    isSourceAdmitted: dependencies.isSourceAdmitted ?? (async () => true),
    isPersonOpen: dependencies.isPersonOpen ?? (async () => true),
  };
  return { parts, ...made };
}
