import { z } from "zod";

const cidr = z.string().regex(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, "an address or address/prefix");

const mailSettings = z
  .strictObject({
    /** The organisation's mail server; empty: no letters are written. */
    host: z
      .string()
      .max(255)
      .regex(/^[^\s/@]*$/, "a host name or address")
      .default(""),
    port: z.coerce.number().int().min(1).max(65535).default(587),
    /** `starttls`: encryption is demanded before anything else; `tls`: from the first byte; `off`: in clear, without log-in. */
    security: z.enum(["starttls", "tls", "off"]).default("starttls"),
    /** PEM of the authority that signed the server's certificate; empty: the system's. */
    caFile: z.string().max(1000).default(""),
    /** The letters' sender. */
    sender: z.union([z.literal(""), z.email()]).default(""),
    /** Account at the server; empty: no log-in. */
    user: z.string().max(255).default(""),
    /** File whose first line is the account's password; read before each connection, never shown. */
    passwordFile: z.string().max(1000).default(""),
  })
  .refine((mail) => mail.host === "" || mail.sender !== "", { message: "give the sender", path: ["sender"] })
  .refine((mail) => mail.user === "" || mail.security !== "off", {
    message: "a password is never sent in clear: choose starttls or tls",
    path: ["security"],
  })
  .refine((mail) => mail.user === "" || mail.passwordFile !== "", {
    message: "give the file with the account's password",
    path: ["passwordFile"],
  });

/** Every setting of the gateway, with its default. Names are the TOML's `section.name` and POTERNE_SECTION_NAME. */
export const settingsSchema = z.strictObject({
  host: z.string().min(1).max(255).default("localhost"),
  port: z.coerce.number().int().min(0).max(65535).default(8443),
  /** What people type in the browser; gives the origin check and the passkeys' RP ID. Empty: https://HOST:PORT. */
  publicUrl: z.union([z.literal(""), z.url({ protocol: /^https$/ })]).default(""),
  data: z.string().min(1).default("./data"),
  /** The organisation's name, for the sign-in page and authenticator applications. */
  organisation: z.string().max(100).default(""),
  keeper: z
    .strictObject({
      /** Unix socket of a keeper that runs as its own service; empty: the gateway starts one. */
      socket: z.string().max(100).default(""),
      /** Folder of that service, with its keys and journal: for `poterne backup`, `restore` and `verify-journal` as root. */
      folder: z.string().max(1000).default(""),
    })
    .prefault({}),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
  store: z
    .strictObject({
      engine: z.enum(["sqlite", "postgresql", "mariadb"]).default("sqlite"),
      /** Connection URL of PostgreSQL or MariaDB; empty for SQLite in the data folder. */
      url: z.string().max(2000).default(""),
      /** TLS to PostgreSQL or MariaDB: `verify` checks the server's certificate. */
      tls: z.enum(["off", "verify"]).default("off"),
      /** PEM file of the authority that signed the server's certificate; empty: the system's. */
      caFile: z.string().max(1000).default(""),
    })
    .prefault({}),
  tls: z
    .strictObject({
      /** `own`: HTTPS with the files below or a generated CA. `proxy`: plain HTTP for a reverse proxy on this machine. */
      mode: z.enum(["own", "proxy"]).default("own"),
      certificate: z.string().max(1000).default(""),
      key: z.string().max(1000).default(""),
    })
    .prefault({}),
  /** Proxies whose X-Forwarded-For is believed. */
  trustedProxies: z.array(cidr).max(50).default([]),
  /** Who may read /metrics. */
  metricsFrom: z.array(cidr).max(50).default(["127.0.0.0/8", "::1"]),
  signIn: z
    .strictObject({
      idleMinutes: z.coerce.number().int().min(1).max(1440).default(30),
      absoluteHours: z.coerce.number().int().min(1).max(168).default(12),
      /** From where the gateway may be used at all; empty: anywhere. */
      allowedSources: z.array(cidr).max(200).default([]),
      freshFactorMinutes: z.coerce.number().int().min(1).max(120).default(10),
      /** How long a browser may be remembered where a rule of the second factor allows it; 0: none is. */
      rememberedDeviceDays: z.coerce.number().int().min(0).max(90).default(0),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      maxPerNode: z.coerce.number().int().min(1).max(5000).default(500),
      /** How long a four-eyes session waits for its guardian. */
      guardianWaitMinutes: z.coerce.number().int().min(1).max(120).default(10),
      maxViewers: z.coerce.number().int().min(1).max(100).default(20),
      /** Outward connections are refused to these addresses (SSRF guard). */
      deniedAddresses: z.array(cidr).max(200).default(["169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "::"]),
    })
    .prefault({}),
  recording: z
    .strictObject({
      /** Below so much free space an alarm is raised, and `must record` sessions are refused below half of it. */
      freeSpaceAlarmBytes: z.coerce.number().int().min(0).default(2_000_000_000),
    })
    .prefault({}),
  journal: z
    .strictObject({ retentionMonths: z.coerce.number().int().min(6).max(120).default(12) })
    .prefault({}),
  kerberos: z
    .strictObject({
      /** The realm of accounts that are written without one, in capitals; empty for none. */
      realm: z
        .string()
        .regex(/^[^\s@\\/]{0,255}$/, "a realm")
        .default(""),
      /** `NAME REALM`: other names of a realm, its short name (`NAME\person`) or the end of log-in names (`person@NAME`). */
      domains: z
        .array(z.string().regex(/^\s*[^\s@\\/]{1,255}\s+[^\s@\\/]{1,255}\s*$/, "NAME REALM"))
        .max(100)
        .default([]),
      /** `REALM ADDRESS…`: a realm's KDCs, asked in this order instead of those in the DNS. */
      kdcs: z.array(z.string().min(3).max(2000)).max(50).default([]),
      /** `ADDRESS` or `ADDRESS:PORT` of the DNS servers that know the realms; empty: the system's. */
      dnsServers: z.array(z.string().min(2).max(100)).max(8).default([]),
      /** Keytab with the keys of HTTP/NAME for sign-in by ticket, NAME being that of `publicUrl`; empty for none. */
      keytab: z.string().max(1000).default(""),
      /** PEM of the authority that signed KDC proxies' certificates; empty: the system's. */
      caFile: z.string().max(1000).default(""),
    })
    .prefault({}),
  mail: mailSettings.prefault({}),
  syslog: z
    .strictObject({
      /** `host:port` of an RFC 5425 collector (TLS); empty for none. */
      address: z.string().max(300).default(""),
      caFile: z.string().max(1000).default(""),
    })
    .prefault({}),
});

/** The gateway's settings, complete and frozen. */
export type Settings = z.infer<typeof settingsSchema>;
