// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { NoticeBar, shownFor } from '../src/filing/NoticeBar.tsx';
import { Around, draw, find, newQueries, settled } from './screen.tsx';

afterEach(() => vi.useRealTimers());

test.each([
  ['has the focus', () => find('button', 'Undo').focus(), () => find('button', 'Undo').blur()],
  ['is under the pointer', () => find('[role=status] > div').dispatchEvent(new MouseEvent('mouseover', { bubbles: true })), () => find('[role=status] > div').dispatchEvent(new MouseEvent('mouseout', { bubbles: true }))],
])('what was done stays as long as it %s, and as long as ever after that', async (_, hold, leave) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const onClose = vi.fn();
  await draw(<Around vault={{}} queries={newQueries()}><NoticeBar notice={{ text: 'Moved', undo: () => undefined }} onClose={onClose} onAnswered={() => undefined} /></Around>);
  await settled(hold);
  await settled(() => vi.advanceTimersByTime(3 * shownFor));
  expect(onClose).not.toHaveBeenCalled();
  await settled(leave);
  await settled(() => vi.advanceTimersByTime(shownFor / 2));
  expect(onClose).not.toHaveBeenCalled();
  await settled(() => vi.advanceTimersByTime(shownFor / 2));
  expect(onClose).toHaveBeenCalledOnce();
});
