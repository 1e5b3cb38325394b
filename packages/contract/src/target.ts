import { z } from "zod";

/** Protocols this version speaks. */
export const protocol = z.enum(["ssh", "telnet", "vnc", "rdp"]);
export type Protocol = z.infer<typeof protocol>;

/** The port a protocol is expected on. */
export const DEFAULT_PORT: Readonly<Record<Protocol, number>> = {
  ssh: 22,
  telnet: 23,
  vnc: 5900,
  rdp: 3389,
};

/** What a session over a protocol shows. */
export const SESSION_KIND = {
  ssh: "terminal",
  telnet: "terminal",
  vnc: "desktop",
  rdp: "desktop",
} as const satisfies Readonly<Record<Protocol, "desktop" | "terminal">>;

/** Options of an SSH target. */
export const sshOptions = z.strictObject({
  /** Allow algorithms no longer considered safe (ssh-rsa, group14-sha1, CBC, HMAC-SHA1); the person is warned. */
  legacyAlgorithms: z.boolean().default(false),
  /** Targets to pass through, in order, each an SSH target's id. */
  jumpTargetIds: z.array(z.uuid()).max(5).default([]),
  terminalType: z
    .string()
    .regex(/^[a-z0-9+._-]{1,32}$/i)
    .default("xterm-256color"),
  keepaliveSeconds: z.int().min(0).max(600).default(30),
  /** Log in by a Kerberos ticket of the account: `first` where that can be had, `only` or not at all. */
  kerberos: z.enum(["no", "first", "only"]).default("no"),
  /** LANG sent to the target, empty for none. */
  locale: z
    .string()
    .regex(/^[A-Za-z0-9_.@-]{0,32}$/)
    .default("C.UTF-8"),
});

/** Options of a Telnet target; prompts are regular expressions matched against the end of what was shown. */
export const telnetOptions = z.strictObject({
  loginPrompt: z.string().max(200).default("(?:[Ll]ogin|[Uu]ser ?name) ?: ?$"),
  passwordPrompt: z.string().max(200).default("[Pp]assword ?: ?$"),
  failurePrompt: z.string().max(200).default("(?:incorrect|denied|failed|invalid)"),
  terminalType: z
    .string()
    .regex(/^[A-Za-z0-9+._-]{1,32}$/)
    .default("xterm-256color"),
  encoding: z.enum(["utf-8", "latin1"]).default("utf-8"),
});

/** Options of a VNC target. */
export const vncOptions = z.strictObject({
  /** Weakest security accepted: `none` lets a server without password in, `vncauth` DES challenge, `tls` demands VeNCrypt. */
  minimumSecurity: z.enum(["none", "vncauth", "tls"]).default("vncauth"),
  /** JPEG quality 0 (worst) to 9, null lossless. */
  quality: z.int().min(0).max(9).nullable().default(8),
  /** Let other VNC clients of the same desktop stay. */
  isShared: z.boolean().default(true),
});

/** Keyboard layouts an RDP target can be told of, with Windows' number of each. */
export const RDP_LAYOUTS = {
  fr: 0x040c,
  be: 0x080c,
  "ch-fr": 0x100c,
  "ca-fr": 0x0c0c,
  us: 0x0409,
  gb: 0x0809,
  de: 0x0407,
  es: 0x040a,
  it: 0x0410,
  pt: 0x0816,
} as const;
export type RdpLayout = keyof typeof RDP_LAYOUTS;

/** Options of an RDP target. */
export const rdpOptions = z.strictObject({
  /** `automatic` takes NLA where the server does it and TLS where not; `nla` refuses servers without; `tls` offers no NLA. */
  security: z.enum(["automatic", "nla", "tls"]).default("automatic"),
  /** Take CredSSP older than version 5, which a stranger between can relay (CVE-2018-0886). */
  allowsOldNla: z.boolean().default(false),
  /**
   * NLA by a Kerberos ticket of the account: `first` where that can be had, `only`, or NTLM (`no`). `only` demands NLA,
   * whatever `security` says; `no` still refuses a member of Protected Users whom a KDC names as one.
   */
  kerberos: z.enum(["no", "first", "only"]).default("first"),
  /** The Windows domain of account names without one; empty for the machine's own accounts. */
  domain: z
    .string()
    .max(255)
    .regex(/^[^\\/@\s]*$/)
    .default(""),
  keyboardLayout: z.enum(Object.keys(RDP_LAYOUTS) as [RdpLayout, ...RdpLayout[]]).default("fr"),
});

/** Options by protocol. */
export const targetOptions = {
  ssh: sshOptions,
  telnet: telnetOptions,
  vnc: vncOptions,
  rdp: rdpOptions,
} as const;
export type SshOptions = z.infer<typeof sshOptions>;
export type TelnetOptions = z.infer<typeof telnetOptions>;
export type VncOptions = z.infer<typeof vncOptions>;
export type RdpOptions = z.infer<typeof rdpOptions>;
