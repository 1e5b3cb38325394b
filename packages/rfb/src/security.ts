import { SecurityType } from "./protocol.ts";

/**
 * The weakest security accepted: by a target's options (see `vncOptions` of the contract), or `plain` for a name and password
 * that are used elsewhere too: VNC's own proof gives eight characters of it to whoever listens, or to the server.
 */
export type MinimumSecurity = "none" | "vncauth" | "tls" | "plain";

/** What decides which security type is taken. */
export interface SecurityRules {
  readonly minimum: MinimumSecurity;
  /** Whether a user name is at hand: then types that want one come first. */
  readonly hasUsername: boolean;
  /** Only these types (numbers of `SecurityType`, VeNCrypt's own included), when given. */
  readonly only?: readonly number[];
}

/** What one security type means. */
export interface SecurityTraits {
  readonly tls: "none" | "anonymous" | "certificate";
  readonly proof: "none" | "vnc" | "plain";
}

const TRAITS: Readonly<Record<number, SecurityTraits>> = {
  [SecurityType.none]: { tls: "none", proof: "none" },
  [SecurityType.vncAuth]: { tls: "none", proof: "vnc" },
  [SecurityType.tlsNone]: { tls: "anonymous", proof: "none" },
  [SecurityType.tlsVnc]: { tls: "anonymous", proof: "vnc" },
  [SecurityType.tlsPlain]: { tls: "anonymous", proof: "plain" },
  [SecurityType.x509None]: { tls: "certificate", proof: "none" },
  [SecurityType.x509Vnc]: { tls: "certificate", proof: "vnc" },
  [SecurityType.x509Plain]: { tls: "certificate", proof: "plain" },
};

/** The traits of a type, undefined for one not spoken here (VeNCrypt's Plain without TLS is one of them). */
export function traitsOf(type: number): SecurityTraits | undefined {
  return TRAITS[type];
}

function isStrongEnough(traits: SecurityTraits, minimum: MinimumSecurity): boolean {
  if (minimum === "none") return true;
  if (minimum === "plain") return traits.tls !== "none" && traits.proof === "plain";
  if (minimum === "tls") return traits.tls !== "none";
  return traits.proof !== "none";
}

function rank(traits: SecurityTraits, hasUsername: boolean): number {
  const tls = { certificate: 20, anonymous: 10, none: 0 }[traits.tls];
  const proof = hasUsername ? { plain: 3, vnc: 2, none: 1 } : { vnc: 3, plain: 2, none: 1 };
  return tls + proof[traits.proof];
}

/** The best of the offered types; null when none is known, "too-weak" when all known ones are under the minimum. */
export function chooseSecurity(offered: readonly number[], rules: SecurityRules): number | "too-weak" | null {
  let best: number | null = null;
  let bestRank = -1;
  let hasWeak = false;
  for (const type of offered) {
    const traits = TRAITS[type];
    if (traits === undefined || (rules.only !== undefined && !rules.only.includes(type))) continue;
    if (!isStrongEnough(traits, rules.minimum)) {
      hasWeak = true;
      continue;
    }
    const here = rank(traits, rules.hasUsername);
    if (here > bestRank) [best, bestRank] = [type, here];
  }
  return best ?? (hasWeak ? "too-weak" : null);
}

/** Whether VeNCrypt could bring something acceptable; it is asked first then. */
export function mayTryVeNCrypt(offered: readonly number[], rules: SecurityRules): boolean {
  const isWanted = rules.only === undefined || rules.only.some((type) => type > SecurityType.plain);
  return isWanted && offered.includes(SecurityType.veNCrypt);
}

const VNC_KEY_BYTES = 8;

/**
 * RFC 6143 §7.2.2 VNC Authentication: the password's first eight bytes, each with its bits reversed, are the DES key
 * under which the 16-byte challenge is encrypted. `encryptDes` is DES-ECB without padding, brought by the host.
 */
export function answerVncChallenge(
  password: Uint8Array,
  challenge: Uint8Array,
  encryptDes: (key: Uint8Array, blocks: Uint8Array) => Uint8Array,
): Uint8Array {
  const key = new Uint8Array(VNC_KEY_BYTES);
  for (let index = 0; index < VNC_KEY_BYTES; index++) key[index] = reverseBits(password[index] ?? 0);
  const answer = encryptDes(key, challenge);
  key.fill(0);
  return answer;
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) reversed |= 128 >> bit;
  return reversed;
}
