// @vitest-environment jsdom
import type { Summary } from '@appliance/formats';
import { expect, test } from 'vitest';
import { MessageRow } from '../src/list/MessageRow.tsx';
import { Envelope } from '../src/reader/Envelope.tsx';
import { HeadersDialog } from '../src/reader/HeadersDialog.tsx';
import { findLinks } from '../src/reader/links.ts';
import { OriginalDialog } from '../src/reader/OriginalDialog.tsx';
import { addressAsShown, asWritten, linesWithSigns } from '../src/visible.ts';
import { Around, draw, find, item, newQueries, opened, settled, until } from './screen.tsx';

const sign = '\ufffd';

test.each([
  ['photo_\u202egpj.exe', 'photo_gpj.exe'], ['Pay\u200bPal', 'PayPal'], ['Pay\u200dPal', 'PayPal'], ['In\u00advoice', 'Invoice'], ['a\u2800\u3164b\u{e0041}', 'ab'], ['a\r\nb', 'a  b'], ['\u2067bank\u2069', 'bank'], ['\u200b', ''],
])('of the name %j is shown %j', (name, shown) => {
  expect(asWritten(name)).toBe(shown);
});

test.each(['محمد علي', 'می\u200cخواهم', 'דוד כהן', 'न\u094d\u200dन', '👩\u200d👩\u200d👧 family', '👩🏽\u200d🚀', '❤\ufe0f\u200d🔥', 'François', '王小明'])('the name %s stays as it is', name => {
  expect(asWritten(name)).toBe(name);
  expect(linesWithSigns(name)).toBe(name);
});

test('an address and a line have a sign wherever there is something that nobody sees', () => {
  expect(addressAsShown('a\u202eb\u200d@c\u00ad.example')).toBe(`a${sign}b${sign}@c${sign}.example`);
  expect(linesWithSigns('a\tb\r\n\u202ec\u0000\u200f')).toBe(`a\tb\r\n${sign}c${sign}${sign}`);
});

const disguised = 'photo_\u202egpj.exe';
const summary = { ...opened.summary, subject: disguised, from: [{ name: 'דוד', address: 'da\u202evid@one.example' }, { name: 'Ann\u202e', address: 'ann@two.example' }], to: [{ name: 'محمد', address: 'm@three.example' }], mime: { type: 'text/plain', children: [] } } as unknown as Summary;
const around = (content: React.ReactNode, vault = {}) => draw(<Around vault={vault} queries={newQueries()}>{content}</Around>);

test('above a message and in the list each name and address stands by itself', async () => {
  const page = await around(<Envelope message={{ ...opened, summary }} arrivedAt={undefined} />);
  await settled(() => find('button[aria-expanded]').click());
  const alone = [...page.querySelectorAll('bdi')].map(name => name.textContent);
  for (const name of ['דוד', 'Ann', 'محمد', `da${sign}vid@one.example`, `<da${sign}vid@one.example>`, '<ann@two.example>', '<m@three.example>']) expect(alone).toContain(name);
  expect(page.textContent).not.toMatch(/\p{Bidi_Control}/u);

  const row = { message: { ...item(1), summary, broken: null }, folder: 'inbox' as const, position: 1, count: 1, top: 0, height: 84, isActive: false, isOpened: false, isNew: false, onOpen: () => undefined };
  const list = await around(<MessageRow {...row} />);
  expect([...list.querySelectorAll('bdi')].map(name => name.textContent)).toEqual(['דוד', 'Ann']);
  expect([...list.querySelectorAll('[dir=auto]')].map(line => line.textContent)).toContain('photo_gpj.exe');
});

test('all headers and the original show a sign, in the order of the bytes', async () => {
  await around(<HeadersDialog opened headers={[{ name: 'Subject', value: disguised, ours: false }]} onClose={() => undefined} />);
  expect(find('td').outerHTML).toMatch(/ dir="ltr".*>photo_\ufffdgpj\.exe</);
  await around(<OriginalDialog opened messageId="1" fileName="a.eml" onClose={() => undefined} />, { original: () => Promise.resolve(new Blob([`Subject: ${disguised}`])) });
  await until(() => document.querySelector('pre') !== null);
  expect(find('pre').textContent).toBe(`Subject: photo_${sign}gpj.exe`);
  expect(find('pre').dir).toBe('ltr');
});

test.each([
  ['a@\u0430pple.example', 'xn--pple-43d.example'], ['@\u0430pple.example', 'xn--pple-43d.example'], ['a@\uff41pple.example', 'apple.example'],
])('beside the address %s stands what its domain is: %s', (address, domain) => {
  expect(addressAsShown(address)).toBe(`${address} (${domain})`);
});

test.each(['a@apple.example', 'a@APPLE.example', '\u0430\u043d\u043d\u0430@apple.example', 'a@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444', 'a@b\u00fccher.example', 'a@a_b.example', 'a@[192.0.2.1]', 'a@'])('the address %s is shown as it is', address => {
  expect(addressAsShown(address)).toBe(address);
});

test('a link ends where it would turn, and leads where it says', () => {
  expect(findLinks('https://a.example/\u202emoc.knab')).toEqual([{ text: 'https://a.example/', href: 'https://a.example/', host: null }, { text: '\u202emoc.knab' }]);
});
