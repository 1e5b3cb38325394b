import type { Logger } from "pino";
import { createAccess } from "./access/access-service.ts";
import { expireCheckOuts } from "./access/check-out-changes.ts";
import { makeCheckOutQuestion } from "./access/check-outs.ts";
import { FactsCache } from "./access/facts-cache.ts";
import { OpenableCache } from "./access/openable-cache.ts";
import { noteOpened } from "./access/person-targets.ts";
import { makeSourceCheck } from "./access/source-lists.ts";
import { type Folders, makeFolders, readNodeId, readVersion, storeOptions } from "./app-folders.ts";
import { createAuth } from "./auth/create-auth.ts";
import { makeBackup } from "./backup/make-backup.ts";
import { journalProofs } from "./backup/proof-notes.ts";
import type { Configuration } from "./config/load.ts";
import type { Environment } from "./environment.ts";
import { purgeDeleted } from "./fleet/purge.ts";
import { Metrics } from "./http/metrics.ts";
import { NodeJournal } from "./journal/node-journal.ts";
import { startSyslog } from "./journal/syslog/start-syslog.ts";
import { KeeperProcess } from "./keeper/keeper-process.ts";
import { makeKerberos } from "./kerberos/kdc-settings.ts";
import { Outbox } from "./mail/outbox.ts";
import { Post } from "./mail/post.ts";
import { announceEnds } from "./mail/request-notices.ts";
import { DiskStorage } from "./recording/disk-storage.ts";
import { makeRecordings } from "./recording/recordings.ts";
import { expireRequests } from "./requests/expire-requests.ts";
import { makeAddressGuard } from "./session/address-guard.ts";
import { SessionBroker } from "./session/broker.ts";
import { LicenceStore } from "./session/licence-store.ts";
import { removeKeptFolders, removeLeftFolders } from "./session/session-folders.ts";
import { SessionStore } from "./session/session-store.ts";
import { terminalFollowers } from "./session/terminal/followers.ts";
import { isStoreInUse, migrateStore, pendingMigrations } from "./store/migrate-store.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { closePasses } from "./vendors/close-passes.ts";
import { makeVendorGate } from "./vendors/vendor-gate.ts";

const SWEEP_INTERVAL_MS = 300_000;
/** How often it is looked whose turn it is to be looked up in a directory. */
const RECHECK_INTERVAL_MS = 30_000;

/** How often the outbox is looked at, and how soon after a letter was written (its transaction must have ended). */
const POST_INTERVAL_MS = 10_000;
const POST_DELAY_MS = 500;

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly isDemo: boolean;
  readonly environment: Environment;
  readonly logger: Logger;
  /** Base64 of the master key from the environment, null to use the key file. */
  readonly masterKeyValue: string | null;
}

/** What must be undone at the end, in reverse order. */
export type Stops = (() => Promise<void> | void)[];

/** The nouns, put together once per process. */
export type Services = Awaited<ReturnType<typeof makeServices>>;

/** Puts the nouns together: keeper, store, journal, recordings, access, sessions, people. */
export async function makeServices(options: GatewayOptions, publicUrl: URL, stops: Stops) {
  const { configuration, environment, logger } = options;
  const { settings } = configuration;
  const folders = makeFolders(settings);
  const nodeId = readNodeId(folders.data);
  const version = readVersion();
  const keeper = await KeeperProcess.start({
    keeper: {
      keysDirectory: folders.keys,
      journalDirectory: folders.journal,
      node: nodeId,
      retentionMonths: settings.journal.retentionMonths,
      socketPath: settings.keeper.socket === "" ? null : settings.keeper.socket,
    },
    masterKeyValue: options.masterKeyValue,
    warn: (text) => logger.warn(text),
  });
  stops.push(() => keeper.close());
  const store = openStore(storeOptions(settings, folders.data));
  stops.push(() => store.close());
  await upgradeStore(store, { folders, nodeId, version, environment, logger });
  const journal = new NodeJournal({
    keeper,
    store,
    environment,
    nodeId,
    onTrouble: (error) =>
      error === null
        ? logger.info("The journal's searchable copy follows again")
        : logger.warn({ error }, "The journal's searchable copy cannot follow"),
  });
  stops.push(() => journal.close());
  const syslog = await startSyslog({
    ...settings.syslog,
    spoolDirectory: folders.syslogSpool,
    nodeId,
    keeper,
    journal,
    onTrouble: (error) =>
      error === null
        ? logger.info("The syslog collector takes entries again")
        : logger.warn({ error }, "The syslog collector does not take entries: they wait in the spool"),
  });
  if (syslog !== null) stops.push(() => syslog.close());
  const facts = new FactsCache(store);
  const openable = new OpenableCache();
  const sessionStore = new SessionStore(store);
  const recordings = makeRecordings({
    nodeId,
    storage: new DiskStorage(folders.recordings),
    keeper,
    journal,
    environment,
    log: logger,
    store,
    disk: {
      lowFreeBytes: settings.recording.freeSpaceAlarmBytes,
      minimumFreeBytes: Math.floor(settings.recording.freeSpaceAlarmBytes / 2),
    },
  });
  stops.push(() => recordings.stop());
  const access = createAccess({
    store,
    facts,
    environment,
    countSessions: (person, target) => broker.count(person, target),
  });
  const metrics = new Metrics({
    liveSessions: () => broker.live.length,
    viewers: () => broker.live.reduce((sum, hub) => sum + hub.outlet.viewers.size, 0),
  });
  await removeLeftFolders(folders.drives);
  const checkAddress = makeAddressGuard(settings.sessions.deniedAddresses);
  const kerberos = makeKerberos(settings, environment);
  const broker: SessionBroker = new SessionBroker({
    drives: folders.drives,
    access,
    askCheckOut: makeCheckOutQuestion(store),
    keeper,
    kerberos: kerberos.access,
    licences: new LicenceStore({ store, keeper, environment, nodeId, logger }),
    journal,
    recorders: recordings.factory,
    store: sessionStore,
    environment,
    logger,
    nodeId,
    limits: {
      maxPerNode: settings.sessions.maxPerNode,
      maxViewers: settings.sessions.maxViewers,
      guardianWaitMs: settings.sessions.guardianWaitMinutes * 60_000,
    },
    checkAddress,
    counters: {
      opened: (protocol) => metrics.sessionsOpened.inc({ protocol }),
      ended: (code) => metrics.sessionsEnded.inc({ code }),
    },
    noteOpened: (personId, targetId) => noteOpened(store, { personId, targetId, atMs: environment.now() }),
    watermark: ({ personName, sessionId }) => `${personName} · ${sessionId.slice(-12)}`,
  });
  stops.push(
    () => terminalFollowers.close(),
    () => broker.stop(),
  );
  const auth = createAuth({
    tickets: kerberos.acceptor,
    store,
    journal,
    keeper,
    environment,
    settings: () => ({
      publicUrl,
      organisation: settings.organisation,
      idleMs: settings.signIn.idleMinutes * 60_000,
      absoluteMs: settings.signIn.absoluteHours * 3_600_000,
      freshFactorMs: settings.signIn.freshFactorMinutes * 60_000,
      rememberedMs: settings.signIn.rememberedDeviceDays * 86_400_000,
      isFactorRequired: !options.isDemo,
      passwordMinLength: 12,
      passwordRememberedCount: 5,
    }),
    own: {
      isWanted: async () => (await facts.current()).hasOwnAccounts,
      tickets: kerberos.access,
      domain: kerberos.passwords,
    },
    domainNames: kerberos.domainNames,
    isSourceAdmitted: makeSourceCheck({ facts, store }),
    isPersonOpen: makeVendorGate(store, environment),
    sites: { underAny: async (siteIds) => (await facts.current()).tree.underAny(siteIds) },
    onPersonEnded: async (personId) => broker.endSessionsOf(personId),
    eraseRecordings: async (personId, deletion) => {
      await removeKeptFolders(folders.drives, personId);
      return recordings.retention.erasePerson(personId, deletion);
    },
  });
  const outbox = new Outbox(store, environment, {
    isOn: settings.mail.host !== "",
    publicUrl,
    organisation: settings.organisation,
  });
  const post = new Post({
    store,
    journal,
    environment,
    settings: settings.mail,
    onTrouble: (trouble) =>
      trouble === null
        ? logger.info("The mail server takes letters again")
        : logger.warn({ trouble }, "The mail server takes no letters: they wait in the outbox"),
  });
  const carryLetters = async () => {
    await announceEnds({ store, facts, outbox }, environment.now());
    await closePasses({
      store,
      facts,
      outbox,
      journal,
      environment,
      endPerson: async (personId) => {
        await auth.endSignIns(personId);
        await broker.endSessionsOf(personId);
      },
    });
    await post.round();
  };
  stops.push(
    repeat(POST_INTERVAL_MS, carryLetters, (error) => logger.warn({ error }, "Carrying letters failed")),
  );
  outbox.onWritten = () =>
    void setTimeout(() => void post.round().catch(() => undefined), POST_DELAY_MS).unref();
  const sweep = async () => {
    await auth.sweep();
    await expireCheckOuts({ store, journal, environment });
    await expireRequests({ store, journal, outbox, nowMs: environment.now() });
    await post.sweep();
    await journalProofs({ store, journal });
    await purgeDeleted({ store, journal, nowMs: environment.now() });
  };
  const sweeper = setInterval(
    () => void sweep().catch((error: unknown) => logger.warn({ error }, "Sweep failed")),
    SWEEP_INTERVAL_MS,
  );
  stops.push(() => clearInterval(sweeper));
  const recheck = setInterval(
    () => void auth.recheck().catch((error: unknown) => logger.warn({ error }, "Looking people up failed")),
    RECHECK_INTERVAL_MS,
  );
  stops.push(() => clearInterval(recheck));
  const isHealthy = async () => {
    if (!keeper.isAvailable) return false;
    return store.db
      .selectFrom("store_revision")
      .select("revision")
      .executeTakeFirst()
      .then(
        () => true,
        () => false,
      );
  };
  return {
    configuration,
    settings,
    environment,
    logger,
    folders,
    nodeId,
    version,
    publicUrl,
    keeper,
    store,
    journal,
    syslog,
    facts,
    openable,
    sessionStore,
    recordings,
    access,
    checkAddress,
    broker,
    auth,
    metrics,
    outbox,
    post,
    isHealthy,
    isDemo: options.isDemo,
    startedAtMs: environment.now(),
  };
}

/** Does something again and again until it is stopped. */
function repeat(
  intervalMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => void work().catch(onError), intervalMs);
  return () => clearInterval(timer);
}

/** New migrations run after an automatic backup of the store as it was. */
async function upgradeStore(
  store: Store,
  {
    folders,
    nodeId,
    version,
    environment,
    logger,
  }: { folders: Folders; nodeId: string; version: string; environment: Environment; logger: Logger },
): Promise<void> {
  const pending = await pendingMigrations(store);
  if (pending.length > 0 && (await isStoreInUse(store))) {
    const file = `${folders.data}/before-${pending.at(-1) ?? version}.backup`;
    logger.warn(
      { file },
      "The store's schema is older than this version: a backup is made first, which can take minutes",
    );
    await makeBackup({
      store,
      dataDir: folders.data,
      // A keeper service's folder is closed to the gateway, and a change of the schema does not touch it.
      keeperDir: folders.keeper === folders.data ? folders.data : null,
      file,
      version,
      nodeId,
      withRecordings: false,
      nowMs: environment.now(),
    });
    logger.warn({ file, pending }, "The backup is made; the store's schema is brought up to date");
  }
  await migrateStore(store);
}
