import { z } from "zod";

/** Protocols this version speaks. */
export const protocol = z.enum(["ssh", "telnet", "vnc"]);
export type Protocol = z.infer<typeof protocol>;

/** The port a protocol is expected on. */
export const DEFAULT_PORT: Readonly<Record<Protocol, number>> = { ssh: 22, telnet: 23, vnc: 5900 };

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

/** Options by protocol. */
export const targetOptions = { ssh: sshOptions, telnet: telnetOptions, vnc: vncOptions } as const;
export type SshOptions = z.infer<typeof sshOptions>;
export type TelnetOptions = z.infer<typeof telnetOptions>;
export type VncOptions = z.infer<typeof vncOptions>;
