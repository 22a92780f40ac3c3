// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { MessageList } from '../src/list/MessageList.tsx';
import type { useMessages } from '../src/list/useMailbox.ts';
import { Around, draw, find, inbox, item, newQueries, settled } from './screen.tsx';

const messages = Array.from({ length: 200 }, (_, index) => item(200 - index));
const query = { isPending: false, isError: false, hasNextPage: false } as ReturnType<typeof useMessages>;

async function drawn(): Promise<(messageId: string) => void> {
  const onActive = vi.fn();
  await draw(
    <Around vault={{}} queries={newQueries()}>
      <MessageList folder={inbox} query={query} messages={messages} active={null} opened={null} arrived={new Set()} onActive={onActive} onOpen={() => undefined} />
    </Around>,
  );
  return onActive;
}

test('a click on a row gives the list the focus and leaves it where it was scrolled to', async () => {
  const onActive = await drawn();
  await settled(() => {
    find('[role=option]').dispatchEvent(new MouseEvent('mousedown', { bubbles: true }));
    find('[role=listbox]').focus();
  });
  expect(onActive).not.toHaveBeenCalled();
});

test('a list reached by the keyboard has an active message', async () => {
  const onActive = await drawn();
  await settled(() => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab', bubbles: true }));
    find('[role=listbox]').focus();
  });
  expect(onActive).toHaveBeenCalledWith('200');
});
