import { Failure } from "@poterne/contract";
import type { Access, AccountRecord, TargetRecord } from "../access/access.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import type { Keeper } from "../keeper/keeper.ts";
import { loadCredentials } from "./credentials.ts";
import type { DriverHop } from "./driver.ts";

/** What making a session's way takes. */
export interface HopParts {
  readonly access: Pick<Access, "target">;
  readonly keeper: Keeper;
  checkAddress(address: string): Promise<void>;
}

/** Whose way: the account that enters every hop, and for one "as me" the person's own password. */
export interface HopAccount {
  readonly sessionId: string;
  readonly account: AccountRecord;
  readonly own: OwnSecret | null;
}

/** The way to the target: its jump hosts first. A jump host is entered with the target's account. */
export async function makeHops(
  parts: HopParts,
  target: TargetRecord,
  who: HopAccount,
): Promise<readonly [DriverHop, ...DriverHop[]]> {
  const jumpIds = target.options.jumpTargetIds;
  const hops: DriverHop[] = [];
  for (const jumpId of Array.isArray(jumpIds) ? jumpIds : []) {
    const jump = await parts.access.target(String(jumpId));
    if (jump === null) throw new Failure("jump-failed", { name: String(jumpId) });
    hops.push(await makeHop(parts, jump, who));
  }
  const own = await makeHop(parts, target, who);
  const [first, ...rest] = [...hops, own];
  return first === undefined ? [own] : [first, ...rest];
}

async function makeHop(parts: HopParts, target: TargetRecord, who: HopAccount): Promise<DriverHop> {
  await parts.checkAddress(target.address);
  return {
    name: target.name,
    address: target.address,
    port: target.port,
    ...(target.kerberosName === "" ? {} : { kerberosName: target.kerberosName }),
    credentials: await loadCredentials(parts.keeper, who, target),
    identities: target.identities,
    options: target.options,
  };
}
