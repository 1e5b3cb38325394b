import { Button, Checkbox, FileInput, Group, Modal, Stack, Text } from "@mantine/core";
import { type ImportReport, importMachines } from "@poterne/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiFailure } from "../../api/api-failure.ts";
import { upload } from "../../api/upload.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { describeCode } from "../../ui/failure-text.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";

/** Imports machines from CSV: first a check that writes nothing, then the import itself. */
export function ImportDialogue(props: { readonly onClose: () => void }) {
  const { inventory, common } = useAdminWords();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [createSites, setCreateSites] = useState(true);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (dryRun: boolean): Promise<void> => {
    if (file === null) return;
    setBusy(true);
    setError(null);
    try {
      setReport(await upload(importMachines, { query: { dryRun, createSites } }, file));
      if (!dryRun) await client.invalidateQueries();
    } catch (thrown) {
      setError(toApiFailure(thrown));
    } finally {
      setBusy(false);
    }
  };
  const isChecked = report?.isDryRun === true && report.errorCount === 0;
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={inventory.import}
      size="lg"
      closeButtonProps={{ "aria-label": common.close }}
    >
      <Stack>
        <Text size="sm">{inventory.importText}</Text>
        <FileInput
          label={inventory.importFile}
          accept=".csv,.txt,.tsv,text/csv"
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            setReport(null);
          }}
        />
        <Checkbox
          label={inventory.importCreateSites}
          checked={createSites}
          onChange={(event) => {
            setCreateSites(event.currentTarget.checked);
            setReport(null);
          }}
        />
        {error !== null && <FailureView error={error} />}
        {report !== null && <Report report={report} />}
        <Group justify="flex-end">
          <Button variant="default" disabled={file === null} loading={isBusy} onClick={() => void send(true)}>
            {inventory.importCheck}
          </Button>
          <Button disabled={!isChecked} loading={isBusy} onClick={() => void send(false)}>
            {inventory.importApply}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Report({ report }: { readonly report: ImportReport }) {
  const words = useAdminWords();
  const { inventory } = words;
  return (
    <Stack gap="xs" role="status">
      <Text size="sm" fw={600}>
        {report.isApplied ? inventory.importApplied : inventory.importDry}
      </Text>
      <Text size="sm">
        {inventory.importSummary(report.machinesCreated, report.machinesChanged, report.unchangedLines)}
      </Text>
      <Text size="sm">
        {inventory.importTargets(report.targetsCreated, report.targetsChanged, report.sitesCreated)}
      </Text>
      {report.errorCount > 0 && (
        <>
          <Text size="sm" fw={600} c="var(--mantine-color-error)">
            {inventory.importErrors(report.errorCount)}
          </Text>
          <SimpleTable
            label={inventory.importProblem}
            headings={[
              inventory.importLine,
              inventory.importColumn,
              inventory.importValue,
              inventory.importProblem,
            ]}
            rows={report.errors.map((line) => ({
              key: `${line.line}:${line.column}:${line.code}`,
              cells: [line.line, line.column, line.value, describeCode(line.code, words)],
            }))}
          />
        </>
      )}
    </Stack>
  );
}
