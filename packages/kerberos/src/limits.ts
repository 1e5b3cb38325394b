/** The longest Kerberos message read from a peer, in bytes: a ticket with a full PAC stays well below. */
export const MAX_MESSAGE_BYTES = 128 * 1024;
/** The longest realm or name component, in bytes. */
export const MAX_NAME_BYTES = 512;
/** The most components of a principal's name. */
export const MAX_NAME_PARTS = 8;
/** The most entries of any list in a message (pre-authentication data, encryption types, mechanisms…). */
export const MAX_LIST_ENTRIES = 64;
/** The longest salt taken from a KDC, in bytes. */
export const MAX_SALT_BYTES = 1024;
/** The fewest PBKDF2 iterations taken from a KDC: less would make a listener's guessing cheap (RFC 3962 §4's default). */
export const MIN_ITERATIONS = 4096;
/** The most PBKDF2 iterations taken from a KDC: about a second of one core. */
export const MAX_ITERATIONS = 1_000_000;
/** How far clocks may be apart, in milliseconds (RFC 4120 §8.2's recommendation of five minutes). */
export const MAX_CLOCK_SKEW_MS = 300_000;
/** The most realms asked in one search for a person's or a service's realm. */
export const MAX_REFERRALS = 8;
/** The largest keytab read, in bytes. */
export const MAX_KEYTAB_BYTES = 1024 * 1024;
