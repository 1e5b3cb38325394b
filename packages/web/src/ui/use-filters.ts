import { useNavigate, useSearch } from "@tanstack/react-router";

/** Filters of a page as the URL carries them; an absent filter reads as the empty string. */
export type Filters = Readonly<Record<string, string>>;

/** The page's filters, kept in the URL so that a filtered list is a link; setting one to "" removes it. */
export function useFilters(): {
  readonly filters: Filters;
  readonly setFilter: (name: string, value: string) => void;
  readonly clear: () => void;
} {
  const filters = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const go = (search: Filters): void => {
    void navigate({ to: ".", search, replace: true } as unknown as Parameters<typeof navigate>[0]);
  };
  return {
    filters,
    setFilter: (name, value) => {
      const { [name]: _old, ...others } = filters;
      go(value === "" ? others : { ...others, [name]: value });
    },
    clear: () => go({}),
  };
}
