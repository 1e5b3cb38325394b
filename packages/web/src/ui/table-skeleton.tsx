import { Skeleton, Stack } from "@mantine/core";

const SKELETON_ROW_COUNT = 6;

/** Grey bars while the first page of a list is on its way. */
export function TableSkeleton(props: { readonly label: string }) {
  return (
    <Stack gap="xs" role="status" aria-label={props.label}>
      {Array.from({ length: SKELETON_ROW_COUNT }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike and never move
        <Skeleton key={index} height={36} />
      ))}
    </Stack>
  );
}
