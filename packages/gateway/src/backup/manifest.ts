import { z } from "zod";

/** Version of the backup's format; another one is refused. */
export const BACKUP_FORMAT = 1;

/** First entry of a backup: what it holds. */
export const backupManifest = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  version: z.string(),
  createdAtMs: z.number(),
  nodeId: z.string(),
  /** Newest migration applied; a restore brings the store to it or further. */
  migration: z.string(),
  recordings: z.enum(["included", "referenced"]),
  /** Whether the drives that policies keep are in it; they go with the recordings. */
  drives: z.enum(["included", "apart"]).default("apart"),
  /** Whether keys and journal are in it; `apart` when they are a keeper service's and were not readable. */
  keys: z.enum(["included", "apart"]).default("included"),
  tables: z.record(z.string(), z.number()),
});

/** What a backup holds. */
export type BackupManifest = z.infer<typeof backupManifest>;

/** Folders of the keeper: in the data directory, or in the folder of a keeper service. */
export const KEEPER_FOLDERS = ["keys", "journal"] as const;
/** Folders of the data directory that a backup copies; `recordings` only if asked. */
export const DATA_FOLDERS = ["tls", "node"] as const;
export const RECORDINGS_FOLDER = "recordings";
/** Folder of the drives of RDP sessions. */
export const DRIVES_FOLDER = "drives";
