import { Checkbox, Table } from "@mantine/core";
import { setFileMode } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { useSessionTexts } from "../use-texts.ts";

const WHO = [
  ["owner", 6],
  ["group", 3],
  ["others", 0],
] as const;
const MAY = [
  ["read", 4],
  ["write", 2],
  ["execute", 1],
] as const;

/** Changes who may read, write and execute a file of the target. */
export function ChangeMode(props: {
  readonly sessionId: string;
  readonly path: string;
  readonly name: string;
  readonly mode: number;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}) {
  const { files } = useSessionTexts();
  const [mode, setMode] = useState(props.mode);
  const action = useAction(setFileMode, () => {
    props.onChanged();
    props.onClose();
  });
  return (
    <FormModal
      title={files.permissionsOf(props.name)}
      action={files.apply}
      isBusy={action.isPending}
      error={action.error}
      onClose={props.onClose}
      onSubmit={() =>
        action.mutate({ params: { sessionId: props.sessionId }, body: { path: props.path, mode } })
      }
    >
      <Table>
        <Table.Tbody>
          {WHO.map(([who, shift]) => (
            <Table.Tr key={who}>
              <Table.Th scope="row">{files.who[who]}</Table.Th>
              {MAY.map(([may, bit]) => {
                const mask = bit << shift;
                return (
                  <Table.Td key={may}>
                    <Checkbox
                      label={files.may[may]}
                      aria-label={`${files.who[who]} : ${files.may[may]}`}
                      checked={(mode & mask) !== 0}
                      onChange={() => setMode(mode ^ mask)}
                    />
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </FormModal>
  );
}
