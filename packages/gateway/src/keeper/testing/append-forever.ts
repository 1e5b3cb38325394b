/**
 * A gateway as the kill test needs it: starts a keeper on the folder given and appends entries until it is killed,
 * telling every acknowledged entry's id on its output.
 */
import { join } from "node:path";
import { EntryIds } from "../../journal/entry-id.ts";
import { KeeperProcess } from "../keeper-process.ts";

const folder = process.argv[2] ?? "";
const ids = new EntryIds();
const keeper = await KeeperProcess.start({
  keeper: {
    keysDirectory: join(folder, "keys"),
    journalDirectory: join(folder, "journal"),
    node: "node-1",
    retentionMonths: 12,
    socketPath: null,
  },
  masterKeyValue: null,
  warn: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`keeper ${keeper.pid}\n`);

async function appendForever(): Promise<void> {
  for (;;) {
    const entryId = ids.next(Date.now());
    const line = {
      entryId,
      kind: "session.opened",
      level: "info",
      actor: { personId: null, name: "Test" },
      sourceAddress: "",
      subject: {},
      details: { text: "x".repeat(200) },
    };
    await keeper.appendJournal(JSON.stringify(line));
    process.stdout.write(`${entryId}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, appendForever));
