// @vitest-environment jsdom
import { formatMessageDate } from '@appliance/ui';
import { expect, test } from 'vitest';
import { ExpiryNote } from '../src/filing/ExpiryNote.tsx';
import { Around, draw, item, newQueries } from './screen.tsx';

async function told(seconds: number): Promise<[text: string, at: Date]> {
  const expiresAt = new Date(Date.now() + seconds * 1_000).toISOString();
  const expiry = { sender: null, member: null, folder: expiresAt, account: null, policy: null, burnAfterMinutes: null, openedAt: null };
  const place = await draw(<Around vault={{}} queries={newQueries()}><ExpiryNote item={{ ...item(1), expiresAt, expiry }} /></Around>);
  return [place.textContent, new Date(expiresAt)];
}

test('a message just moved to Trash is destroyed on a day, not a day too early', async () => {
  const [text, at] = await told(30 * 86_400 - 60);
  expect(text).toContain(`Will be destroyed on ${formatMessageDate(at, 'en')}: messages here are destroyed 30 days after`);
});

test('what is near is counted down', async () => {
  expect((await told(30 * 60))[0]).toContain('Destroyed in 29 minutes:');
});
