import { Text } from "@mantine/core";
import type { VendorPass } from "@poterne/contract";
import { Fragment } from "react";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { useVendorWords } from "./vendor-words.ts";

/** What a pass allows, and who agreed to it, as terms and their values. */
export function PassFacts({ pass }: { readonly pass: VendorPass }) {
  return (
    <dl style={{ display: "grid", gridTemplateColumns: "max-content 1fr", columnGap: "1rem", margin: 0 }}>
      {useFacts(pass).map(({ term, value, atMs }) => (
        // Several extensions share a term.
        <Fragment key={`${term} ${atMs ?? ""}`}>
          <Text component="dt" size="sm" c="dimmed">
            {term}
          </Text>
          <Text component="dd" size="sm" ml={0} mb={6} style={{ overflowWrap: "anywhere" }}>
            {value}
          </Text>
        </Fragment>
      ))}
    </dl>
  );
}

interface Fact {
  readonly term: string;
  readonly value: string;
  /** When it was done, of what may be done several times. */
  readonly atMs?: number;
}

function useFacts(pass: VendorPass): readonly Fact[] {
  const words = useVendorWords();
  const { language } = useLanguage();
  const date = (atMs: number) => formatDateTime(language, atMs);
  const done = (by: { readonly name: string; readonly atMs: number; readonly comment: string }) =>
    words.onDate(by.name, date(by.atMs)) + (by.comment === "" ? "" : ` — ${by.comment}`);
  return [
    { term: words.purpose, value: pass.purpose },
    { term: words.targets, value: pass.targets.map(({ name }) => name).join(", ") },
    { term: words.networks, value: pass.networks.join(", ") },
    { term: words.policy, value: pass.policyName },
    { term: words.guardian, value: pass.needsGuardian ? words.guardianYes : words.guardianNo },
    { term: words.proposedBy, value: done(pass.proposed) },
    ...(pass.decided === null ? [] : [{ term: words.decidedBy, value: done(pass.decided) }]),
    ...pass.extensions.map((step) => ({
      term: words.extendedBy,
      atMs: step.atMs,
      value: `${words.onDate(step.name, date(step.atMs))} — ${words.extendedFrom(date(step.fromMs), date(step.toMs))}`,
    })),
    ...(pass.revoked === null ? [] : [{ term: words.revokedBy, value: done(pass.revoked) }]),
  ];
}
