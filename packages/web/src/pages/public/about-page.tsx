import { Anchor, Stack, Text } from "@mantine/core";
import { getAbout } from "@poterne/contract";
import { useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Page } from "../../ui/page.tsx";
import { PublicFrame } from "./public-frame.tsx";

const OPENAPI_PATH = "/api/openapi.json";

/** What this is, its version and licence. */
export function AboutPage() {
  const { publicPages } = useWords();
  const about = useCall(getAbout);
  return (
    <PublicFrame>
      <Page title={publicPages.aboutTitle} intro={publicPages.aboutText}>
        {about.error !== null && <FailureView error={about.error} onRetry={() => void about.refetch()} />}
        <Stack gap="xs">
          <Text>
            {publicPages.version} : {about.data?.version ?? "…"}
          </Text>
          <Text>
            {publicPages.licence} : {about.data?.licence ?? "Apache-2.0"}
          </Text>
          <Text size="sm">{publicPages.licenceText}</Text>
          <Text size="sm">
            {publicPages.apiText} <Anchor href={OPENAPI_PATH}>{OPENAPI_PATH}</Anchor>.
          </Text>
          {about.data?.isDemo === true && <Text fw={500}>{publicPages.demo}</Text>}
        </Stack>
      </Page>
    </PublicFrame>
  );
}
