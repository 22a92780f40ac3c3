// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { AccountMenu } from '../src/shell/AccountMenu.tsx';
import { account, Around, draw, find, newQueries, settled } from './screen.tsx';

test('each button of the menu has a line of its own, as “Keyboard shortcuts” needs one', async () => {
  await draw(<Around vault={{}} queries={newQueries()}><AccountMenu onHelp={() => undefined} onSettings={() => undefined} /></Around>);
  await settled(() => find('button', account.address).click());
  const places = ['Settings', 'Keyboard shortcuts', 'Sign out'].map(name => find('button', name).parentElement);
  expect(new Set(places).size).toBe(1);
});

test('what the menu opens finds the focus where it can give it back to', async () => {
  const onSettings = vi.fn(() => document.activeElement);
  await draw(<Around vault={{}} queries={newQueries()}><AccountMenu onHelp={() => undefined} onSettings={onSettings} /></Around>);
  const button = find('button', account.address);
  await settled(() => button.click());
  await settled(() => find('button', 'Settings').focus());
  await settled(() => find('button', 'Settings').click());
  expect(onSettings).toHaveReturnedWith(button);
});
