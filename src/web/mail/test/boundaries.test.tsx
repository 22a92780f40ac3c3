// @vitest-environment jsdom
import type { OpenedMessage, Vault } from '@appliance/crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { MailApp } from '../src/shell/MailApp.tsx';
import { start } from '../src/start.tsx';
import { account, Around, draw, find, item, newQueries, opened, page, settled, until } from './screen.tsx';

// React tells there of every error it meets, caught or not.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));

async function mailWith(message: OpenedMessage, messages = page([2, 1])): Promise<void> {
  history.replaceState(null, '', '/inbox/2');
  const vault = {
    list: () => Promise.resolve(messages),
    read: ({ messageId }: { messageId: string }) => Promise.resolve(messageId === '2' ? message : opened),
    original: () => Promise.resolve(new Blob(['Subject: Minutes'])),
    onChanged: () => () => undefined,
    setFlags: () => Promise.resolve(),
    senderRules: () => Promise.resolve([]),
    retention: () => Promise.resolve({ days: null, policyDays: null, suggestsSenderExpiry: false }),
  } satisfies Partial<Vault>;
  await draw(<Around vault={vault} queries={newQueries()}><MailApp /></Around>);
}

const isUnshown = () => document.querySelector('main [role=alert]')?.textContent.includes('This message cannot be shown') === true;

test('a message that cannot be drawn can be had as it came, and the next one is read', async () => {
  await mailWith({ ...opened, summary: { ...opened.summary, to: null as never } });
  await until(isUnshown);
  for (const [button, content] of [['All headers', 'Minutes'], ['Original message', 'Subject: Minutes']] as const) {
    await settled(() => find('main [role=alert] button', button).click());
    await until(() => document.querySelector('[role=dialog]')?.textContent.includes(content) === true);
    await settled(() => find('[role=dialog] [aria-label=Close]').click());
    await until(() => document.querySelector('[role=dialog]') === null);
  }
  await settled(() => find('#message-1').click());
  await until(() => document.querySelector('article')?.textContent.includes('Hello') === true);
});

test('it is drawn once it can be', async () => {
  let isBroken = true;
  const summary = { ...opened.summary, get from() {
    if (isBroken) throw new Error('Nobody thought of this.');
    return [];
  } };
  await mailWith({ ...opened, summary });
  await until(isUnshown);
  isBroken = false;
  await settled(() => find('main [role=alert] button', 'Try again').click());
  expect(find('article').textContent).toContain('Hello');
});

test('a row that cannot be drawn says so among the others', async () => {
  const rows = page([2, 1]);
  rows.messages[0] = { ...item(2), summary: { ...opened.summary, mime: null as never }, broken: null };
  await mailWith(opened, rows);
  await until(() => document.querySelector('#message-1') !== null);
  expect(find('#message-2').textContent).toBe('This message cannot be shown');
});

test('a client that cannot be drawn says so, and offers to begin anew', async () => {
  history.replaceState(null, '', '/inbox');
  const root = document.body.appendChild(document.createElement('div'));
  root.id = 'root';
  const nothing = { ...account, mailboxes: [{ mailboxId: 'm', addresses: [], folders: [] }] };
  vi.stubGlobal('isSecureContext', true);
  await settled(() => start(() => ({ resume: () => Promise.resolve(nothing) }) as Partial<Vault> as Vault));
  await until(() => root.querySelector('[role=alert]')?.textContent.includes('Something went wrong on this page') === true);
  expect(find('#root button', 'Reload')).not.toBeNull();
});
