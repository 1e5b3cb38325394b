import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import {
  deletePolicy,
  getPolicy,
  listPolicyVersions,
  makePolicyDefault,
  type PolicyRow,
  restorePolicy,
  revertPolicy,
  updatePolicy,
} from "@poterne/contract";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { SaveFailure } from "../../ui/form-modal.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { showFailure, useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";
import { PolicyInputs } from "./policy-inputs.tsx";
import { PolicySentences } from "./policy-sentences.tsx";

/** One policy: its form, the same in plain sentences, and its history. */
export function PolicyPage() {
  const { policy: policyId = "" } = useParams({ strict: false });
  const policy = useCall(getPolicy, { params: { policyId } });
  if (policy.error !== null)
    return <FailureView error={policy.error} onRetry={() => void policy.refetch()} />;
  if (policy.data === undefined) return <PageLoader />;
  return <PolicyView key={`${policyId}:${policy.data.version}`} policy={policy.data} />;
}

function PolicyView({ policy }: { readonly policy: PolicyRow }) {
  const { policies, common } = useAdminWords();
  const canWrite = useRight("access:write") && policy.canChange;
  const [name, setName] = useState(policy.name);
  const [rules, setRules] = useState(policy.rules);
  const [comment, setComment] = useState("");
  const action = useAction(updatePolicy);
  const publish = (event: SyntheticEvent): void => {
    event.preventDefault();
    action.mutate({
      params: { policyId: policy.policyId },
      body: { version: policy.version, name, rules, comment },
    });
  };
  return (
    <Page title={policy.name} actions={canWrite && <PolicyActions policy={policy} />}>
      {!policy.canChange && <Alert variant="outline" title={policies.readOnlyNotice} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <form onSubmit={publish}>
          <Stack>
            <TextInput
              label={common.name}
              required
              maxLength={120}
              readOnly={!canWrite}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PolicyInputs rules={rules} onChange={setRules} isLocked={!canWrite} />
            {canWrite && (
              <>
                <TextInput
                  label={policies.comment}
                  description={policies.commentHint}
                  maxLength={500}
                  value={comment}
                  onChange={(event) => setComment(event.currentTarget.value)}
                />
                <SaveFailure error={action.error} />
                <div>
                  <Button type="submit" loading={action.isPending}>
                    {policies.publish}
                  </Button>
                </div>
              </>
            )}
          </Stack>
        </form>
        <Stack>
          <Section title={policies.inWords}>
            <PolicySentences rules={rules} />
          </Section>
          <History policyId={policy.policyId} />
        </Stack>
      </SimpleGrid>
    </Page>
  );
}

function PolicyActions({ policy }: { readonly policy: PolicyRow }) {
  const { policies, common } = useAdminWords();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const remove = useDeletion();
  const makeDefault = useAction(makePolicyDefault);
  const revert = useAction(revertPolicy);
  const params = { policyId: policy.policyId };
  const versions = useCall(listPolicyVersions, { params });
  const hasEarlier = (versions.data?.items.length ?? 0) > 1;
  const askRevert = async (): Promise<void> => {
    const isSure = await confirm({
      title: policies.revert,
      text: policies.revertText,
      action: policies.revert,
    });
    if (isSure) revert.mutate({ params, body: { version: policy.version } }, { onError: showFailure });
  };
  return (
    <Group gap="xs">
      {!policy.isDefault && (
        <Button variant="default" onClick={() => makeDefault.mutate({ params }, { onError: showFailure })}>
          {policies.makeDefault}
        </Button>
      )}
      {hasEarlier && (
        <Button variant="default" onClick={() => void askRevert()}>
          {policies.revert}
        </Button>
      )}
      <Button
        variant="outline"
        color="red"
        onClick={() =>
          void remove({
            remove: deletePolicy,
            restore: restorePolicy,
            params,
            name: policy.name,
            text: policies.deleteText,
            onDone: () => void navigate({ to: "/admin/policies" }),
          })
        }
      >
        {common.remove}
      </Button>
    </Group>
  );
}

function History({ policyId }: { readonly policyId: string }) {
  const { policies } = useAdminWords();
  const versions = useCall(listPolicyVersions, { params: { policyId } });
  if (versions.error !== null) return <FailureView error={versions.error} />;
  return (
    <Section title={policies.history}>
      <Stack gap="xs">
        {(versions.data?.items ?? []).map((version) => (
          <div key={version.version}>
            <Text size="sm">
              {policies.historyLine(version.version, version.publishedBy)},{" "}
              {version.publishedAtMs === 0 ? policies.asInstalled : <When atMs={version.publishedAtMs} />}
            </Text>
            {version.comment !== "" && <Text size="sm">{version.comment}</Text>}
            {version.changedRules.length > 0 && (
              <Text size="xs" c="dimmed">
                {policies.changed} :{" "}
                {version.changedRules
                  .map((rule) => (policies.fields as Readonly<Record<string, string>>)[rule] ?? rule)
                  .join(", ")}
              </Text>
            )}
          </div>
        ))}
      </Stack>
    </Section>
  );
}
