import { Failure, type Protocol, type TelnetOptions, targetOptions } from "@poterne/contract";
import type { AccessFacts } from "../access/facts.ts";

/** A quantifier on a group that holds one itself, or a back reference: what makes matching explode. */
const COSTLY = /\([^()]*[*+}][^()]*\)\s*[*+{]|\\[1-9]|\\k</;

/** Completes and checks a protocol's options; throws `bad-request`, `bad-prompt-pattern` or `jump-target-invalid`. */
export function checkOptions(
  protocol: Protocol,
  options: unknown,
  world: { readonly facts: AccessFacts; readonly ownTargetId: string | null },
): Readonly<Record<string, unknown>> {
  const parsed = targetOptions[protocol].safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Failure("bad-request", { detail: `options.${issue?.path.join(".") ?? ""}` });
  }
  if (protocol === "telnet") checkPrompts(parsed.data as TelnetOptions);
  if ("jumpTargetIds" in parsed.data) checkJumps(parsed.data.jumpTargetIds, world);
  return parsed.data;
}

function checkPrompts(options: TelnetOptions): void {
  for (const name of ["loginPrompt", "passwordPrompt", "failurePrompt"] as const) {
    if (!isSafePattern(options[name])) throw new Failure("bad-prompt-pattern", { name });
  }
}

function isSafePattern(pattern: string): boolean {
  if (COSTLY.test(pattern)) return false;
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

function checkJumps(
  jumpTargetIds: readonly string[],
  world: { readonly facts: AccessFacts; readonly ownTargetId: string | null },
): void {
  const seen = new Set(world.ownTargetId === null ? [] : [world.ownTargetId]);
  for (const id of jumpTargetIds) {
    const jump = world.facts.targets.get(id);
    if (jump === undefined || jump.protocol !== "ssh" || seen.has(id))
      throw new Failure("jump-target-invalid");
    seen.add(id);
  }
}

/** The sites of the jump hosts, where the caller must administer too. */
export function jumpSites(options: Readonly<Record<string, unknown>>, facts: AccessFacts): readonly string[] {
  const ids = Array.isArray(options.jumpTargetIds) ? (options.jumpTargetIds as string[]) : [];
  return ids.map((id) => facts.machines.get(facts.targets.get(id)?.machineId ?? "")?.siteId ?? "");
}
