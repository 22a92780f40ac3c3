// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { ExpiryMenu } from '../src/filing/ExpiryMenu.tsx';
import { Reader } from '../src/reader/Reader.tsx';
import { Around, draw, find, item, newQueries, opened, settled, until } from './screen.tsx';

async function drawn(message = opened): Promise<void> {
  const vault = { read: () => Promise.resolve(message), original: () => Promise.resolve(new Blob(['Subject: Minutes'])), senderRules: () => Promise.resolve([]) };
  await draw(
    <Around vault={vault} queries={newQueries()}>
      <Reader
        messageId="1" item={item(1)} senderItems={null} onBack={() => undefined} onSeen={() => undefined} onDestroyAt={() => undefined}
        actions={<ExpiryMenu item={item(1)} onWish={() => undefined} />}
      />
    </Around>,
  );
  await until(() => document.querySelector('article') !== null);
}

test.each([['More actions', 'All headers'], ['More actions', 'Original message'], ['Destroy later', 'Choose date and time…']])('%s has the focus again after “%s”', async (menu, entry) => {
  await drawn();
  const button = find(`[aria-label="${menu}"]`);
  await settled(() => button.click());
  await settled(() => find('[role=menuitem]', entry).focus());
  await settled(() => find('[role=menuitem]', entry).click());
  await until(() => document.querySelector('[role=dialog]')?.contains(document.activeElement) === true);
  await settled(() => find('[role=dialog] [aria-label=Close]').click());
  await until(() => document.activeElement === button && document.querySelector('[role=dialog]') === null);
});

test.each(['More actions', 'Destroy later'])('what %s is called does not lie over its menu', async menu => {
  await drawn();
  const button = find(`[aria-label="${menu}"]`);
  const isTold = () => [...document.querySelectorAll('[role=tooltip]')].some(tooltip => tooltip.textContent === menu);
  await settled(() => button.dispatchEvent(new MouseEvent('mouseenter')));
  await until(isTold);
  await settled(() => button.click());
  await until(() => document.querySelector('[role=menu]') !== null && !isTold());
});

test('of what is too long to be shown it says where it is', async () => {
  await drawn({ ...opened, text: null, isCut: true });
  expect(find('article').textContent).toContain('too long to be shown whole');
  expect(find('article').textContent).not.toContain('has no text');
});
