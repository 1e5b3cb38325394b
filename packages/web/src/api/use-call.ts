import type { Route } from "@poterne/contract";
import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type CallInput, call, type ReplyOf } from "./call.ts";

/** How a read behaves: refreshed every so often, or not made at all yet. */
export interface ReadOptions {
  readonly refreshMs?: number;
  readonly isEnabled?: boolean;
}

/** Reads a route and keeps the answer while the page changes its filters. */
export function useCall<R extends Route>(
  route: R,
  input: CallInput<R> = {},
  options: ReadOptions = {},
): UseQueryResult<ReplyOf<R>> {
  return useQuery({
    queryKey: [route.path, input.params ?? null, input.query ?? null],
    queryFn: ({ signal }) => call(route, { ...input, signal }),
    placeholderData: keepPreviousData,
    enabled: options.isEnabled ?? true,
    refetchInterval: options.refreshMs ?? false,
  }) as UseQueryResult<ReplyOf<R>>;
}

/** One page of a list, the same shape for every list of the API. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  readonly total: number;
  /** False where more match than `total`; lists that are always counted out do not say. */
  readonly isTotalExact?: boolean;
}

/** A list that grows by pages. */
export interface GrowingList<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  /** False where there are more than `total`. */
  readonly isTotalExact: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly canGrow: boolean;
  readonly isGrowing: boolean;
  readonly grow: () => void;
  readonly reload: () => void;
}

type ItemOf<R extends Route> = ReplyOf<R> extends { items: readonly (infer Item)[] } ? Item : never;

/** Reads a list page by page with the given filters; empty filters are left out. */
export function useList<R extends Route>(
  route: R,
  query: Readonly<Record<string, unknown>> = {},
  more: { readonly params?: CallInput<R>["params"]; readonly refreshMs?: number } = {},
): GrowingList<ItemOf<R>> {
  const list = useInfiniteQuery({
    queryKey: [route.path, "list", more.params ?? null, query],
    queryFn: async ({ pageParam, signal }) => {
      const paged = { ...query, cursor: pageParam } as unknown as NonNullable<CallInput<R>["query"]>;
      const input = { ...(more.params === undefined ? {} : { params: more.params }), query: paged, signal };
      return (await call(route, input)) as unknown as Page<ItemOf<R>>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: more.refreshMs ?? false,
  });
  return {
    items: list.data?.pages.flatMap((page) => page.items) ?? [],
    total: list.data?.pages[0]?.total ?? 0,
    isTotalExact: list.data?.pages[0]?.isTotalExact ?? true,
    isLoading: list.isPending,
    error: list.error,
    canGrow: list.hasNextPage,
    isGrowing: list.isFetchingNextPage,
    grow: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

/** Calls a route that changes something; everything on the page is read again afterwards, or, when `isLeaving`, later. */
export function useAction<R extends Route>(
  route: R,
  onDone?: (reply: ReplyOf<R>) => unknown,
  isLeaving = false,
): UseMutationResult<ReplyOf<R>, Error, CallInput<R>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: CallInput<R>) => call(route, input),
    onSuccess: async (reply) => {
      onDone?.(reply);
      await client.invalidateQueries(isLeaving ? { refetchType: "none" } : {});
    },
  });
}
