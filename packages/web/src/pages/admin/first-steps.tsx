import { List } from "@mantine/core";
import { listGrants } from "@poterne/contract";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Section } from "../../ui/section.tsx";

/** What an administrator does first, shown while nothing is granted to anybody. */
export function FirstSteps() {
  const { health } = useAdminWords();
  const canWrite = useRight("access:write");
  const grants = useCall(listGrants, { query: { limit: 1 } }, { isEnabled: canWrite });
  if (!canWrite || grants.data?.total !== 0) return null;
  const steps = [
    { to: "/admin/sites", word: health.firstSteps.site },
    { to: "/admin/machines", word: health.firstSteps.machine },
    { to: "/admin/accounts", word: health.firstSteps.account },
    { to: "/admin/policies", word: health.firstSteps.policy },
    { to: "/admin/grants", word: health.firstSteps.grant },
  ];
  return (
    <Section title={health.firstStepsTitle} text={health.firstStepsText}>
      <List type="ordered" size="sm">
        {steps.map((step) => (
          <List.Item key={step.to}>
            <AppLink to={step.to}>{step.word}</AppLink>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}
