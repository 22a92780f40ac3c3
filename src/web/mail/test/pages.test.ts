import type { MessageItem, MessagePage } from '@appliance/crypto';
import { expect, test } from 'vitest';
import { arrivalsIn, firstExpiry, messagesOf, olderThan, type Pages, withAgain, withFlag, withFreshPage, without } from '../src/list/pages.ts';

const item = (uid: number): MessageItem =>
  ({ ref: { mailboxId: 'm', messageId: `${uid}` }, uid, arrivedAt: '2026-01-01T00:00:00Z', size: 1, flags: [], expiresAt: null, expiry: null, summary: null, broken: 'key' });
const page = (uids: number[], more: boolean, total = 9): MessagePage =>
  ({ folder: { folderId: 'f', role: 'inbox', total, unread: 9 }, highestModSeq: 1, messages: uids.map(item), more });
const pages = (...all: MessagePage[]): Pages => ({ pages: all, pageParams: [undefined, ...all.slice(0, -1).map(olderThan)] });
const uids = (loaded: Pages) => messagesOf(loaded).map(message => message.uid);

test('an older page is asked for below the last message, and not when there is none', () => {
  expect(olderThan(page([5, 4], true))).toBe(4);
  expect(olderThan(page([5, 4], false))).toBeUndefined();
});

test('what arrived comes before what was loaded, each message once', () => {
  const loaded = pages(page([4, 3], true), page([2, 1], false));
  const fresh = page([5, 4], true, 10);
  expect(uids(withFreshPage(loaded, fresh))).toEqual([5, 4, 3, 2, 1]);
  expect(arrivalsIn(loaded, fresh).map(message => message.uid)).toEqual([5]);
});

test('a gap is not papered over: only the fresh page stays', () => {
  expect(uids(withFreshPage(pages(page([4, 3], true)), page([9, 8], true)))).toEqual([9, 8]);
});

test('what was taken away goes from the first page', () => {
  expect(uids(withFreshPage(pages(page([4, 3], true), page([2, 1], false)), page([4, 2], true, 8)))).toEqual([4, 2, 1]);
});

test('a flag moves the unread count once', () => {
  const seen = withFlag(pages(page([2, 1], false)), '2', 'seen', true);
  expect(messagesOf(seen)[0]?.flags).toEqual(['seen']);
  expect(seen.pages[0]?.folder.unread).toBe(8);
  expect(withFlag(seen, '2', 'seen', true)).toBe(seen);
  expect(withFlag(seen, '2', 'seen', false).pages[0]?.folder.unread).toBe(9);
});

test('what went further down shows in the total: only the fresh page stays', () => {
  expect(uids(withFreshPage(pages(page([4, 3], true), page([2, 1], false)), page([4, 3], true, 8)))).toEqual([4, 3]);
});

test('a message on its way elsewhere is neither shown nor counted', () => {
  const left = without(pages(page([4, 3], true), page([2, 1], false)), '2');
  expect(uids(left)).toEqual([4, 3, 1]);
  expect(left.pages[0]?.folder).toMatchObject({ total: 8, unread: 8 });
  expect(without(left, '2')).toBe(left);
});

test.each([4, 3, 2, 1])('a message that went nowhere is where it was: %d', uid => {
  const loaded = pages(page([4, 3], true), page([2, 1], false));
  const back = withAgain(without(loaded, `${uid}`), item(uid));
  expect(uids(back)).toEqual([4, 3, 2, 1]);
  expect(back.pages.map(({ folder }) => folder)).toEqual(loaded.pages.map(({ folder }) => folder));
  expect(withAgain(back, item(uid))).toBe(back);
});

test('the only message comes back, and one below all that is loaded with the next page', () => {
  expect(withAgain(without(pages(page([1], false)), '1'), item(1))).toEqual(pages(page([1], false)));
  const back = withAgain(without(pages(page([4, 3], true)), '3'), item(3));
  expect(uids(back)).toEqual([4]);
  expect(back.pages[0]?.folder.total).toBe(9);
});

test('the first to expire is the one to wait for', () => {
  expect(firstExpiry([item(1)])).toBeNull();
  expect(firstExpiry([item(1), { ...item(2), expiresAt: '2026-02-02T00:00:00Z' }, { ...item(3), expiresAt: '2026-02-01T00:00:00Z' }])).toBe(Date.parse('2026-02-01T00:00:00Z'));
});
