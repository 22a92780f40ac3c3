// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { AttachmentList } from '../src/reader/AttachmentList.tsx';
import { Around, draw, find, newQueries, settled } from './screen.tsx';

test('the extension of a long name stands by itself, and the whole name is told', async () => {
  const name = `${'minutes of the meeting '.repeat(4)}.pdf.exe`;
  await draw(<Around vault={{}} queries={newQueries()}><AttachmentList messageId="1" attachments={[{ partIndex: 1, name, type: 'application/pdf', size: 10 }]} /></Around>);
  const shown = find(`[title="${name}"]`);
  expect([...shown.children].map(part => part.textContent)).toEqual([name.slice(0, -4), '.exe']);
  expect(find('button .visually-hidden').textContent.trim()).toBe(`Download ${name}`);
});

test('once it is here its size is what it has, not what its encoding let guess', async () => {
  Object.assign(URL, { createObjectURL: () => '#' });
  const vault = { attachment: () => Promise.resolve(new Blob(['hi'])) };
  await draw(<Around vault={vault} queries={newQueries()}><AttachmentList messageId="1" attachments={[{ partIndex: 1, name: 'a.txt', type: 'text/plain', size: 3 }]} /></Around>);
  expect(find('button').textContent).toContain('3 bytes');
  await settled(() => find('button').click());
  expect(find('button').textContent).toContain('2 bytes');
});
