import { type RawBuilder, sql } from "kysely";
import type { StoreEngine } from "../store.ts";

/** Column types by meaning, one set per engine. Text compares byte by byte and case-sensitively on all of them. */
export interface ColumnTypes {
  /** A UUID, or another ASCII identifier of at most 36 characters. */
  readonly id: RawBuilder<unknown>;
  /** Text of at most `maxLength` characters; 190 at most where it is to be indexed with others. */
  text(maxLength: number): RawBuilder<unknown>;
  /** Text without a bound of its own, up to megabytes; also JSON. Cannot be indexed. */
  readonly longText: RawBuilder<unknown>;
  /** Bytes. */
  readonly blob: RawBuilder<unknown>;
  /** A 32-bit number. */
  readonly integer: RawBuilder<unknown>;
  /** A number up to 2^53: Unix milliseconds, sizes. */
  readonly bigint: RawBuilder<unknown>;
  /** 0 or 1. */
  readonly flag: RawBuilder<unknown>;
}

const sqliteTypes: ColumnTypes = {
  id: sql`text`,
  text: () => sql`text`,
  longText: sql`text`,
  blob: sql`blob`,
  integer: sql`integer`,
  bigint: sql`integer`,
  flag: sql`integer`,
};

const postgresqlTypes: ColumnTypes = {
  id: sql`varchar(36) collate "C"`,
  text: (maxLength) => sql`varchar(${sql.lit(maxLength)}) collate "C"`,
  longText: sql`text collate "C"`,
  blob: sql`bytea`,
  integer: sql`integer`,
  bigint: sql`bigint`,
  flag: sql`smallint`,
};

const mariadbTypes: ColumnTypes = {
  id: sql`varchar(36) character set ascii collate ascii_bin`,
  text: (maxLength) => sql`varchar(${sql.lit(maxLength)}) character set utf8mb4 collate utf8mb4_nopad_bin`,
  longText: sql`longtext character set utf8mb4 collate utf8mb4_nopad_bin`,
  blob: sql`longblob`,
  integer: sql`int`,
  bigint: sql`bigint`,
  flag: sql`smallint`,
};

const typesByEngine = { sqlite: sqliteTypes, postgresql: postgresqlTypes, mariadb: mariadbTypes } as const;

/** The column types of an engine. */
export function columnTypes(engine: StoreEngine): ColumnTypes {
  return typesByEngine[engine];
}
