import { Button, Checkbox, Group, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { GrowingList } from "../api/use-call.ts";
import { useWords } from "../i18n/tongue.tsx";
import { FailureView } from "./failure-view.tsx";
import { TableSkeleton } from "./table-skeleton.tsx";

/** One column: its heading and what it draws for a row. */
export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly draw: (row: Row) => ReactNode;
  /** Numbers and times line up on the right. */
  readonly isNumeric?: boolean;
}

/** Which rows are ticked, and how to change that. */
export interface Ticked {
  readonly ids: ReadonlySet<string>;
  readonly change: (ids: ReadonlySet<string>) => void;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly list: GrowingList<Row>;
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  readonly nameOf?: (row: Row) => string;
  readonly empty: ReactNode;
  readonly ticked?: Ticked;
  /** A second line under a row, for details. */
  readonly below?: (row: Row) => ReactNode;
}

/** A list of the API as a table: skeleton, failure, empty state, ticking, and "show more". */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { list } = props;
  const { common } = useWords();
  if (list.error !== null && list.items.length === 0) {
    return <FailureView error={list.error} onRetry={list.reload} />;
  }
  if (list.isLoading) return <TableSkeleton label={common.loading} />;
  if (list.items.length === 0) return props.empty;
  return (
    <Stack gap="xs">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="scroll-x" aria-label={props.label} tabIndex={0}>
        <Table highlightOnHover verticalSpacing="xs" aria-label={props.label}>
          <Table.Thead>
            <Table.Tr>
              {props.ticked !== undefined && (
                <Table.Th w={36}>
                  <TickAll list={list} idOf={props.idOf} ticked={props.ticked} />
                </Table.Th>
              )}
              {props.columns.map((column) => (
                <Table.Th key={column.key} ta={column.isNumeric ? "right" : "left"}>
                  {column.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.items.map((row) => (
              <DataRow key={props.idOf(row)} row={row} {...props} />
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {(list.isTotalExact ? common.shownOf : common.shownOfMore)(list.items.length, list.total)}
        </Text>
        {list.canGrow && (
          <Button variant="default" size="xs" loading={list.isGrowing} onClick={list.grow}>
            {common.showMore}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function DataRow<Row>(props: DataTableProps<Row> & { readonly row: Row }) {
  const { row, ticked } = props;
  const id = props.idOf(row);
  const below = props.below?.(row) ?? null;
  return (
    <>
      <Table.Tr>
        {ticked !== undefined && (
          <Table.Td>
            <Checkbox
              aria-label={props.nameOf?.(row) ?? id}
              checked={ticked.ids.has(id)}
              onChange={(event) => ticked.change(withTick(ticked.ids, id, event.currentTarget.checked))}
            />
          </Table.Td>
        )}
        {props.columns.map((column) => (
          <Table.Td
            key={column.key}
            ta={column.isNumeric ? "right" : "left"}
            {...(column.isNumeric ? { className: "numeric" } : {})}
          >
            {column.draw(row)}
          </Table.Td>
        ))}
      </Table.Tr>
      {below !== null && (
        <Table.Tr>
          <Table.Td colSpan={props.columns.length + (ticked === undefined ? 0 : 1)}>{below}</Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function TickAll<Row>(props: {
  readonly list: GrowingList<Row>;
  readonly idOf: (row: Row) => string;
  readonly ticked: Ticked;
}) {
  const { common } = useWords();
  const ids = props.list.items.map(props.idOf);
  const count = ids.filter((id) => props.ticked.ids.has(id)).length;
  return (
    <Checkbox
      aria-label={common.all}
      checked={count === ids.length}
      indeterminate={count > 0 && count < ids.length}
      onChange={(event) => props.ticked.change(new Set(event.currentTarget.checked ? ids : []))}
    />
  );
}

function withTick(ids: ReadonlySet<string>, id: string, isTicked: boolean): ReadonlySet<string> {
  const next = new Set(ids);
  if (isTicked) next.add(id);
  else next.delete(id);
  return next;
}
