import { Button } from "@mantine/core";
import { exportMyData, listMySessions } from "@poterne/contract";
import { lazy, Suspense } from "react";
import { call } from "../../api/call.ts";
import { useList } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { saveText } from "../../ui/save-file.ts";
import { Section } from "../../ui/section.tsx";
import { targetName } from "../../ui/target-name.ts";
import { showFailure } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";
import { FactorsSection } from "./factors-section.tsx";
import { PasswordSection } from "./password-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { SignInsSection } from "./sign-ins-section.tsx";
import { TokensSection } from "./tokens-section.tsx";

const OwnPasswordSection = lazy(async () => {
  const section = await import("./own-password-section.tsx");
  return { default: section.OwnPasswordSection };
});

/** One's own account: profile, devices, password, sign-ins, tokens, history and data. */
export function MePage() {
  const { me } = useWords();
  const canOpen = useRight("sessions:open");
  const exportData = (): void => {
    call(exportMyData)
      .then((data) => saveText("poterne.json", JSON.stringify(data, null, 2), "application/json"))
      .catch(showFailure);
  };
  return (
    <Page title={me.title}>
      <ProfileSection />
      <FactorsSection />
      <PasswordSection />
      {canOpen && (
        <Suspense fallback={null}>
          <OwnPasswordSection />
        </Suspense>
      )}
      <SignInsSection />
      <TokensSection />
      {canOpen && <HistorySection />}
      <Section title={me.data} text={me.dataText}>
        <div>
          <Button variant="default" onClick={exportData}>
            {me.dataExport}
          </Button>
        </div>
      </Section>
    </Page>
  );
}

function HistorySection() {
  const { me, live } = useWords();
  const list = useList(listMySessions, { limit: 10 });
  return (
    <Section title={me.history}>
      <DataTable
        label={me.history}
        list={list}
        idOf={(row) => row.sessionId}
        empty={me.noHistory}
        columns={[
          { key: "machine", title: live.target, draw: (row) => targetName(row.machineName, row.targetName) },
          { key: "account", title: live.account, draw: (row) => row.accountName },
          { key: "opened", title: live.openedAt, draw: (row) => <When atMs={row.openedAtMs} /> },
          { key: "state", title: live.state, draw: (row) => live.states[row.state] },
        ]}
      />
    </Section>
  );
}
