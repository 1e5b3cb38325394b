import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  addTargetIdentity,
  bulkMachines,
  confirmTargetIdentity,
  createMachine,
  createSite,
  createTarget,
  deleteMachine,
  deleteSite,
  deleteTarget,
  getMachine,
  getSite,
  getTarget,
  listMachines,
  listSites,
  listTargets,
  removeTargetIdentity,
  restoreMachine,
  restoreSite,
  restoreTarget,
  updateMachine,
  updateSite,
  updateTarget,
} from "@poterne/contract";
import { isFailure, type TestCaller, TestWorld } from "../access/testing/test-world.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH root@here";

describe("the inventory", () => {
  let world: TestWorld;
  let admin: TestCaller;
  let north: string;
  let south: string;
  before(async () => {
    world = await TestWorld.open();
    admin = world.admin;
    north = await addSite("Nord", null);
    south = await addSite("Sud", null);
  });
  after(() => world.close());

  async function addSite(name: string, parentId: string | null): Promise<string> {
    return (await world.call(admin, createSite, { body: { name, parentId } })).siteId;
  }

  async function addMachine(name: string, siteId: string) {
    return world.call(admin, createMachine, {
      body: { name, siteId, addresses: ["192.0.2.1"], targets: [{ protocol: "ssh" }] },
    });
  }

  test("a site has a path, a version and a journal entry with what it is", async () => {
    const child = await world.call(admin, createSite, {
      body: { name: "Évreux", parentId: north, code: "CIS-1" },
    });
    assert.deepEqual(child.path, ["Nord", "Évreux"]);
    assert.equal(child.version, 1);
    const entry = world.journal.at(-1);
    assert.equal(entry?.kind, "site.created");
    assert.equal(entry?.details["after.code"], "CIS-1");
  });

  test("siblings of one name are refused, whatever case and accents", async () => {
    await assert.rejects(addSite("EVREUX", north), isFailure("name-taken"));
    assert.ok(await addSite("Evreux", south));
  });

  test("a site cannot be moved under itself, nor deeper than the limit", async () => {
    const top = await world.call(admin, createSite, { body: { name: "Cycle", parentId: null } });
    const below = await addSite("Below", top.siteId);
    await assert.rejects(
      world.call(admin, updateSite, {
        params: { siteId: top.siteId },
        body: { version: 1, parentId: below },
      }),
      isFailure("site-cycle"),
    );
    let parentId = below;
    await assert.rejects(async () => {
      for (let level = 0; level < 20; level++) parentId = await addSite(`L${level}`, parentId);
    }, isFailure("site-too-deep"));
  });

  test("a site with something in it is not deleted; an empty one is, and comes back", async () => {
    const siteId = await addSite("Short", null);
    const machine = await addMachine("m", siteId);
    await assert.rejects(world.call(admin, deleteSite, { params: { siteId } }), isFailure("site-not-empty"));
    await world.call(admin, deleteMachine, { params: { machineId: machine.machineId } });
    const gone = await world.call(admin, deleteSite, { params: { siteId } });
    assert.notEqual(gone.deletedAtMs, null);
    assert.equal((await world.call(admin, listSites, { query: { deleted: "true" } })).total, 1);
    assert.equal((await world.call(admin, restoreSite, { params: { siteId } })).deletedAtMs, null);
  });

  test("after 30 days nothing is restored", async () => {
    const siteId = await addSite("Old", null);
    await world.call(admin, deleteSite, { params: { siteId } });
    world.nowMs += 31 * 86_400_000;
    await assert.rejects(world.call(admin, restoreSite, { params: { siteId } }), isFailure("not-restorable"));
  });

  test("a change with an old version answers conflict and changes nothing", async () => {
    const machine = await addMachine("srv-1", north);
    const params = { machineId: machine.machineId };
    const changed = await world.call(admin, updateMachine, { params, body: { version: 1, notes: "new" } });
    assert.equal(changed.version, 2);
    assert.equal(world.journal.at(-1)?.details["before.notes"], "");
    assert.equal(world.journal.at(-1)?.details["after.notes"], "new");
    await assert.rejects(
      world.call(admin, updateMachine, { params, body: { version: 1, notes: "other" } }),
      isFailure("conflict"),
    );
    assert.equal((await world.call(admin, getMachine, { params })).notes, "new");
  });

  test("of two changes at once one wins, the other is journaled as not done", async () => {
    const machine = await addMachine("race", north);
    const params = { machineId: machine.machineId };
    const results = await Promise.allSettled(
      ["a", "b"].map((notes) => world.call(admin, updateMachine, { params, body: { version: 1, notes } })),
    );
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
    assert.ok(
      world.journal.some((entry) => entry.kind === "change.not-done" && entry.details.code === "conflict"),
    );
  });

  test("what cannot be journaled is not done", async () => {
    world.isJournalWritable = false;
    await assert.rejects(addSite("Unwritten", null), isFailure("journal-unavailable"));
    world.isJournalWritable = true;
    assert.equal((await world.call(admin, listSites, { query: { search: "Unwritten" } })).total, 0);
  });

  test("machines are searched without case and accents, filtered by subtree and protocol, and paged", async () => {
    const site = await addSite("Pages", south);
    for (const name of ["Écran-1", "écran-2", "Ecran-3", "routeur"]) await addMachine(name, site);
    const found = await world.call(admin, listMachines, {
      query: { search: "ECRÀN", siteId: south, limit: 2 },
    });
    assert.equal(found.total, 3);
    assert.deepEqual(
      found.items.map((machine) => machine.name),
      ["Écran-1", "écran-2"],
    );
    const query = { search: "ecran", siteId: south, limit: 2, cursor: found.nextCursor ?? "" };
    const rest = await world.call(admin, listMachines, { query });
    assert.deepEqual(
      rest.items.map((machine) => machine.name),
      ["Ecran-3"],
    );
    assert.equal(rest.nextCursor, null);
    assert.equal((await world.call(admin, listMachines, { query: { protocol: "vnc" } })).total, 0);
    await assert.rejects(
      world.call(admin, listMachines, { query: { cursor: "zzz" } }),
      isFailure("bad-request"),
    );
  });

  test("search takes quotes, percent signs and asterisks as they are", async () => {
    for (const search of ['"', "%", "100%_x", "a* OR b", "'; drop table machine", "ab", "\\"]) {
      assert.equal((await world.call(admin, listMachines, { query: { search } })).total, 0, search);
    }
  });

  test("a deleted machine takes its targets along and brings them back", async () => {
    const machine = await addMachine("back", north);
    const params = { machineId: machine.machineId };
    const vnc = await world.call(admin, createTarget, { params, body: { protocol: "vnc" } });
    await world.call(admin, deleteTarget, { params: { targetId: vnc.targetId } });
    world.nowMs += 1000;
    await world.call(admin, deleteMachine, { params });
    assert.equal(
      (await world.call(admin, listTargets, { query: { machineId: machine.machineId } })).total,
      0,
    );
    const restored = await world.call(admin, restoreMachine, { params });
    assert.deepEqual(
      restored.targets.map((target) => target.name),
      ["SSH"],
    );
    const again = await world.call(admin, restoreTarget, { params: { targetId: vnc.targetId } });
    assert.equal(again.name, "VNC");
  });

  test("target options are checked by protocol, prompts and jump hosts included", async () => {
    const machine = await addMachine("options", north);
    const params = { machineId: machine.machineId };
    const targetId = machine.targets[0]?.targetId ?? "";
    const change = (options: Record<string, unknown>) =>
      world.call(admin, updateTarget, { params: { targetId }, body: { version: 1, options } });
    await assert.rejects(change({ unknown: 1 }), isFailure("bad-request"));
    await assert.rejects(change({ jumpTargetIds: [targetId] }), isFailure("jump-target-invalid"));
    await assert.rejects(change({ jumpTargetIds: [world.id()] }), isFailure("jump-target-invalid"));
    const costly = { protocol: "telnet", options: { loginPrompt: "(a+)+$" } } as const;
    await assert.rejects(
      world.call(admin, createTarget, { params, body: costly }),
      isFailure("bad-prompt-pattern"),
    );
    const jump = await addMachine("jump", north);
    const jumpTargetIds = [jump.targets[0]?.targetId ?? ""];
    assert.deepEqual((await change({ jumpTargetIds })).options.jumpTargetIds, jumpTargetIds);
  });

  test("identities are pinned from an OpenSSH line, confirmed and removed", async () => {
    const machine = await addMachine("pinned", north);
    const params = { targetId: machine.targets[0]?.targetId ?? "" };
    await assert.rejects(
      world.call(admin, addTargetIdentity, { params, body: { text: "ssh-ed25519 AAAA" } }),
      isFailure("bad-identity"),
    );
    const pinned = await world.call(admin, addTargetIdentity, { params, body: { text: HOST_KEY } });
    const identity = pinned.identities[0];
    assert.match(identity?.fingerprint ?? "", /^SHA256:[A-Za-z0-9+/]{43}$/);
    assert.notEqual(identity?.confirmedAtMs, null);
    const both = { ...params, identityId: identity?.identityId ?? "" };
    await world.call(admin, confirmTargetIdentity, { params: both });
    const empty = await world.call(admin, removeTargetIdentity, { params: both });
    assert.deepEqual(empty.identities, []);
    // What ssh-keygen -l prints on the machine's own console, or what a refusal of ours showed.
    const digest = (identity?.fingerprint ?? "").slice("SHA256:".length);
    for (const [text, algorithm] of [
      [`256 SHA256:${digest} root@web1 (ED25519)`, "ssh-ed25519"],
      [`3072 SHA256:${digest} root@web1 (RSA)`, "ssh-rsa"],
      [`ecdsa-sha2-nistp256 SHA256:${digest}`, "ecdsa-sha2-nistp256"],
      [`SHA256:${digest}`, "unknown"],
    ] as const) {
      const { identities } = await world.call(world.admin, addTargetIdentity, { params, body: { text } });
      const [pinnedByPrint] = identities;
      assert.deepEqual([identities.length, pinnedByPrint?.fingerprint], [1, `SHA256:${digest}`]);
      assert.equal(pinnedByPrint?.algorithm, algorithm);
      const identityId = pinnedByPrint?.identityId ?? "";
      await world.call(world.admin, removeTargetIdentity, { params: { ...params, identityId } });
    }
    await assert.rejects(
      world.call(world.admin, addTargetIdentity, { params, body: { text: "SHA256:tooShort" } }),
      isFailure("bad-identity"),
    );
  });

  test("many machines are moved, disabled, deleted and restored at once", async () => {
    const machines = [await addMachine("bulk-1", north), await addMachine("bulk-2", north)];
    const machineIds = machines.map((machine) => machine.machineId);
    const doAll = (action: { kind: "disable" | "delete" | "restore" } | { kind: "move"; siteId: string }) =>
      world.call(admin, bulkMachines, { body: { machineIds, action } });
    assert.equal((await doAll({ kind: "move", siteId: south })).changedCount, 2);
    await doAll({ kind: "disable" });
    await doAll({ kind: "delete" });
    await doAll({ kind: "restore" });
    const shown = await world.call(admin, getMachine, { params: { machineId: machineIds[0] ?? "" } });
    assert.deepEqual([shown.siteId, shown.isDisabled, shown.targets.length], [south, true, 1]);
  });

  test("an object outside the delegated subtree is not found, whatever is asked of it", async () => {
    const foreign = await addMachine("foreign", south);
    const own = await addMachine("own", north);
    const targetId = foreign.targets[0]?.targetId ?? "";
    const { machineId } = foreign;
    const delegate = world.delegate(north);
    const identity = { params: { targetId, identityId: world.id() } };
    const calls: (() => Promise<unknown>)[] = [
      () => world.call(delegate, getSite, { params: { siteId: south } }),
      () => world.call(delegate, updateSite, { params: { siteId: south }, body: { version: 1, name: "x" } }),
      () => world.call(delegate, deleteSite, { params: { siteId: south } }),
      () => world.call(delegate, restoreSite, { params: { siteId: south } }),
      () => world.call(delegate, createSite, { body: { name: "x", parentId: south } }),
      () => world.call(delegate, createSite, { body: { name: "x", parentId: null } }),
      () => world.call(delegate, getMachine, { params: { machineId } }),
      () => world.call(delegate, updateMachine, { params: { machineId }, body: { version: 1, notes: "x" } }),
      () => world.call(delegate, deleteMachine, { params: { machineId } }),
      () => world.call(delegate, restoreMachine, { params: { machineId } }),
      () => world.call(delegate, createMachine, { body: { name: "x", siteId: south, addresses: ["h"] } }),
      () =>
        world.call(delegate, updateMachine, {
          params: { machineId: own.machineId },
          body: { version: 1, siteId: south },
        }),
      () =>
        world.call(delegate, bulkMachines, {
          body: { machineIds: [own.machineId, machineId], action: { kind: "disable" } },
        }),
      () => world.call(delegate, getTarget, { params: { targetId } }),
      () => world.call(delegate, createTarget, { params: { machineId }, body: { protocol: "vnc" } }),
      () => world.call(delegate, updateTarget, { params: { targetId }, body: { version: 1, port: 1 } }),
      () => world.call(delegate, deleteTarget, { params: { targetId } }),
      () => world.call(delegate, restoreTarget, { params: { targetId } }),
      () => world.call(delegate, addTargetIdentity, { params: { targetId }, body: { text: HOST_KEY } }),
      () => world.call(delegate, confirmTargetIdentity, identity),
      () => world.call(delegate, removeTargetIdentity, identity),
    ];
    for (const call of calls) await assert.rejects(call, isFailure("not-found"), call.toString());
    const list = await world.call(delegate, listMachines, { query: { siteId: south } });
    assert.equal(list.total, 0);
    const all = await world.call(delegate, listMachines, { query: { limit: 200 } });
    assert.ok(all.items.every((machine) => machine.siteId !== south));
    const sites = await world.call(delegate, listSites);
    assert.ok(sites.items.every((site) => site.path[0] === "Nord"));
  });
});
