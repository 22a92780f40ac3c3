import type { FolderInfo, Flag, MessageItem } from '@appliance/crypto';
import { useInfiniteQuery, useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useState } from 'react';
import { useSession, useVault } from '../session.ts';
import { arrivalsIn, firstExpiry, messagesOf, olderThan, type Pages, withFlag, withFreshPage } from './pages.ts';

const pageSize = 50;
const longestTimer = 86_400_000;

export const messagesKey = (mailboxId: string, folderId: string) => ['messages', mailboxId, folderId] as const;
const folderKey = (mailboxId: string, folderId: string) => ['folder', mailboxId, folderId] as const;

export function useMessages(folder: FolderInfo) {
  const vault = useVault();
  const { mailboxId } = useSession();
  return useInfiniteQuery({
    queryKey: messagesKey(mailboxId, folder.folderId),
    queryFn: ({ pageParam }) => vault.list({ mailboxId, folderId: folder.folderId, limit: pageSize, ...pageParam !== undefined && { before: pageParam } }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: olderThan,
    // Changes are told by events; asking again for every page would cost one private-key operation a message.
    staleTime: Infinity,
  });
}

/** The folders with their present counts. */
export function useFolders(): FolderInfo[] {
  const vault = useVault();
  const { account, mailboxId } = useSession();
  const folders = account.mailboxes.find(mailbox => mailbox.mailboxId === mailboxId)?.folders ?? [];
  return useQueries({
    queries: folders.map(folder => ({
      queryKey: folderKey(mailboxId, folder.folderId),
      queryFn: async () => (await vault.list({ mailboxId, folderId: folder.folderId, limit: 1 })).folder,
      initialData: folder,
      staleTime: Infinity,
    })),
    combine: results => results.map(result => result.data),
  });
}

/** Keeps the shown folder and all counts up to date while the page is open; tells what has just arrived. */
export function useLiveMailbox(shown: FolderInfo, messages: readonly MessageItem[]): { isOnline: boolean; arrivals: MessageItem[] } {
  const vault = useVault();
  const queries = useQueryClient();
  const { mailboxId, ended } = useSession();
  const [isOnline, setOnline] = useState(true);
  const [arrivals, setArrivals] = useState<MessageItem[]>([]);

  const refresh = useEffectEvent(async (): Promise<void> => {
    const key = messagesKey(mailboxId, shown.folderId);
    // Other folders load afresh when they are opened.
    queries.removeQueries({ queryKey: ['messages', mailboxId], predicate: query => query.queryKey[2] !== shown.folderId });
    void queries.invalidateQueries({ queryKey: ['folder', mailboxId] });
    void queries.invalidateQueries({ queryKey: ['refusals', mailboxId] });
    if (!queries.getQueryData(key)) return queries.invalidateQueries({ queryKey: key });
    const fresh = await vault.list({ mailboxId, folderId: shown.folderId, limit: pageSize });
    const before = queries.getQueryData<Pages>(key);
    if (!before) return;
    const arrived = arrivalsIn(before, fresh);
    const after = withFreshPage(before, fresh);
    queries.setQueryData(key, after);
    // What went from here may be open: asked for again it says whether it is elsewhere or no more.
    const left = new Set(messagesOf(after).map(message => message.ref.messageId));
    for (const { ref } of messagesOf(before))
      if (!left.has(ref.messageId)) void queries.resetQueries({ queryKey: ['opened', mailboxId, ref.messageId] });
    if (arrived.length > 0) setArrivals(arrived);
  });

  // On each connection the server says where it stands, which is mostly where we are. A list that could not be asked for again may be wrong.
  const isNews = useEffectEvent((modSeq: number) => {
    const state = queries.getQueryState<Pages>(messagesKey(mailboxId, shown.folderId));
    return state?.isInvalidated === true || modSeq > (state?.data?.pages[0]?.highestModSeq ?? 0);
  });

  useEffect(() => {
    let isRefreshing = false;
    let isWaiting = false;
    // One refresh at a time; changes that come meanwhile make one more.
    async function run(): Promise<void> {
      isWaiting = true;
      if (isRefreshing) return;
      isRefreshing = true;
      while (isWaiting) {
        isWaiting = false;
        await refresh().catch(() => setOnline(false));
      }
      isRefreshing = false;
    }
    return vault.onChanged(change => {
      if (change.mailboxId === mailboxId && isNews(change.highestModSeq)) void run();
    }, setOnline, ended);
  }, [vault, mailboxId, ended]);

  // When a message's time has come the server is asked, for its clock is the one that counts.
  useEffect(() => {
    const first = firstExpiry(messages);
    if (first === null) return;
    const timer = setTimeout(() => void refresh().catch(() => setOnline(false)), Math.min(Math.max(first - Date.now() + 300, 1_000), longestTimer));
    return () => clearTimeout(timer);
  }, [messages]);

  return { isOnline, arrivals };
}

/** Sets or clears a flag, shown at once and taken back when the server does not follow. */
export function useFlag(folder: FolderInfo) {
  const vault = useVault();
  const queries = useQueryClient();
  const { mailboxId } = useSession();
  const key = messagesKey(mailboxId, folder.folderId);
  const show = (messageId: string, flag: Flag, isSet: boolean) => {
    const before = queries.getQueryData<Pages>(key);
    if (!before) return;
    const after = withFlag(before, messageId, flag, isSet);
    queries.setQueryData(key, after);
    const counts = after.pages[0]?.folder;
    if (counts && after !== before) queries.setQueryData(folderKey(mailboxId, folder.folderId), counts);
  };
  return useMutation({
    mutationFn: ({ messageId, flag, isSet }: { messageId: string; flag: Flag; isSet: boolean }) =>
      vault.setFlags({ mailboxId, messageIds: [messageId], add: isSet ? [flag] : [], remove: isSet ? [] : [flag] }),
    onMutate: ({ messageId, flag, isSet }) => show(messageId, flag, isSet),
    onError: (_, { messageId, flag, isSet }) => show(messageId, flag, !isSet),
  });
}

export function useFlatMessages(pages: Pick<Pages, 'pages'> | undefined): MessageItem[] {
  return useMemo(() => messagesOf(pages), [pages]);
}
