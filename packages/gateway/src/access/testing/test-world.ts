import { createHash, randomBytes } from "node:crypto";
import { makeUuidV7 } from "@poterne/bytes";
import { Failure, RIGHTS_OF_ROLE, type Right, type Role, type Route } from "@poterne/contract";
import type { z } from "zod";
import { fleetHandlers } from "../../fleet/fleet-handlers.ts";
import type { RequestContext } from "../../http/context.ts";
import type { Handler } from "../../http/handlers.ts";
import type { JournalEntry } from "../../journal/journal.ts";
import { Outbox } from "../../mail/outbox.ts";
import { PeopleStore } from "../../people/people-store.ts";
import { requestHandlers } from "../../requests/request-handlers.ts";
import type { StoreEngine } from "../../store/store.ts";
import { type TestStore, testStore } from "../../store/testing/test-stores.ts";
import { vendorHandlers } from "../../vendors/vendor-handlers.ts";
import { accessHandlers } from "../access-handlers.ts";
import { checkOutHandlers } from "../check-out-handlers.ts";
import type { AccessNounDependencies } from "../dependencies.ts";
import { FactsCache } from "../facts-cache.ts";
import { OpenableCache } from "../openable-cache.ts";

/** Who calls in a test: a role, and for delegated administration the roots of its subtrees. */
export interface TestCaller {
  readonly personId: string;
  readonly roles: readonly Role[];
  readonly siteIds: readonly string[] | null;
}

/** Parts of a call. */
export interface CallParts<R extends Route> {
  readonly params?: z.input<R["params"]>;
  readonly query?: z.input<R["query"]>;
  readonly body?: z.input<R["body"]>;
  readonly rawBody?: Uint8Array;
}

/** The nouns of the inventory and of access over a real store, called as the HTTP layer would. */
export class TestWorld {
  readonly journal: JournalEntry[] = [];
  readonly dependencies: AccessNounDependencies;
  readonly outbox: Outbox;
  readonly #testStore: TestStore;
  readonly #handlers: ReadonlyMap<Route, Handler>;
  /** The clock's reading; tests move it. */
  nowMs = Date.UTC(2026, 10, 21, 12);
  sourceAddress = "192.0.2.7";
  sessionCounts = { ofPerson: 0, onTarget: 0 };
  isJournalWritable = true;
  /** How often live sessions were to be decided again at once. */
  accessChanges = 0;

  constructor(store: TestStore, keeper: AccessNounDependencies["keeper"] = hashingKeeper) {
    this.#testStore = store;
    this.dependencies = {
      store: store.store,
      facts: new FactsCache(store.store),
      openable: new OpenableCache(),
      portal: { networks: ["192.0.2.0/24"], guardianWaitMinutes: 5 },
      environment: {
        now: () => this.nowMs,
        monotonicMs: () => performance.now(),
        randomBytes: (count) => randomBytes(count),
      },
      journal: {
        append: async (entry) => {
          if (!this.isJournalWritable) throw new Failure("journal-unavailable");
          this.journal.push(entry);
          return this.id();
        },
      },
      keeper,
      countSessions: () => this.sessionCounts,
    };
    this.outbox = new Outbox(store.store, this.dependencies.environment, {
      isOn: true,
      publicUrl: new URL("https://poterne.example"),
      organisation: "Essais",
    });
    const handlers = [
      ...fleetHandlers(this.dependencies),
      ...accessHandlers(this.dependencies),
      ...requestHandlers({
        ...this.dependencies,
        outbox: this.outbox,
        onAccessChanged: async () => void this.accessChanges++,
      }),
      ...checkOutHandlers({
        ...this.dependencies,
        onAccessChanged: async () => void this.accessChanges++,
      }),
    ];
    handlers.push(
      ...vendorHandlers({
        ...this.dependencies,
        outbox: this.outbox,
        people: new PeopleStore(store.store, this.dependencies.environment),
        makeFirstLink: async (personId) => ({ url: `https://poterne.example/#${personId}`, expiresAtMs: 0 }),
        onAccessChanged: async () => void this.accessChanges++,
        organisation: "Essais",
      }),
    );
    this.#handlers = new Map(handlers.map((handler) => [handler.route, handler]));
  }

  static async open(
    engine: StoreEngine = "sqlite",
    keeper?: AccessNounDependencies["keeper"],
  ): Promise<TestWorld> {
    return new TestWorld(await testStore(engine), keeper);
  }

  get engine(): StoreEngine {
    return this.#testStore.engine;
  }

  async close(): Promise<void> {
    await this.#testStore.dispose();
  }

  id(): string {
    return makeUuidV7(this.nowMs, randomBytes(10));
  }

  /** An administrator of everything. */
  readonly admin: TestCaller = {
    personId: "00000000-0000-7000-8000-00000000aaaa",
    roles: ["administrator"],
    siteIds: null,
  };

  /** An administrator of some subtrees. */
  delegate(...siteIds: string[]): TestCaller {
    return { personId: this.id(), roles: ["administrator"], siteIds };
  }

  /** A person in the store, and as a caller with the role *user*. */
  async addPerson(name: string): Promise<TestCaller> {
    const personId = this.id();
    await this.dependencies.store.db
      .insertInto("person")
      .values({
        id: personId,
        login: personId,
        login_key: personId,
        name,
        name_key: name.toLowerCase(),
        search_text: name.toLowerCase(),
        email: "",
        language: "fr",
        theme: "auto",
        keyboard_mode: "positions",
        site_id: null,
        is_disabled: 0,
        needs_link: 0,
        password_hash: null,
        password_at_ms: null,
        charter_version: null,
        created_at_ms: this.nowMs,
        last_sign_in_at_ms: null,
        erased_at_ms: null,
      })
      .execute();
    return { personId, roles: ["user"], siteIds: null };
  }

  /** A group of people and groups. */
  async addGroup(name: string, members: { personIds?: string[]; groupIds?: string[] } = {}): Promise<string> {
    const { db } = this.dependencies.store;
    const id = this.id();
    const values = { id, name, name_key: name.toLowerCase(), description: "", site_id: null };
    await db
      .insertInto("person_group")
      .values({ ...values, created_at_ms: this.nowMs })
      .execute();
    const rows = [
      ...(members.personIds ?? []).map((member) => ({ member_kind: "person" as const, member_id: member })),
      ...(members.groupIds ?? []).map((member) => ({ member_kind: "group" as const, member_id: member })),
    ];
    for (const row of rows)
      await db
        .insertInto("group_member")
        .values({ group_id: id, ...row })
        .execute();
    return id;
  }

  /** Calls a route as somebody: input and reply go through the contract's schemas. */
  async call<R extends Route>(
    caller: TestCaller,
    route: R,
    parts: CallParts<R> = {},
  ): Promise<z.output<R["reply"]>> {
    const handler = this.#handlers.get(route);
    if (handler === undefined) throw new Error(`no handler for ${route.method} ${route.path}`);
    const context = this.#context(caller, parts.rawBody ?? null);
    const sites = await context.sitesWith(route.right as Right);
    if (sites?.length === 0) throw new Failure("not-allowed");
    const input = {
      params: route.params.parse(parts.params ?? {}),
      query: route.query.parse(parts.query ?? {}),
      body: route.isRawBody === true ? {} : route.body.parse(parts.body ?? {}),
    };
    const reply = await handler.run(input, context);
    return (route.replyMediaType === undefined ? route.reply.parse(reply) : reply) as z.output<R["reply"]>;
  }

  #context(caller: TestCaller, rawBody: Uint8Array | null): RequestContext {
    const person = {
      personId: caller.personId,
      name: "Caller",
      roles: caller.roles,
      administeredSiteIds: caller.siteIds,
      by: { kind: "sign-in", signInId: "", factorAtMs: 0 },
      isPending: false,
    } as const;
    const sitesWith = async (right: Right): Promise<readonly string[] | null> => {
      if (!caller.roles.some((role) => RIGHTS_OF_ROLE[role].includes(right))) return [];
      if (caller.siteIds === null) return null;
      const { tree } = await this.dependencies.facts.current();
      return [...tree.underAny(caller.siteIds)];
    };
    return {
      caller: person,
      sourceAddress: this.sourceAddress,
      userAgent: "test",
      language: "fr",
      person: () => person,
      sitesWith,
      requireAt: async (right, siteId) => {
        const sites = await sitesWith(right);
        if (sites !== null && (siteId === null || !sites.includes(siteId))) throw new Failure("not-found");
      },
      setHeader: () => undefined,
      setStatus: () => undefined,
      range: null,
      rawBody: rawBody === null ? null : oneChunk(rawBody),
      signal: new AbortController().signal,
      setCookie: () => undefined,
      clearCookie: () => undefined,
      cookies: {},
    };
  }
}

/** An ssh-ed25519 public key blob that the test keeper gives for every key. */
const TEST_PUBLIC_KEY: Uint8Array = Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]);

const sealedKey = async (context: string) => ({
  envelope: Buffer.from(`${context}:key`),
  publicKey: TEST_PUBLIC_KEY,
  algorithm: "ssh-ed25519",
});

/** A keeper that keeps nothing, for tests about anything but secrets; those take the real one. */
const hashingKeeper: AccessNounDependencies["keeper"] = {
  sealSecret: async (context, secret) =>
    Buffer.concat([Buffer.from(`${context}:`), createHash("sha256").update(secret).digest()]),
  sealSshKey: sealedKey,
  generateSshKey: sealedKey,
};

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Whether an error is the failure with this code; for `assert.rejects`. */
export function isFailure(code: string): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof Failure && error.code === code) return true;
    throw error;
  };
}
