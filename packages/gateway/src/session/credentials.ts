import { decodeUtf8 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { TargetRecord } from "../access/access.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { Credentials } from "./driver.ts";
import type { HopAccount } from "./hops.ts";
import { ownNameOn } from "./own-name.ts";

/** Opens an account's secret for one session, or takes the person's own. A private key stays with the keeper: only signatures come out. */
export async function loadCredentials(
  keeper: Keeper,
  { account, own, sessionId }: HopAccount,
  target: Pick<TargetRecord, "protocol" | "options">,
): Promise<Credentials> {
  if (account.kind === "as-me") {
    if (own === null) throw new Failure("own-password-needed", { account: "" });
    const username = ownNameOn(target, account.username, own);
    return { kind: "password", username, password: own.password.toString("utf8"), isOwn: true };
  }
  const context = `account:${account.accountId}`;
  const purpose = `session:${sessionId}`;
  if (account.kind === "password" && account.envelope !== null) {
    const secret = await keeper.openSecret(context, account.envelope, purpose);
    const password = decodeUtf8(secret);
    secret.fill(0);
    return { kind: "password", username: account.username, password };
  }
  const { envelope, publicKey } = account;
  if (account.kind === "ssh-key" && envelope !== null && publicKey !== null) {
    return {
      kind: "ssh-key",
      username: account.username,
      publicKey,
      certificate: account.certificate,
      sign: (data, algorithm) => keeper.signSsh(context, envelope, algorithm, data, purpose),
    };
  }
  return { kind: "ask", username: account.username === "" ? null : account.username };
}
