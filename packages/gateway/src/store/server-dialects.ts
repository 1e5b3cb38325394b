import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { type Dialect, MysqlDialect, PostgresDialect } from "kysely";
import { createPool } from "mysql2";
import pg from "pg";

/** How the gateway reaches a PostgreSQL or MariaDB server. */
export interface ServerStoreOptions {
  /** `postgresql://user:password@host:port/database`, `mariadb://…`; the password is percent-encoded. */
  readonly url: string;
  /** `off`, or TLS with a checked certificate. */
  readonly tls?: "off" | "verify";
  /** PEM file of the authority that signed the server's certificate; the system's ones without. */
  readonly caFile?: string;
  readonly maxConnections?: number;
}

/** Connections to the database server per gateway. */
const DEFAULT_MAX_CONNECTIONS = 10;

/** How long a new connection may take. */
const CONNECT_TIMEOUT_MS = 5_000;

/** PostgreSQL's type numbers of bigint and numeric, which the driver would give as text. */
const PG_INT8 = 20;
const PG_NUMERIC = 1700;

/** Kysely's dialect for PostgreSQL; bigint and numeric read as numbers. */
export function postgresqlDialect(options: ServerStoreOptions): Dialect {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "poterne",
    ssl: tlsOptions(options) ?? false,
    types: { getTypeParser: numbersAsNumbers as typeof pg.types.getTypeParser },
  });
  // Without listeners a server that restarts would end the process; the next query finds out.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}

/** Kysely's dialect for MariaDB; bigint and decimal read as numbers, times are never converted. */
export function mariadbDialect(options: ServerStoreOptions): Dialect {
  const url = new URL(options.url);
  const ssl = tlsOptions(options);
  const pool = createPool({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    connectionLimit: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: "UTF8MB4_BIN",
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: true,
    // Matched rows, as the other engines count them, not only those whose values changed.
    flags: ["+FOUND_ROWS"],
    enableKeepAlive: true,
    ...(ssl === null ? {} : { ssl: { ...ssl, rejectUnauthorized: true } as { rejectUnauthorized: boolean } }),
  });
  return new MysqlDialect({ pool });
}

function tlsOptions(options: ServerStoreOptions): ConnectionOptions | null {
  if (options.tls !== "verify") return null;
  const ca = options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, "utf8") };
  return { rejectUnauthorized: true, ...ca };
}

function numbersAsNumbers(typeId: number, format: "text" | "binary"): (value: string) => unknown {
  if (format === "text" && (typeId === PG_INT8 || typeId === PG_NUMERIC)) return Number;
  return pg.types.getTypeParser(typeId, format as "text");
}
