import { formatAgo, formatDateTime } from "../i18n/format.ts";
import { useLanguage, useWords } from "../i18n/tongue.tsx";

/** A moment in the person's language and time zone; "never" for null. */
export function When(props: { readonly atMs: number | null; readonly isRelative?: boolean }) {
  const { common } = useWords();
  const { language } = useLanguage();
  if (props.atMs === null) return <>{common.never}</>;
  const exact = formatDateTime(language, props.atMs);
  return (
    <time dateTime={new Date(props.atMs).toISOString()} title={exact}>
      {props.isRelative ? formatAgo(language, props.atMs, Date.now()) : exact}
    </time>
  );
}
