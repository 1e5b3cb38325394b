import { Button, Stack } from "@mantine/core";
import { listVendorPasses } from "@poterne/contract";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { LinkDialogue, type OneTimeLink } from "../admin/link-dialogue.tsx";
import { PassCard } from "./pass-card.tsx";
import { PassForm } from "./pass-form.tsx";
import { useVendorWords } from "./vendor-words.ts";

/** What others decide is seen within this. */
const REFRESH_MS = 10_000;

/** Vendor passes: those that wait first, then the newest; proposing one. */
export function VendorsPage() {
  const words = useVendorWords();
  const mayPropose = useRight("access:write");
  const [isProposing, setProposing] = useState(false);
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const list = useCall(listVendorPasses, {}, { refreshMs: REFRESH_MS });
  const items = list.data?.items ?? [];
  const waiting = items.filter(({ canDecide }) => canDecide);
  const others = items.filter(({ canDecide }) => !canDecide);
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={mayPropose && <Button onClick={() => setProposing(true)}>{words.create}</Button>}
    >
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PageLoader />}
      {list.data !== undefined && items.length === 0 && (
        <EmptyState title={words.emptyTitle} text={words.emptyText} />
      )}
      <Stack gap="sm">
        {[...waiting, ...others].map((pass) => (
          <PassCard key={pass.passId} pass={pass} />
        ))}
      </Stack>
      {isProposing && (
        <PassForm
          onClose={() => setProposing(false)}
          onProposed={(given) => {
            setProposing(false);
            setLink(given);
          }}
        />
      )}
      {link !== null && <LinkDialogue link={link} onClose={() => setLink(null)} />}
    </Page>
  );
}
