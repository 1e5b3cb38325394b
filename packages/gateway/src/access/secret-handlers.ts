import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import {
  Failure,
  generateAccountKey,
  setAccountCertificate,
  setAccountKey,
  setAccountPassword,
} from "@poterne/contract";
import { applyChange, updateObject } from "../fleet/changes.ts";
import { fingerprintOf } from "../fleet/identity-text.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { AccountKind } from "./access.ts";
import type { AccountTableRow } from "./access-tables.ts";
import { findLivingAccount, showAccount, siteSubject } from "./account-handlers.ts";
import { certificateBlob, readCertificate } from "./certificate.ts";
import type { AccessNounDependencies } from "./dependencies.ts";

const generate = promisify(generateKeyPair);

/**
 * Handlers that give an account its secret. A secret goes in and never comes out: it is sealed by the keeper before
 * anything is stored, and neither replies, the journal nor logs carry it.
 */
export function secretHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(setAccountPassword, async ({ params, body }, context) => {
      const row = await findOfKind(dependencies, params.accountId, { context, kind: "password" });
      const secret = Buffer.from(body.password, "utf8");
      const envelope = await dependencies.keeper
        .sealSecret(`account:${row.id}`, secret)
        .finally(() => secret.fill(0));
      return storeSecret(dependencies, context, { row, envelope, publicKey: null });
    }),
    handle(setAccountKey, async ({ params, body }, context) => {
      const row = await findOfKind(dependencies, params.accountId, { context, kind: "ssh-key" });
      const keyFile = Buffer.from(body.keyFile, "utf8");
      return sealKey(dependencies, context, { row, keyFile, passphrase: body.passphrase });
    }),
    handle(generateAccountKey, async ({ params, body }, context) => {
      const row = await findOfKind(dependencies, params.accountId, { context, kind: "ssh-key" });
      // The keeper makes the usual kind itself; others are made here, sealed at once and overwritten.
      if (body.algorithm === "ed25519") {
        const { envelope, publicKey } = await dependencies.keeper.generateSshKey(`account:${row.id}`);
        return storeSecret(dependencies, context, { row, envelope, publicKey });
      }
      const keyFile = Buffer.from(await makeKey(body.algorithm), "utf8");
      return sealKey(dependencies, context, { row, keyFile, passphrase: null });
    }),
    handle(setAccountCertificate, async ({ params, body }, context) => {
      const row = await findOfKind(dependencies, params.accountId, { context, kind: "ssh-key" });
      return storeCertificate(dependencies, context, { row, text: body.text });
    }),
  ];
}

async function findOfKind(
  dependencies: AccessNounDependencies,
  accountId: string,
  wanted: { readonly context: RequestContext; readonly kind: AccountKind },
): Promise<AccountTableRow> {
  const row = await findLivingAccount(dependencies, accountId, wanted.context);
  if (row.kind !== wanted.kind) throw new Failure("wrong-account-kind");
  return row;
}

async function sealKey(
  dependencies: AccessNounDependencies,
  context: RequestContext,
  given: { readonly row: AccountTableRow; readonly keyFile: Buffer; readonly passphrase: string | null },
) {
  const { row, keyFile, passphrase } = given;
  const { envelope, publicKey } = await dependencies.keeper
    .sealSshKey(`account:${row.id}`, keyFile, passphrase)
    .finally(() => keyFile.fill(0));
  return storeSecret(dependencies, context, { row, envelope, publicKey });
}

async function storeSecret(
  dependencies: AccessNounDependencies,
  context: RequestContext,
  secret: {
    readonly row: AccountTableRow;
    readonly envelope: Uint8Array;
    readonly publicKey: Uint8Array | null;
  },
) {
  const { row, envelope, publicKey } = secret;
  const note = {
    kind: "account.secret-changed",
    subject: siteSubject(row.site_id),
    details: {
      accountId: row.id,
      name: row.name,
      isFirst: row.envelope === null,
      "before.fingerprint": row.public_key === null ? null : fingerprintOf(row.public_key),
      "after.fingerprint": publicKey === null ? null : fingerprintOf(publicKey),
    },
  };
  await applyChange(dependencies, context, note, (transaction, stamp) => {
    // A certificate certifies one key: with another key it goes.
    const values = {
      envelope,
      public_key: publicKey,
      certificate: null,
      secret_changed_at_ms: stamp.nowMs,
      is_change_due: 0,
    };
    return updateObject(transaction, "account", row, { values, stamp });
  });
  return showAccount(dependencies, row.id);
}

async function storeCertificate(
  dependencies: AccessNounDependencies,
  context: RequestContext,
  given: { readonly row: AccountTableRow; readonly text: string | null },
) {
  const { row, text } = given;
  const certificate = text === null ? null : certificateBlob(text);
  const said = certificate === null ? null : readCertificate(certificate);
  if (said !== null && (row.public_key === null || Buffer.compare(said.publicKey, row.public_key) !== 0)) {
    throw new Failure("bad-certificate");
  }
  const note = {
    kind: said === null ? "account.certificate-removed" : "account.certificate-changed",
    subject: siteSubject(row.site_id),
    details: {
      accountId: row.id,
      name: row.name,
      keyId: said?.keyId ?? null,
      principals: said?.principals.join(",").slice(0, 500) ?? null,
      validToMs: said?.validToMs ?? null,
    },
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "account", row, { values: { certificate }, stamp }),
  );
  return showAccount(dependencies, row.id);
}

async function makeKey(algorithm: "ecdsa-p256" | "rsa-4096"): Promise<string> {
  if (algorithm === "rsa-4096") {
    const { privateKey } = await generate("rsa", { modulusLength: 4096 });
    return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  }
  const { privateKey } = await generate("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}
