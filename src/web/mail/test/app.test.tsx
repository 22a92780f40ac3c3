// @vitest-environment jsdom
import { ApiError } from '@appliance/api';
import type { Vault } from '@appliance/crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { App } from '../src/App.tsx';
import { readRoute } from '../src/route.ts';
import { account, Around, draw, find, newQueries, page, settled, until } from './screen.tsx';

afterEach(() => history.replaceState(null, '', '/'));

/** A tab of the one browser, with a vault of its own. */
async function tab() {
  let ended: () => void = () => undefined;
  const vault = {
    resume: () => Promise.resolve(account),
    list: () => Promise.resolve(page([1])),
    onChanged: (...[, , end]: Parameters<Vault['onChanged']>) => {
      ended = end;
      return () => undefined;
    },
    lock: vi.fn(() => Promise.resolve()),
    signOut: vi.fn(() => Promise.resolve()),
    senderRules: () => Promise.reject(new ApiError('offline', 0, '')),
  } satisfies Partial<Vault>;
  const place = await draw(<Around vault={vault} queries={newQueries()}><App vault={vault as Partial<Vault> as Vault} /></Around>);
  const isOpen = () => place.querySelector('[role=listbox]') !== null;
  await until(isOpen);
  return {
    place, vault, isOpen,
    end: () => settled(ended),
  };
}

test('signing out in one tab locks the others at once', async () => {
  const one = await tab();
  const other = await tab();
  await settled(() => one.place.querySelector<HTMLElement>('[aria-label="Open folders"]')?.click());
  await settled(() => find('button', account.address).click());
  await settled(() => find('button', 'Sign out').click());
  expect(one.isOpen()).toBe(false);
  await until(() => !other.isOpen());
  expect(other.place.textContent).not.toContain('Your session has ended');
  expect(other.vault.lock).toHaveBeenCalled();
  // It is over already, and somebody may have signed in anew.
  expect(other.vault.signOut).not.toHaveBeenCalled();
});

test('a tab that is still opening when another signs out is locked too', async () => {
  let resumed: (found: null) => void = () => undefined;
  const vault = { resume: () => new Promise<null>(resolve => resumed = resolve), lock: vi.fn(() => Promise.resolve()) } satisfies Partial<Vault>;
  await draw(<Around vault={vault} queries={newQueries()}><App vault={vault as Partial<Vault> as Vault} /></Around>);
  const elsewhere = new BroadcastChannel('signed-out');
  elsewhere.postMessage(null);
  await until(() => document.querySelector('input[type=password]') !== null);
  expect(vault.lock).toHaveBeenCalled();
  // Overtaken by the lock, the vault opened nothing.
  await settled(() => resumed(null));
  expect(document.querySelector('input[type=password]')).not.toBeNull();
  elsewhere.close();
});

test('a session that the server ended is over here too, and says so', async () => {
  const one = await tab();
  await one.end();
  expect(one.isOpen()).toBe(false);
  expect(one.place.textContent).toContain('Your session has ended');
  expect(one.vault.lock).toHaveBeenCalled();
});

test.each(['/', '/inbox', '/junk/', '/inbox/0a1b', '/activate'])('%s is a page', path => {
  expect(readRoute(path, '').isPage).toBe(true);
});

test.each(['/compose', '/admin', '/Inbox', '/inbox/0a1b/more', '/inbox2'])('%s is none', path => {
  expect(readRoute(path, '').isPage).toBe(false);
});

test('where there is no page it says so, and the mail is a step away', async () => {
  history.replaceState(null, '', '/compose');
  const vault: Partial<Vault> = { resume: () => Promise.resolve(null) };
  await draw(<Around vault={vault} queries={newQueries()}><App vault={vault as Vault} /></Around>);
  expect(document.title).toContain('no such page');
  await settled(() => find('button', 'Open my mail').click());
  await until(() => document.querySelector('input[type=password]') !== null);
  expect(location.pathname).toBe('/inbox');
});
