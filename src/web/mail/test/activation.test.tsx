// @vitest-environment jsdom
import { ApiError } from '@appliance/api';
import type { LinkInfo, Vault } from '@appliance/crypto';
import { afterEach, expect, test } from 'vitest';
import { App } from '../src/App.tsx';
import { Around, draw, find, newQueries, settled, type, until } from './screen.tsx';

const over = () => Promise.reject(new ApiError('link-unknown', 404, ''));

/** The page of a link, for somebody who is not signed in. */
async function openLink(vault: Partial<Vault>): Promise<void> {
  history.replaceState(null, '', '/activate#token');
  const all: Partial<Vault> = { resume: () => Promise.resolve(null), ...vault };
  await draw(<Around vault={all} queries={newQueries()}><App vault={all as Vault} /></Around>);
  await until(() => document.querySelector('button') !== null);
}

afterEach(() => history.replaceState(null, '', '/'));

test('a link that is used or too old says so, and leads to the sign-in page', async () => {
  await openLink({ lookUpLink: over });
  expect(find('main').textContent).toContain('has been used or has expired');
  expect(document.activeElement).toBe(find('h1', 'no longer works'));
  await settled(() => find('button', 'Sign in').click());
  await until(() => document.querySelector('input[type=password]') !== null);
  expect(location.pathname + location.hash).toBe('/inbox');
});

test('and so does one that went while the password was chosen', async () => {
  const link: LinkInfo = { kind: 'invitation', domain: 'home.example', address: 'ann@home.example', accountId: 'a', mailboxId: 'm', expiresAt: '2026-01-08T00:00:00Z' };
  await openLink({ lookUpLink: () => Promise.resolve(link), activate: over });
  await settled(() => find('button[type=submit]').click());
  for (const field of document.querySelectorAll<HTMLInputElement>('input[type=password]')) await settled(() => type(field, 'a boat in the garden'));
  await settled(() => find('button[type=submit]').click());
  expect(find('main').textContent).toContain('has been used or has expired');
});

test('a server out of reach can be asked again', async () => {
  await openLink({ lookUpLink: () => Promise.reject(new ApiError('offline', 0, '')) });
  expect(find('[role=alert]').textContent).toContain('cannot be reached');
  find('button', 'Try again');
});
