import { Button, Text } from "@mantine/core";
import {
  deleteIdentityProvider,
  type IdentityProviderRow,
  listIdentityProviders,
  orderIdentityProviders,
  type ProviderKind,
} from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { ProviderButtons, ProviderForm, SecretForm, TestForm } from "./provider-form.tsx";

type Dialogue =
  | { readonly what: "add"; readonly kind: ProviderKind }
  | { readonly what: "edit" | "secret" | "test"; readonly provider: IdentityProviderRow };

/** Identity providers in the order they are asked: added, changed, tested, put in service. */
export function ProvidersPage() {
  const { providers } = useAdminWords();
  const canWrite = useRight("settings:write");
  const list = useCall(listIdentityProviders);
  const [dialogue, setDialogue] = useState<Dialogue | null>(null);
  const close = (): void => setDialogue(null);
  const add = (kind: ProviderKind) => () => setDialogue({ what: "add", kind });
  const redirectUri = list.data?.redirectUri ?? "";
  return (
    <Page
      title={providers.title}
      intro={providers.intro}
      actions={
        canWrite && (
          <>
            <Button onClick={add("ldap")}>{providers.addLdap}</Button>
            <Button variant="default" onClick={add("oidc")}>
              {providers.addOidc}
            </Button>
          </>
        )
      }
    >
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PageLoader />}
      {list.data?.items.length === 0 && (
        <EmptyState title={providers.emptyTitle} text={providers.emptyText} />
      )}
      {list.data !== undefined && list.data.items.length > 0 && (
        <ProviderTable
          items={list.data.items}
          canWrite={canWrite}
          onOpen={(what, provider) => setDialogue({ what, provider })}
        />
      )}
      {dialogue?.what === "add" && (
        <ProviderForm provider={null} kind={dialogue.kind} redirectUri={redirectUri} onClose={close} />
      )}
      {dialogue?.what === "edit" && (
        <ProviderForm
          provider={dialogue.provider}
          kind={dialogue.provider.config.kind}
          redirectUri={redirectUri}
          onClose={close}
        />
      )}
      {dialogue?.what === "secret" && <SecretForm provider={dialogue.provider} onClose={close} />}
      {dialogue?.what === "test" && <TestForm provider={dialogue.provider} onClose={close} />}
    </Page>
  );
}

function ProviderTable(props: {
  readonly items: readonly IdentityProviderRow[];
  readonly canWrite: boolean;
  readonly onOpen: (what: "edit" | "secret" | "test", provider: IdentityProviderRow) => void;
}) {
  const { providers, common } = useAdminWords();
  const { items } = props;
  const order = useAction(orderIdentityProviders);
  const remove = useDeletion();
  const move = (index: number, by: -1 | 1): void => {
    const ids = items.map((item) => item.providerId);
    const [moved = ""] = ids.splice(index, 1);
    ids.splice(index + by, 0, moved);
    order.mutate({ body: { providerIds: ids } });
  };
  return (
    <>
      {order.error !== null && <FailureView error={order.error} />}
      <SimpleTable
        label={providers.title}
        headings={[common.name, providers.state, providers.secret, providers.people, providers.acts]}
        rows={items.map((provider, index) => ({
          key: provider.providerId,
          cells: [
            <div key="name">
              {provider.name}
              <Text size="xs" c="dimmed">
                {providers.kinds[provider.config.kind]}
              </Text>
            </div>,
            <span key="state" style={{ whiteSpace: "nowrap" }}>
              <ProviderState provider={provider} />
            </span>,
            provider.hasSecret ? providers.secretKept : providers.secretMissing,
            provider.personCount,
            props.canWrite && (
              <ProviderButtons
                key="buttons"
                provider={provider}
                isFirst={index === 0}
                isLast={index === items.length - 1}
                onOpen={(what) => props.onOpen(what, provider)}
                onMove={(by) => move(index, by)}
                onRemove={() =>
                  void remove({
                    remove: deleteIdentityProvider,
                    restore: null,
                    params: { providerId: provider.providerId },
                    name: provider.name,
                    text: providers.removeText,
                  })
                }
              />
            ),
          ],
        }))}
      />
    </>
  );
}

function ProviderState({ provider }: { readonly provider: IdentityProviderRow }) {
  const { providers } = useAdminWords();
  if (!provider.isEnabled) return <StateMark state="maintenance" word={providers.disabled} />;
  if (provider.awaySinceMs !== null) return <StateMark state="down" word={providers.away} />;
  return <StateMark state="up" word={providers.enabled} />;
}
