import { Stack, Table } from "@mantine/core";
import type { MyMachine } from "@poterne/contract";
import { useWords } from "../../i18n/tongue.tsx";
import { TargetLine } from "./target-line.tsx";

/** My machines as a list. */
export function MachineTable({ items }: { readonly items: readonly MyMachine[] }) {
  const { machines } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="scroll-x" aria-label={machines.title} tabIndex={0}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{machines.machine}</Table.Th>
            <Table.Th>{machines.site}</Table.Th>
            <Table.Th miw={320}>{machines.target}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((machine) => (
            <Table.Tr key={machine.machineId}>
              <Table.Td fw={500}>{machine.name}</Table.Td>
              <Table.Td>{machine.sitePath.join(" / ")}</Table.Td>
              <Table.Td>
                <Stack gap="xs">
                  {machine.targets.map((target) => (
                    <TargetLine key={target.targetId} machineName={machine.name} target={target} />
                  ))}
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
