import { Center, Loader } from "@mantine/core";
import { useEntryWords } from "../i18n/tongue.tsx";

/** What shows while a page is on its way. */
export function PageLoader() {
  const { common } = useEntryWords();
  return (
    <Center mih={240}>
      <Loader role="status" aria-label={common.loading} />
    </Center>
  );
}
