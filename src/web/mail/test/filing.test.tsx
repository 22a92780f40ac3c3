// @vitest-environment jsdom
import { ApiError } from '@appliance/api';
import type { MailboxChange, MessagePage, Vault } from '@appliance/crypto';
import { expect, test, vi } from 'vitest';
import { useFiling } from '../src/filing/useFiling.ts';
import type { Notice } from '../src/filing/NoticeBar.tsx';
import { messagesOf, type Pages } from '../src/list/pages.ts';
import { messagesKey, useFlatMessages, useLiveMailbox, useMessages } from '../src/list/useMailbox.ts';
import { Around, draw, inbox, item, newQueries, page, settled, trash } from './screen.tsx';

const offline = () => Promise.reject(new ApiError('offline', 0, 'no server'));

/** The inbox as it is kept, of a server that goes and comes. */
async function drawn(filing: Partial<Vault>) {
  const queries = newQueries();
  const notices: (Notice | null)[] = [];
  const server = { isThere: true, page: page([3, 2, 1]) };
  let filed: ReturnType<typeof useFiling> | undefined;
  let changed: (change: MailboxChange) => void = () => undefined;
  const list = vi.fn((): Promise<MessagePage> => server.isThere ? Promise.resolve(server.page) : offline());
  const vault: Partial<Vault> = {
    list,
    onChanged: handler => {
      changed = handler;
      return () => undefined;
    },
    ...filing,
  };
  function Inbox() {
    const query = useMessages(inbox);
    useLiveMailbox(inbox, useFlatMessages(query.data));
    const filing = useFiling([inbox, trash], notice => notices.push(notice));
    return <button onClick={() => (filed = filing)}>{query.status}</button>;
  }
  const place = await draw(<Around vault={vault} queries={queries}><Inbox /></Around>);
  await settled(() => place.querySelector('button')?.click());
  if (!filed) throw new Error('Nothing was drawn.');
  return {
    ...filed, server, list, notices,
    connected: (highestModSeq: number) => settled(() => changed({ mailboxId: 'm', highestModSeq })),
    uids: () => messagesOf(queries.getQueryData<Pages>(messagesKey('m', inbox.folderId))).map(({ uid }) => uid),
  };
}

test.each(['move', 'destroy'] as const)('without a server a message that was to be filed (%s) is in the list again', async how => {
  const { move, destroy, server, notices, uids } = await drawn({ move: offline, destroy: offline });
  server.isThere = false;
  await settled(() => how === 'move' ? move(item(2), inbox, 'trash') : destroy(item(2), inbox));
  expect(uids()).toEqual([3, 2, 1]);
  expect(notices.at(-1)?.text).toContain('cannot be reached');
});

test('and asked for again as soon as the server is there', async () => {
  const { move, server, list, connected, uids } = await drawn({ move: offline });
  server.isThere = false;
  await settled(() => move(item(2), inbox, 'trash'));
  Object.assign(server, { isThere: true, page: page([3]) });
  await connected(1);
  expect(uids()).toEqual([3]);

  list.mockClear();
  await connected(1);
  expect(list).not.toHaveBeenCalled();
});

test('a message that was filed stays away when the sender’s rule does not follow', async () => {
  const { move, server, uids } = await drawn({ move: () => Promise.resolve(), senderRules: offline });
  server.isThere = false;
  await settled(() => move({ ...item(2), flags: [] }, inbox, 'trash'));
  expect(uids()).toEqual([3, 1]);
});
