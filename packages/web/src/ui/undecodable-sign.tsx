import { Alert, Text } from "@mantine/core";
import { useLanguage } from "../i18n/tongue.tsx";
import { undecodableEn, undecodableFr } from "./undecodable-words.ts";

/** Over a desktop's picture, live or recorded, that this browser does not decode: what is wrong and what to do. */
export function UndecodableSign() {
  const { language } = useLanguage();
  const words = language === "fr" ? undecodableFr : undecodableEn;
  return (
    <div className="session-undecodable">
      <Alert color="orange" variant="default" title={words.title} role="alert">
        <Text size="sm">{words.why}</Text>
        <Text size="sm" mt="xs">
          {words.next}
        </Text>
        <Text size="xs" c="dimmed" mt="xs">
          {words.code}
        </Text>
      </Alert>
    </div>
  );
}
