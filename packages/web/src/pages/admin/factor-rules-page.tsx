import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { type FactorRule, type FactorRuleSet, listFactorRules, setFactorRules } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { SaveFailure } from "../../ui/form-modal.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { FactorRuleFields } from "./factor-rule-fields.tsx";
import { useFactorWords } from "./factor-words.ts";

type Moment = FactorRule["moment"];

const WHO = { name: "", isEnabled: true, groupIds: [], networks: [] };
const NEW: Readonly<Record<Moment, FactorRule>> = {
  "sign-in": { moment: "sign-in", ...WHO, demand: "own" },
  opening: { moment: "opening", ...WHO, targetIds: [], siteIds: [], freshMinutes: 5 },
};

/** The rules of the second factor, in their order: who is asked when they sign in, and before which machine. */
export function FactorRulesPage() {
  const set = useCall(listFactorRules);
  if (set.error !== null) return <FailureView error={set.error} onRetry={() => void set.refetch()} />;
  if (set.data === undefined) return <PageLoader />;
  return <Rules key={set.data.revision} set={set.data} />;
}

/** A rule while it is edited, with a key that stays its own when rules move. */
interface Draft {
  readonly key: number;
  readonly rule: FactorRule;
}

function Rules({ set }: { readonly set: FactorRuleSet }) {
  const words = useFactorWords();
  const canWrite = useRight("settings:write");
  const [drafts, setDrafts] = useState<readonly Draft[]>(set.rules.map((rule, key) => ({ key, rule })));
  const action = useAction(setFactorRules);
  const known = Object.entries(set.names).map(([value, label]) => ({ value, label }));
  const add = (moment: Moment): void =>
    setDrafts([...drafts, { key: Math.max(-1, ...drafts.map(({ key }) => key)) + 1, rule: NEW[moment] }]);
  const save = (): void =>
    action.mutate({ body: { revision: set.revision, rules: drafts.map(({ rule }) => rule) } });
  const listOf = (moment: Moment) => drafts.filter(({ rule }) => rule.moment === moment);
  const move = (moment: Moment, index: number, by: -1 | 1): void => {
    const [one, other] = [listOf(moment)[index], listOf(moment)[index + by]];
    if (one === undefined || other === undefined) return;
    setDrafts(drafts.map((draft) => (draft === one ? other : draft === other ? one : draft)));
  };
  const sections = [
    { moment: "sign-in", title: words.atSignIn, text: words.atSignInText },
    { moment: "opening", title: words.atOpening, text: words.atOpeningText },
  ] as const;
  return (
    <Page title={words.title} intro={words.intro}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          {sections.map(({ moment, title, text }) => (
            <Section
              key={moment}
              title={title}
              text={text}
              actions={
                canWrite && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={`${words.add} : ${title}`}
                    onClick={() => add(moment)}
                  >
                    {words.add}
                  </Button>
                )
              }
            >
              {moment === "sign-in" && (
                <Text size="sm">
                  {set.rememberedDays === 0 ? words.rememberedOff : words.rememberedDays(set.rememberedDays)}
                </Text>
              )}
              {listOf(moment).length === 0 && <Text size="sm">{words.none}</Text>}
              {listOf(moment).map(({ key, rule }, index, list) => (
                <FactorRuleFields
                  key={key}
                  rule={rule}
                  known={known}
                  isLocked={!canWrite}
                  isFirst={index === 0}
                  isLast={index === list.length - 1}
                  onChange={(next) =>
                    setDrafts(drafts.map((draft) => (draft.key === key ? { key, rule: next } : draft)))
                  }
                  onMove={(by) => move(moment, index, by)}
                  onRemove={() => setDrafts(drafts.filter((draft) => draft.key !== key))}
                />
              ))}
            </Section>
          ))}
          <SaveFailure error={action.error} />
          {action.isSuccess && <Alert color="teal" variant="outline" role="status" title={words.saved} />}
          {canWrite && (
            <Group>
              <Button type="submit" loading={action.isPending}>
                {words.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Page>
  );
}
