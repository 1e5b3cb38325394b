import { z } from "zod";
import { RIGHTS, ROLES } from "../rights.ts";
import { defineRoute } from "../route.ts";
import { passkeyAnswer, passkeyQuestion } from "./passkey.ts";

const none = z.object({});

/**
 * Name of the part of the URL fragment that carries a one-time link's token: `/sign-in#link=TOKEN`. A fragment never
 * reaches a server; the page reads it, erases it from the address bar and posts it to `openSignInLink`.
 */
export const SIGN_IN_LINK_FRAGMENT = "link";

/** The header that carries the CSRF token on every request but GET once a sign-in state gave one. */
export const CSRF_HEADER = "x-poterne-csrf";

/** A second factor's sort. `recovery-code` replaces a lost device and is not enrolled by itself. */
export const factorMethod = z.enum(["totp", "passkey", "recovery-code"]);
export type FactorMethod = z.infer<typeof factorMethod>;

/** Languages of the pages. */
export const language = z.enum(["fr", "en"]);

/** Colours of the pages; `auto` follows the browser. */
export const theme = z.enum(["auto", "light", "dark"]);

/** How keys go to a desktop: `positions` (the key's place) or `characters` (what it writes). */
export const keyboardMode = z.enum(["positions", "characters"]);

/** Whether passkeys can be used at this address, and why not: a browser refuses them on an IP address and without HTTPS. */
export const passkeySupport = z.object({
  isOffered: z.boolean(),
  reason: z.enum(["ip-address", "not-secure"]).nullable(),
});

/** What a password must satisfy, for the page to say it in advance; the gateway decides. */
export const passwordRules = z.object({
  minLength: z.number(),
  maxBytes: z.number(),
  /** How many earlier passwords may not be used again. */
  rememberedCount: z.number(),
});

/** The person who is signed in, as the pages need it. */
export const signedInPerson = z.object({
  personId: z.string(),
  login: z.string(),
  name: z.string(),
  email: z.string(),
  theme,
  keyboardMode,
});

/** A federation somebody may sign in at. */
export const federation = z.object({ providerId: z.string(), name: z.string() });

const underWay = { csrfToken: z.string(), login: z.string(), name: z.string() };

/**
 * Where a sign-in stands. Every route of this file that moves it replies the new state, and the page shows what the
 * state asks for. States other than `nobody` carry the CSRF token of the moment: it changes at every step.
 */
export const signInState = z.discriminatedUnion("state", [
  /** Nobody: show name and password, and a passkey button if offered. */
  z.object({
    state: z.literal("nobody"),
    passkeys: passkeySupport,
    /** No administrator exists yet: say that the first link is in the gateway's output. */
    isFirstStart: z.boolean(),
    organisation: z.string(),
    /** Names of the directories whose people use the same form. */
    directories: z.array(z.string()),
    /** Federations, a button each: `beginFederation`. */
    federations: z.array(federation),
    /** Whether a browser of the domain may try its ticket: `signInByTicket`. */
    hasTicketSignIn: z.boolean(),
    /** After signing out: where the federation is signed out of too, null for nowhere. */
    endSessionUrl: z.string().nullable(),
  }),
  /**
   * The current password is asked for (after a link that resets the factor): `signInWithPassword`; from a person of a
   * federation, a sign-in there: `beginFederation`.
   */
  z.object({ state: z.literal("password-needed"), ...underWay, federation: federation.nullable() }),
  /** A new password is to be chosen: `chooseFirstPassword`. `asksProfile`: the first administrator gives login and name too. */
  z.object({
    state: z.literal("new-password-needed"),
    ...underWay,
    rules: passwordRules,
    asksProfile: z.boolean(),
  }),
  /** A second factor is asked for, by one of these. */
  z.object({ state: z.literal("factor-needed"), ...underWay, methods: z.array(factorMethod) }),
  /** A first device is to be enrolled: the routes of `/me/totp` and `/me/passkeys` answer in this state. */
  z.object({ state: z.literal("enrolment-needed"), ...underWay, passkeys: passkeySupport }),
  /** The charter is to be accepted; Markdown text. */
  z.object({
    state: z.literal("charter-needed"),
    ...underWay,
    charter: z.object({ version: z.number(), textFr: z.string(), textEn: z.string() }),
  }),
  z.object({
    state: z.literal("signed-in"),
    csrfToken: z.string(),
    person: signedInPerson,
    language,
    roles: z.array(z.enum(ROLES)),
    rights: z.array(z.enum(RIGHTS)),
    /** Where the administrator's role holds: roots of subtrees, null for everywhere. */
    administeredSiteIds: z.array(z.string()).nullable(),
    passkeys: passkeySupport,
    /** Devices this person has; empty when a demonstration let them in without one (say so on every page). */
    factors: z.array(factorMethod),
    /** Whether they have a password; one whom a demonstration let in has none until they choose one. */
    hasPassword: z.boolean(),
    /** Where they come from and where their password is changed; null for this gateway itself. */
    providerName: z.string().nullable(),
    /** Until when dangerous acts need no confirmation, Unix milliseconds; 0 when one is needed now. */
    factorFreshUntilMs: z.number(),
    /** When this sign-in ends whatever happens. */
    endsAtMs: z.number(),
    /** Ends after so long without a request. */
    idleMinutes: z.number(),
  }),
]);
export type SignInState = z.infer<typeof signInState>;

/** A login somebody chooses: letters, digits and `. _ - @`, unique without regard to case. */
export const login = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}._@-]{1,128}$/u);
/** A person's name; no line breaks or other control characters, since it goes into lists, pictures and the journal. */
export const personName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u);
/** A person's login as typed. Compared without regard to case. */
export const typedLogin = z.string().min(1).max(128);
/** A password as typed; rules are checked where one is chosen. */
export const typedPassword = z.string().min(1).max(1024);
/** A six-digit code; spaces are the page's to remove. */
export const typedCode = z.string().regex(/^[0-9]{6}$/);
/** A recovery code: sixteen letters and digits; hyphens, spaces and case are ignored. */
export const typedRecoveryCode = z.string().min(16).max(32);

const signInRoute = { scope: "none", params: none, query: none, reply: signInState } as const;

/** Where the caller's sign-in stands; also refreshes the page after a reload. */
export const getSignIn = defineRoute({
  ...signInRoute,
  method: "GET",
  path: "/api/v1/sign-in",
  summary: "Where the caller's sign-in stands",
  right: "public",
  body: none,
});

/**
 * Signs in by the ticket the browser has from its domain (RFC 4559, `Authorization: Negotiate`). Without one the answer is
 * `ticket-wanted` with the challenge, which browsers answer by themselves where they may; `ticket-refused` tells nothing
 * more, the journal does.
 */
export const signInByTicket = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/negotiate",
  summary: "Sign in by the domain's ticket (Negotiate)",
  right: "public",
  body: none,
});

/**
 * Name and password. In state `password-needed` the login must be that of the state. Fails with `sign-in-refused`
 * (the same for an unknown name, a wrong password and a disabled person), `too-many-requests`, `source-banned`,
 * `enrolment-link-needed`; with directories also with `directory-away` in place of the first, whoever was named, while
 * one does not answer, and, after a right password only, with `account-disabled`, `account-expired`,
 * `account-password-expired`, `not-admitted`.
 */
export const signInWithPassword = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/password",
  summary: "Sign in with name and password",
  right: "public",
  body: z.strictObject({ login: typedLogin, password: typedPassword }),
});

/** The question for a passkey: without a sign-in, any passkey of this gateway; in mid-sign-in or to confirm, one of the person's. */
export const askPasskey = defineRoute({
  method: "POST",
  path: "/api/v1/sign-in/passkey/options",
  summary: "Options for navigator.credentials.get",
  right: "public",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: passkeyQuestion,
});

/** The passkey's answer. Without a sign-in it must have verified its holder, and then counts as both factors. */
export const signInWithPasskey = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/passkey/verify",
  summary: "Sign in, or give the second factor, with a passkey",
  right: "public",
  body: passkeyAnswer,
});

/** The second factor by authenticator application; a code counts once. Fails with `wrong-code`, `too-many-requests`. */
export const signInWithTotp = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/totp",
  summary: "Give the second factor with a code",
  right: "pending",
  body: z.strictObject({ code: typedCode }),
});

/** The second factor by recovery code; each counts once. */
export const signInWithRecoveryCode = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/recovery-code",
  summary: "Give the second factor with a recovery code",
  right: "pending",
  body: z.strictObject({ recoveryCode: typedRecoveryCode }),
});

/** Opens a one-time link; the token comes from the fragment. Fails with `link-invalid` (unknown, used or expired alike). */
export const openSignInLink = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/link",
  summary: "Begin a sign-in with a one-time link",
  right: "public",
  body: z.strictObject({ token: z.string().min(1).max(128) }),
});

/** Chooses the password in state `new-password-needed`; login and name only when the state asks the profile. */
export const chooseFirstPassword = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/new-password",
  summary: "Choose a password in mid-sign-in",
  right: "pending",
  body: z.strictObject({
    password: typedPassword,
    login: login.optional(),
    name: personName.optional(),
    language: language.optional(),
  }),
});

/** Accepts the charter's version shown. */
export const acceptCharter = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/charter",
  summary: "Accept the charter",
  right: "pending",
  body: z.strictObject({ version: z.int().min(1) }),
});

/**
 * Confirms who one is before a dangerous act: makes the factor fresh for some minutes. `password` is accepted only from
 * a person without any device. A passkey is asked for with `askPasskey`.
 */
export const confirmFactor = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-in/confirm",
  summary: "Give a factor again before a dangerous act",
  right: "signed-in",
  body: z.discriminatedUnion("method", [
    z.strictObject({ method: z.literal("totp"), code: typedCode }),
    z.strictObject({ method: z.literal("recovery-code"), recoveryCode: typedRecoveryCode }),
    z.strictObject({ method: z.literal("passkey"), answer: passkeyAnswer }),
    z.strictObject({ method: z.literal("password"), password: typedPassword }),
  ]),
});

/** Ends the caller's sign-in and forgets the cookie. */
export const signOut = defineRoute({
  ...signInRoute,
  method: "POST",
  path: "/api/v1/sign-out",
  summary: "Sign out",
  right: "pending",
  body: none,
});
