// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { TextBody } from '../src/reader/TextBody.tsx';
import { Around, draw, newQueries } from './screen.tsx';

const drawn = (text: string) => draw(<Around vault={{}} queries={newQueries()}><TextBody text={text} /></Around>);

test('quotes stand back and addresses are links', async () => {
  const page = await drawn('> see https://a.example/\nYes.');
  expect([...page.querySelectorAll('[dir] > div')].map(block => [block.className !== '', block.textContent])).toEqual([[true, '> see https://a.example/\n'], [false, 'Yes.\n']]);
  expect(page.querySelector('a')?.href).toBe('https://a.example/');
});

test.each([['links', 'https://a.example/ ', 12_000], ['quotes', '>\n\n', 12_000]])('of very many %s the page has only so many elements, and all of the text', async (_, piece, count) => {
  const page = await drawn(piece.repeat(count));
  expect(page.querySelectorAll('a, [dir] > div').length).toBeLessThan(11_000);
  expect(page.querySelector('[dir]')?.textContent).toBe(`${piece.repeat(count)}\n`);
});
