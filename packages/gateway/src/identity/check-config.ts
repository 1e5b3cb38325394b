import { X509Certificate } from "node:crypto";
import { Failure, type LdapConfig, type ProviderConfig } from "@poterne/contract";
import { FilterParser } from "ldapts";
import type { Groups } from "../people/groups.ts";
import { loginAttributesOf, personFilter } from "./ldap/filter.ts";

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Refuses settings that could not work or that are not said to be wanted. Fails with `provider-invalid`. */
export async function checkConfig(
  { groups }: { readonly groups: Groups },
  config: ProviderConfig,
): Promise<void> {
  checkPem(config.caPem);
  if (config.kind === "ldap") checkLdap(config);
  else if (new URL(config.issuer).protocol === "http:" && !config.isPlainAccepted)
    throw invalid("http is not accepted: the issuer must be https");
  const named = config.mappings.flatMap((rule) => (rule.groupId === null ? [] : [rule.groupId]));
  const known = new Set((await groups.existing([...new Set(named)])).map((row) => row.id));
  if (named.some((groupId) => !known.has(groupId))) throw invalid("a rule names a group that does not exist");
}

function checkLdap(config: LdapConfig): void {
  if (config.security === "plain" && !config.isPlainAccepted)
    throw invalid("an unencrypted connection is not accepted");
  for (const filter of [personFilter(config.userFilter, "a"), config.disabledFilter]) {
    if (filter === "") continue;
    try {
      FilterParser.parseString(filter);
    } catch {
      throw invalid(`the filter ${filter.slice(0, 200)} cannot be read`);
    }
  }
  if (loginAttributesOf(config.userFilter).length === 0)
    throw invalid("the filter must compare an attribute with the name: (attribute={login})");
  if (config.nesting === "chain" && config.schema !== "active-directory")
    throw invalid("only Active Directory follows groups in a chain");
}

function checkPem(pem: string): void {
  if (pem.trim() === "") return;
  const blocks = pem.match(PEM) ?? [];
  if (blocks.length === 0) throw invalid("the authorities hold no certificate in PEM");
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw invalid("a certificate of the authorities cannot be read");
    }
  }
}

function invalid(reason: string): Failure {
  return new Failure("provider-invalid", { reason });
}
