import type { FolderInfo, MessageItem } from '@appliance/crypto';
import { StateMessage } from '@appliance/ui';
import { Skeleton } from '@mantine/core';
import { IconAlertCircle, IconInbox } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { describeError } from '../errors.ts';
import { useSession } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import classes from './MessageList.module.css';
import { MessageRow } from './MessageRow.tsx';
import type { useMessages } from './useMailbox.ts';

const rowHeight = 84;

interface MessageListProps {
  folder: FolderInfo;
  query: ReturnType<typeof useMessages>;
  messages: MessageItem[];
  active: string | null;
  opened: string | null;
  arrived: ReadonlySet<string>;
  onActive: (messageId: string) => void;
  onOpen: (messageId: string) => void;
}

/** A listbox of which only the rows in view exist; `aria-activedescendant` names the active one, so focus stays on the list. */
export function MessageList({ folder, query, messages, active, opened, arrived, onActive, onOpen }: MessageListProps) {
  const t = useTexts();
  const { account } = useSession();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- rows are drawn from its answers in this component alone
  const rows = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: index => messages[index]?.ref.messageId ?? index,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();

  const isNearEnd = (shown.at(-1)?.index ?? 0) >= messages.length - 10;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  const activeIndex = messages.findIndex(message => message.ref.messageId === active);
  const lastActive = useRef(active);
  useEffect(() => {
    if (active !== lastActive.current && activeIndex >= 0) rows.scrollToIndex(activeIndex);
    lastActive.current = active;
  }, [active, activeIndex, rows]);

  if (query.isPending) return <ListSkeleton label={t.loading} />;
  if (query.isError && messages.length === 0) {
    return (
      <StateMessage icon={<IconAlertCircle size={40} stroke={1.2} />} title={t.list.failed} role="alert" retry={{ label: t.retry, onClick: () => void query.refetch() }}>
        {describeError(query.error, t)}
      </StateMessage>
    );
  }
  if (messages.length === 0) {
    return folder.role === 'inbox'
      ? <StateMessage icon={<IconInbox size={40} stroke={1.2} />} title={t.list.emptyInbox} role="status">{t.list.emptyInboxHint(account.address)}</StateMessage>
      : <StateMessage icon={<IconInbox size={40} stroke={1.2} />} title={t.list.empty} role="status" />;
  }

  function move(event: KeyboardEvent): void {
    const last = messages.length - 1;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to = { ArrowDown: activeIndex + 1, ArrowUp: activeIndex - 1, Home: 0, End: last, PageDown: activeIndex + page, PageUp: activeIndex - page }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const target = messages[Math.min(last, Math.max(0, to))];
    if (target) onActive(target.ref.messageId);
  }

  return (
    <div ref={scroller} className={classes.scroller}>
      <div
        id="messages"
        role="listbox"
        tabIndex={0}
        aria-label={t.list.label}
        aria-activedescendant={shown.some(row => row.index === activeIndex) ? `message-${active}` : undefined}
        className={classes.rows}
        style={{ height: rows.getTotalSize() }}
        onKeyDown={move}
        onFocus={event => {
          const first = messages[0];
          // Not with a pointer: scrolling to the first would take the row away from under it before it is let go.
          if (activeIndex < 0 && first && event.currentTarget.matches(':focus-visible')) onActive(first.ref.messageId);
        }}
      >
        {shown.map(row => {
          const message = messages[row.index];
          return message && (
            <MessageRow
              key={row.key}
              message={message}
              folder={folder.role}
              position={row.index + 1}
              count={Math.max(folder.total, messages.length)}
              top={row.start}
              height={rowHeight}
              isActive={message.ref.messageId === active}
              isOpened={message.ref.messageId === opened}
              isNew={arrived.has(message.ref.messageId)}
              onOpen={onOpen}
            />
          );
        })}
      </div>
      {isFetchingNextPage && <ListSkeleton label={t.list.more} rows={2} />}
      {isFetchNextPageError && (
        <StateMessage icon={<IconAlertCircle size={24} />} title={t.list.failed} role="alert" retry={{ label: t.retry, onClick: () => void fetchNextPage() }} />
      )}
    </div>
  );
}

function ListSkeleton({ label, rows = 8 }: { label: string; rows?: number }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={classes.skeleton} style={{ height: rowHeight }} aria-hidden="true">
          <Skeleton height={10} width={`${30 + (index * 17) % 25}%`} />
          <Skeleton height={10} width={`${50 + (index * 23) % 35}%`} mt={10} />
          <Skeleton height={8} width="85%" mt={10} />
        </div>
      ))}
    </div>
  );
}
