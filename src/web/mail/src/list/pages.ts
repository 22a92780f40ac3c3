import type { Flag, MessageItem, MessagePage } from '@appliance/crypto';
import type { InfiniteData } from '@tanstack/react-query';

/** A folder's loaded pages, newest first; a page is asked for by the uid it lies below. */
export type Pages = InfiniteData<MessagePage, number | undefined>;

export const messagesOf = (pages: Pick<Pages, 'pages'> | undefined): MessageItem[] => pages?.pages.flatMap(page => page.messages) ?? [];

/** Where the next older page begins, or undefined when there is none. */
export function olderThan(page: MessagePage): number | undefined {
  return page.more ? page.messages.at(-1)?.uid : undefined;
}

/**
 * Puts a fresh first page before what was loaded. When more has arrived than one page holds, nothing says what lies between, and when the
 * total does not add up, something further down went: then only the fresh page stays, and the rest is loaded again when it is scrolled to.
 */
export function withFreshPage(pages: Pages, fresh: MessagePage): Pages {
  const known = messagesOf(pages);
  const newestKnown = known[0]?.uid ?? 0;
  const oldestFresh = fresh.messages.at(-1)?.uid ?? 0;
  const lost = known.filter(message => message.uid >= oldestFresh && !fresh.messages.some(({ uid }) => uid === message.uid)).length;
  const total = (pages.pages[0]?.folder.total ?? 0) + arrivalsIn(pages, fresh).length - lost;
  if (!fresh.more || oldestFresh > newestKnown || fresh.folder.total !== total) return { pages: [fresh], pageParams: [undefined] };
  const older = pages.pages
    .map((page, index) => ({ page: { ...page, messages: page.messages.filter(message => message.uid < oldestFresh) }, param: pages.pageParams[index] }))
    .filter(({ page }) => page.messages.length > 0);
  return {
    pages: [fresh, ...older.map(({ page }) => page)],
    pageParams: [undefined, ...older.map(({ param }) => param)],
  };
}

/** The same pages without a message that is on its way elsewhere. */
export function without(pages: Pages, messageId: string): Pages {
  const gone = messagesOf(pages).find(message => message.ref.messageId === messageId);
  if (!gone) return pages;
  const unread = gone.flags.includes('seen') ? 0 : 1;
  return {
    ...pages,
    pages: pages.pages.map(page => ({
      ...page,
      folder: { ...page.folder, total: page.folder.total - 1, unread: Math.max(0, page.folder.unread - unread) },
      messages: page.messages.filter(message => message !== gone),
    })),
  };
}

/** The same pages with a message that went nowhere after all. One below all that is loaded comes with the next page. */
export function withAgain(pages: Pages, message: MessageItem): Pages {
  if (messagesOf(pages).some(({ uid }) => uid === message.uid)) return pages;
  const place = pages.pages.findIndex(page => !page.more || (page.messages.at(-1)?.uid ?? 0) < message.uid);
  const unread = message.flags.includes('seen') ? 0 : 1;
  return {
    ...pages,
    pages: pages.pages.map((page, index) => ({
      ...page,
      folder: { ...page.folder, total: page.folder.total + 1, unread: page.folder.unread + unread },
      messages: index === place ? [...page.messages, message].sort((one, other) => other.uid - one.uid) : page.messages,
    })),
  };
}

/** The first moment at which one of the messages is destroyed, in milliseconds. */
export function firstExpiry(messages: readonly MessageItem[]): number | null {
  const times = messages.flatMap(({ expiresAt }) => expiresAt === null ? [] : [Date.parse(expiresAt)]);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Messages the fresh page has above those known before. */
export function arrivalsIn(pages: Pages, fresh: MessagePage): MessageItem[] {
  const newestKnown = pages.pages[0]?.messages[0]?.uid ?? 0;
  return fresh.messages.filter(message => message.uid > newestKnown);
}

/** The same pages with a message's flag set or taken away, and the folder's unread count moved with it. */
export function withFlag(pages: Pages, messageId: string, flag: Flag, isSet: boolean): Pages {
  const before = messagesOf(pages).find(message => message.ref.messageId === messageId);
  if (!before || before.flags.includes(flag) === isSet) return pages;
  const unreadStep = flag === 'seen' ? (isSet ? -1 : 1) : 0;
  return {
    ...pages,
    pages: pages.pages.map(page => ({
      ...page,
      folder: { ...page.folder, unread: Math.max(0, page.folder.unread + unreadStep) },
      messages: page.messages.map(message => message === before
        ? { ...message, flags: isSet ? [...message.flags, flag] : message.flags.filter(other => other !== flag) }
        : message),
    })),
  };
}
