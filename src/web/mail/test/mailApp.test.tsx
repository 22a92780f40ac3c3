// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { MailApp } from '../src/shell/MailApp.tsx';
import { account, Around, draw, find, inbox, newQueries, opened, page, settled, until } from './screen.tsx';

const dialogs = () => [...document.querySelectorAll('[role=dialog]')].map(dialog => dialog.getAttribute('aria-label') ?? dialog.querySelector('h2')?.textContent);

test.each(['Settings', 'Keyboard shortcuts'])('on a narrow screen %s is not behind the folders, and leaves the focus on what opens them', async name => {
  const vault = {
    list: () => Promise.resolve(page([1])),
    onChanged: () => () => undefined,
    retention: () => Promise.resolve({ days: null, policyDays: null, suggestsSenderExpiry: true }),
    senderRules: () => Promise.resolve([]),
  };
  await draw(<Around vault={vault} queries={newQueries()}><MailApp /></Around>);
  await settled(() => find('[aria-label="Open folders"]').click());
  await settled(() => find('button', account.address).click());
  expect(dialogs()).toContain('Folders');
  await settled(() => find('button', name).click());
  await until(() => dialogs().includes(name));
  expect(dialogs()).toEqual([name]);
  for (let wait = 0; wait < 20; wait++) await settled();
  expect(find('[role=dialog]').contains(document.activeElement)).toBe(true);
  await settled(() => find('[aria-label=Close]').click());
  await until(() => document.activeElement === find('[aria-label="Open folders"]'));
});

const vaultWith = (uids: number[]) => ({
  list: () => Promise.resolve(page(uids)),
  read: () => Promise.resolve(opened),
  move: () => Promise.resolve(),
  onChanged: () => () => undefined,
  retention: () => Promise.resolve({ days: null, policyDays: null, suggestsSenderExpiry: false }),
  senderRules: () => Promise.resolve([]),
});

test('whoever files a message with its own button, or takes that back, is on the list afterwards', async () => {
  history.replaceState(null, '', '/inbox/2');
  await draw(<Around vault={vaultWith([3, 2, 1])} queries={newQueries()}><MailApp /></Around>);
  for (const button of ['main [aria-label="Move to Trash"]', '[role=status] button']) {
    await until(() => document.querySelector(button) !== null);
    find(button).focus();
    await settled(() => find(button).click());
    await until(() => document.activeElement === find('#messages'));
  }
});

test('whoever files the last message of a folder is where the list was', async () => {
  history.replaceState(null, '', '/inbox/1');
  await draw(<Around vault={vaultWith([1])} queries={newQueries()}><MailApp /></Around>);
  await until(() => document.querySelector('main [aria-label="Move to Trash"]') !== null);
  find('main [aria-label="Move to Trash"]').focus();
  await settled(() => find('main [aria-label="Move to Trash"]').click());
  await until(() => document.body.textContent.includes('inbox is empty'));
  await until(() => document.activeElement === find('#messages'));
});

test('how many are unread is said in words', async () => {
  const unread = page([1], { ...inbox, unread: 1 });
  const vault = { list: () => Promise.resolve(unread), onChanged: () => () => undefined, senderRules: () => Promise.resolve([]) };
  const queries = newQueries();
  queries.setQueryData(['folder', 'm', inbox.folderId], unread.folder);
  await draw(<Around vault={vault} queries={queries}><MailApp /></Around>);
  await settled(() => find('[aria-label="Open folders"]').click());
  await until(() => document.querySelector('nav') !== null);
  expect(find('nav a', 'Inbox').textContent).toContain('1 unread');
});

test.each([[0, []], [1, [1]]])('the way past the folders leads to the messages, also where there are %i', async (_, uids) => {
  history.replaceState(null, '', '/inbox');
  const vault = { list: () => Promise.resolve(page(uids)), onChanged: () => () => undefined, senderRules: () => Promise.resolve([]) };
  await draw(<Around vault={vault} queries={newQueries()}><MailApp /></Around>);
  await until(() => document.body.textContent.includes('inbox is empty') || document.querySelector('#message-1') !== null);
  const target = find(find('a[href^="#"]').getAttribute('href') ?? '');
  target.focus();
  expect(document.activeElement).toBe(target);
  expect(document.querySelectorAll('#messages').length).toBe(1);
});
