/** What the rules of signing in depend on; the configuration fills it. */
export interface AuthSettings {
  /** What people type in the browser: origin of passkeys, base of links. */
  readonly publicUrl: URL;
  /** The organisation's name, for the sign-in page, the authenticator application and the password rules; may be empty. */
  readonly organisation: string;
  /** A sign-in ends after so long without a request. */
  readonly idleMs: number;
  /** A sign-in ends after so long whatever happens. */
  readonly absoluteMs: number;
  /** For how long a factor given counts as fresh for dangerous acts. */
  readonly freshFactorMs: number;
  /** How long a browser may be remembered; 0: not at all. */
  readonly rememberedMs: number;
  /** Whether a second factor must be enrolled before the first use. */
  readonly isFactorRequired: boolean;
  /** Fewest characters of a password. */
  readonly passwordMinLength: number;
  /** How many earlier passwords may not be chosen again. */
  readonly passwordRememberedCount: number;
}

/** Settings for a public URL, all else as the rules of the product say. */
export function defaultAuthSettings(publicUrl: URL): AuthSettings {
  return {
    publicUrl,
    organisation: "",
    idleMs: 30 * 60_000,
    absoluteMs: 12 * 3_600_000,
    freshFactorMs: 10 * 60_000,
    rememberedMs: 0,
    isFactorRequired: true,
    passwordMinLength: 12,
    passwordRememberedCount: 5,
  };
}
