import { z } from "zod";

/** How a keeper is started; crosses as one JSON argument, so nothing in it is secret. */
export const keeperOptions = z.strictObject({
  /** Folder of the key files. */
  keysDirectory: z.string().min(1),
  /** Folder of the journal. */
  journalDirectory: z.string().min(1),
  /** The node's id, in every segment. */
  node: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  retentionMonths: z.int().min(1).max(1200),
  /**
   * Null: the gateway is the parent and file descriptor 3 the channel; the keeper ends with it. A path: a Unix socket
   * to listen on, for a keeper with its own user under systemd; the folder's rights say who may connect.
   */
  socketPath: z.string().nullable(),
});

/** How a keeper is started. */
export type KeeperOptions = z.infer<typeof keeperOptions>;
