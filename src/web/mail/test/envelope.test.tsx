// @vitest-environment jsdom
import { formatFullDate, formatMessageDate } from '@appliance/ui';
import type { Summary } from '@appliance/formats';
import { expect, test } from 'vitest';
import { Envelope } from '../src/reader/Envelope.tsx';
import { Around, draw, find, newQueries, opened, settled } from './screen.tsx';

const arrivedAt = '2026-11-26T09:10:00Z';
const arrived = formatMessageDate(new Date(arrivedAt), 'en');

async function dates(rest: Partial<Summary>): Promise<string[]> {
  await draw(<Around vault={{}} queries={newQueries()}><Envelope message={{ ...opened, summary: { ...opened.summary, ...rest } }} arrivedAt={arrivedAt} /></Around>);
  return [...document.querySelectorAll('time')].map(time => time.textContent);
}

test('the date above a message is that of the list: when it arrived', async () => {
  expect(await dates({ date: 'Thu, 26 Nov 2026 10:03:00 +0100', dateUtc: '2026-11-26T09:03:00Z' })).toEqual([arrived]);
});

test.each(['2026-11-24T09:10:00Z', '2026-11-29T09:10:00Z'])('the sender’s is told beside it when that is another: %s', async dateUtc => {
  expect(await dates({ date: 'raw', dateUtc })).toEqual([arrived, `sent ${formatMessageDate(new Date(dateUtc), 'en')}`]);
});

test('a message without a date that can be read has that of its arrival', async () => {
  expect(await dates({ date: 'yesterday' })).toEqual([arrived]);
  await settled(() => find('button[aria-expanded]').click());
  expect(find('dl').textContent).toContain('Sentyesterday');
});

test('the details tell both in words, and the field as it came on a closer look', async () => {
  const date = 'Thu, 26 Nov 2026 10:03:00 +0100';
  await dates({ date, dateUtc: '2026-11-26T09:03:00Z' });
  await settled(() => find('button[aria-expanded]').click());
  expect(find(`dd[title="${date}"]`).textContent).toBe(formatFullDate(new Date(date), 'en'));
  expect(find('dl').textContent).toContain(`Arrived${formatFullDate(new Date(arrivedAt), 'en')}`);
});
